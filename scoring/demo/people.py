"""Who the invented people are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from contacts.normalise import normalise
from contacts.records import Attribute
from scoring.demo import content, names
from scoring.demo.companies import MOST, Company, company
from scoring.demo.journeys import Journey, journey_of
from scoring.demo.places import ENGLISH, SPANISH, TITLES, Place

# Salespeople; of the three only the first has an account, so the others' leads show what
# one salesperson does not see of another.
OWNERS: Final = ("saul", "sofia", "simon")
PER_COMPANY: Final = 3.6
TAGS: Final = ("Trade fair", "Newsletter", "Competitor", "Partner")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody before they did anything."""

    number: int
    journey: Journey
    email: str
    first_name: str
    last_name: str
    title: str
    speaks: str
    place: Place
    company: Company | None
    joined: datetime
    keen_at: datetime | None
    campaign: str
    source: str
    owner: str
    tags: tuple[str, ...]
    attributes: Mapping[str, Attribute]


def person(seed: str, number: int, count: int, anchor: datetime) -> Person:
    """The person of this number among ``count``."""
    rng = Random(f"{seed} person {number}")
    journey = journey_of(rng)
    employer = employer_of(rng, seed, count)
    speaks = employer.speaks if employer else rng.choice(("es", "en"))
    first, last = name_of(rng, speaks)
    keen_at = keen(rng, journey, anchor)
    campaign, source, _share = rng.choices(
        content.ORIGINS, [share for _name, _source, share in content.ORIGINS]
    )[0]
    return Person(
        number=number,
        journey=journey,
        email=address(first, last, number, employer),
        first_name=first,
        last_name=last,
        title=title_of(rng, speaks),
        speaks=speaks,
        place=employer.place if employer else rng.choice(SPANISH if speaks == "es" else ENGLISH),
        company=employer,
        joined=joined(rng, keen_at, anchor),
        keen_at=keen_at,
        campaign=campaign,
        source=source,
        owner=owner_of(rng, journey),
        tags=tags_of(rng, journey, source),
        attributes=attributes_of(rng, employer, anchor),
    )


def employer_of(rng: Random, seed: str, count: int) -> Company | None:
    """Some companies send many people, most send one or two."""
    if rng.random() < 0.06:
        return None
    companies = max(1, min(MOST, round(count / PER_COMPANY)))
    return company(seed, int(companies * rng.random() ** 1.4))


def name_of(rng: Random, speaks: str) -> tuple[str, str]:
    if speaks == "es":
        surnames = rng.sample(names.SPANISH_LAST, 2)
        return rng.choice(names.SPANISH_FIRST), " ".join(surnames)
    return rng.choice(names.ENGLISH_FIRST), rng.choice(names.ENGLISH_LAST)


def address(first: str, last: str, number: int, employer: Company | None) -> str:
    """Unique, because the number is in it."""
    local = normalise(f"{first}.{last.split()[0]}").replace(" ", "")
    return f"{local}.{number}@{employer.domain if employer else 'mail.example'}"


def title_of(rng: Random, speaks: str) -> str:
    _share, spanish, english = rng.choices(TITLES, [share for share, _es, _en in TITLES])[0]
    return rng.choice(spanish if speaks == "es" else english)


def keen(rng: Random, journey: Journey, anchor: datetime) -> datetime | None:
    if journey.peak is None:
        return None
    return anchor - timedelta(days=rng.uniform(*journey.peak))


def joined(rng: Random, keen_at: datetime | None, anchor: datetime) -> datetime:
    """Before they were keen; and within the year before the anchor."""
    first = anchor - timedelta(days=364)
    last = (keen_at or anchor) - timedelta(days=6)
    moment = first + (last - first) * rng.random() if last > first else first
    return moment.replace(hour=rng.randrange(6, 22), microsecond=0)


def owner_of(rng: Random, journey: Journey) -> str:
    """Nobody owns those who only read: they are in the pool."""
    return rng.choice(OWNERS) if rng.random() < owned(journey) else ""


def owned(journey: Journey) -> float:
    """How many have a salesperson: those who get a deal, and some more."""
    return min(1.0, journey.deal + 0.05)


def tags_of(rng: Random, journey: Journey, source: str) -> tuple[str, ...]:
    holds = (
        source == "Trade fair",
        rng.random() < journey.opens,
        rng.random() < 0.01,
        source == "Referral",
    )
    return tuple(tag for tag, is_held in zip(TAGS, holds, strict=True) if is_held)


def attributes_of(rng: Random, employer: Company | None, anchor: datetime) -> dict[str, Attribute]:
    """Custom fields, of which many are not known."""
    found: dict[str, Attribute] = {}
    if employer and rng.random() < 0.5:
        found["seats"] = max(1, round(employer.employees * rng.uniform(0.02, 0.3)))
    if rng.random() < 0.45:
        found["current_tool"] = rng.choice(content.TOOLS)
    if rng.random() < 0.25:
        found["budget_approved"] = rng.random() < 0.4
    if rng.random() < 0.2:
        ends = anchor + timedelta(days=rng.randrange(-30, 360))
        found["contract_ends"] = ends.date().isoformat()
    return found

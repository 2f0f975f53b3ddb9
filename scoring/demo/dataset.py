"""The whole invented data set, person by person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from contacts.records import ActivityRecord, ContactRecord, DealRecord
from scoring.demo import content
from scoring.demo.behaviour import Diary, diary_of
from scoring.demo.people import Person, person
from scoring.demo.selling import Sale, sale_of

SEED = "lumbre 1"
PEOPLE = 2000


class Touch(NamedTuple):
    """A contact, by address, met a campaign, by name."""

    email: str
    campaign: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Life:
    """All that there is to store of one person."""

    contact: ContactRecord
    activities: list[ActivityRecord]
    deal: DealRecord | None
    touches: list[Touch]


def lives(anchor: datetime, people: int = PEOPLE, seed: str = SEED) -> Iterator[Life]:
    """The lives of a year that ends at the anchor; the same for the same arguments."""
    for number in range(people):
        yield life_of(person(seed, number, people, anchor), seed, anchor)


def life_of(who: Person, seed: str, anchor: datetime) -> Life:
    diary = diary_of(seed, who, anchor)
    sale = sale_of(seed, diary)
    rng = Random(f"{seed} end {who.number}")
    left = rng.random() < 0.03
    if left:
        diary.note(diary.any_day(), "unsubscribe", "Newsletter")
    activities = diary.records()
    # An unsubscription may fall before the day on which they joined: then it did not happen.
    left = any(activity.type == "unsubscribe" for activity in activities)
    return Life(
        contact=contact_record(who, lifecycle(who, sale), left, rng.random() < 0.02),
        activities=activities,
        deal=sale.record if sale else None,
        touches=list(touches(who, diary)),
    )


def lifecycle(who: Person, sale: Sale | None) -> str:
    if sale:
        return sale.lifecycle
    if who.journey.name in ("buyer", "evaluating"):
        return "mql"
    return "subscriber" if who.source == "Newsletter" else "lead"


def contact_record(who: Person, lifecycle: str, unsubscribed: bool, bounced: bool) -> ContactRecord:
    rng = Random(f"{who.email} card")
    digits = "".join(rng.choices("0123456789", k=7))
    fields: dict[str, object] = {
        "first_name": who.first_name,
        "last_name": who.last_name,
        # Numbers of the blocks that no telephone company gives out.
        "phone": f"+1 555 01{digits[:2]} {digits[2:5]}" if rng.random() < 0.6 else "",
        "job_title": who.title,
        "language": who.speaks,
        "city": who.place.city,
        "region": who.place.region,
        "country": who.place.country,
        "source": who.source,
        "campaign": who.campaign,
        "owner": who.owner,
        "lifecycle": lifecycle,
        "unsubscribed": unsubscribed,
        "bounced": bounced,
        "created_at": who.joined,
    }
    return ContactRecord(
        email=who.email,
        fields=fields,
        company=company_fields(who),
        tags=who.tags,
        attributes=who.attributes,
    )


def company_fields(who: Person) -> dict[str, object] | None:
    if who.company is None:
        return None
    return {
        "name": who.company.name,
        "domain": who.company.domain,
        "industry": who.company.industry,
        "country": who.company.place.country,
        "employees": float(who.company.employees),
        "annual_revenue": float(who.company.annual_revenue),
    }


def touches(who: Person, diary: Diary) -> Iterator[Touch]:
    """What brought them, the webinars and events that they came to, and mailed clicks."""
    yield Touch(who.email, who.campaign, who.joined)
    events = {event.title for event in content.EVENTS}
    for when, kind, target, _known, automated in diary.entries:
        if kind == "webinar_attend":
            yield Touch(who.email, "Webinar series", when)
        elif kind == "event_attend" and target in events:
            yield Touch(who.email, target, when + timedelta(minutes=1))
        elif kind == "email_click" and not automated:
            yield Touch(who.email, "Newsletter", when)

"""Invented contacts and activities of any number, the same for the same seed.

Skewed as in life: a few contacts do much, a few types and targets are frequent (Zipf).
Activities come in the order of time, as they would arrive, so those of one contact lie
scattered over the whole table.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from contacts.normalise import digest, normalise, tag_types

END = datetime(2026, 11, 1, tzinfo=UTC)
YEARS = 2
SPAN = timedelta(days=365 * YEARS)
CHUNK = 10_000

# In falling frequency: the n-th is 1/n as frequent as the first.
TYPES = (
    *("page_view", "email_open", "visit", "email_click", "newsletter_open", "social_like"),
    *("newsletter_click", "download", "form_submit", "social_share", "social_comment"),
    *("webinar_signup", "email_reply", "social_follow", "webinar_attend", "event_attend"),
    *("call", "meeting_booked", "purchase", "unsubscribe"),
)
PLACES = ("blog", "docs", "product", "pricing", "webinar", "guide", "mail", "case")
TITLES = (
    *("Director of Marketing", "CEO", "Head of Sales", "Analyst", "Engineer", "Consultant"),
    *("Student", "Assistant", "CTO", "Owner", "Product Manager", "Dirección Comercial", ""),
)
COUNTRIES = ("ES", "PT", "FR", "DE", "GB", "US", "MX", "AR", "")
SOURCES = ("organic", "ads", "fair", "referral", "partner", "")
CITIES = ("Madrid", "Málaga", "Lisboa", "Paris", "Berlin", "London", "")
LIFECYCLES = ("subscriber", "lead", "mql", "sql", "customer", "")
INDUSTRIES = ("software", "retail", "health", "energy", "education")
PLANS = ("free", "team", "enterprise")
TAGS = 50
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is; targets grow slowly, as the pages and messages of a company do."""

    contacts: int
    activities: int
    targets: int = 5000

    @property
    def companies(self) -> int:
        return max(1, self.contacts // 5)


SIZES = {
    "tiny": Size(200, 2_000, 100),
    "tenth": Size(10_000, 100_000),
    "fifth": Size(20_000, 200_000),
    "half": Size(50_000, 500_000),
    "S": Size(100_000, 1_000_000),
    "double": Size(200_000, 2_000_000),
    "M": Size(1_000_000, 10_000_000),
}


def zipf(count: int, exponent: float) -> list[float]:
    """Cumulated weights of ranks 1 to ``count``."""
    return list(accumulate(rank**-exponent for rank in range(1, count + 1)))


def targets(size: Size) -> Iterator[Row]:
    """id, text, norm, key."""
    for at in range(1, size.targets + 1):
        text = "" if at == 1 else f"/{PLACES[at % len(PLACES)]}/Page-{at}"
        yield at, text, normalise(text), digest(normalise(text))


def companies(size: Size, seed: int) -> Iterator[Row]:
    """In the order of COMPANY_COLUMNS."""
    draw = random.Random(f"{seed} companies")
    for at in range(1, size.companies + 1):
        name, domain = f"Company {at}", f"company{at}.example"
        industry, country = draw.choice(INDUSTRIES), draw.choice(COUNTRIES)
        yield (
            *(at, name, name.lower(), domain, domain, industry, industry),
            *(country, country.lower(), float(draw.randint(1, 5000)), digest(f"domain {domain}")),
        )


COMPANY_COLUMNS = (
    *("id", "name", "name_norm", "domain", "domain_norm", "industry", "industry_norm"),
    *("country", "country_norm", "employees", "key"),
)


def attributes_pool(draw: random.Random) -> list[tuple[str, str]]:
    """Some values of the custom fields, as JSON beside the JSON of their twin."""
    pool = []
    for _ in range(1000):
        values = {
            "seats": draw.randint(1, 500),
            "plan": draw.choice(PLANS),
            "budget": draw.random() < 0.3,
            "renewal": (END - timedelta(days=draw.randint(-300, 600))).date().isoformat(),
        }
        pool.append((json.dumps(values), json.dumps(tag_types(values, dates=True))))
    return pool


def contacts(size: Size, seed: int) -> Iterator[Row]:
    """In the order of CONTACT_COLUMNS."""
    draw = random.Random(f"{seed} contacts")
    pool = attributes_pool(draw)
    norms = {text: normalise(text) for text in (*TITLES, *COUNTRIES, *CITIES)}
    for at in range(1, size.contacts + 1):
        email = f"person{at}@company{at % size.companies + 1}.example"
        title, country, city = draw.choice(TITLES), draw.choice(COUNTRIES), draw.choice(CITIES)
        source, lifecycle = draw.choice(SOURCES), draw.choice(LIFECYCLES)
        created = END - SPAN * draw.random()
        attributes, twin = draw.choice(pool)
        yield (
            *(at, email, email, email, title, norms[title], country, norms[country]),
            *(city, norms[city], source, source, lifecycle, lifecycle),
            *(draw.random() < 0.05, draw.random() < 0.03, created),
            *(draw.randint(1, size.companies) if draw.random() < 0.8 else None, attributes, twin),
        )


CONTACT_COLUMNS = (
    *("id", "email", "email_key", "email_norm", "job_title", "job_title_norm"),
    *("country", "country_norm", "city", "city_norm", "source", "source_norm"),
    *("lifecycle", "lifecycle_norm", "unsubscribed", "bounced", "created_at"),
    *("company_id", "attributes", "attributes_norm"),
)


def contact_tags(size: Size, seed: int) -> Iterator[Row]:
    """contact id, tag id: from none to three for each contact."""
    draw = random.Random(f"{seed} tags")
    for contact in range(1, size.contacts + 1):
        for tag in sorted({draw.randint(1, TAGS) for _ in range(draw.randint(0, 3))}):
            yield contact, tag


def properties_pool(draw: random.Random) -> list[tuple[str | None, str | None]]:
    """What an activity may carry; seven in ten carry nothing."""
    pool: list[tuple[str | None, str | None]] = [(None, None)] * 700
    for _ in range(300):
        values = {
            "seconds": draw.randint(1, 600),
            "device": draw.choice(["Mobile", "Desktop", "Tablet"]),
            "returning": draw.random() < 0.5,
        }
        pool.append((json.dumps(values), json.dumps(tag_types(values))))
    return pool


def activities(size: Size, seed: int, types: dict[str, int]) -> Iterator[Row]:
    """In the order of ACTIVITY_COLUMNS, and of time."""
    draw = random.Random(f"{seed} activities")
    people = list(range(1, size.contacts + 1))
    draw.shuffle(people)
    pool = properties_pool(draw)
    kinds = [types[slug] for slug in TYPES]
    weights = zipf(size.contacts, 0.7), zipf(len(kinds), 1.0), zipf(size.targets, 1.0)
    step = SPAN / size.activities
    for start in range(0, size.activities, CHUNK):
        count = min(CHUNK, size.activities - start)
        drawn = zip(
            draw.choices(people, cum_weights=weights[0], k=count),
            draw.choices(kinds, cum_weights=weights[1], k=count),
            draw.choices(range(1, size.targets + 1), cum_weights=weights[2], k=count),
            draw.choices(pool, k=count),
            strict=True,
        )
        for at, (person, kind, target, (properties, twin)) in enumerate(drawn, start):
            moment = END - SPAN + at * step + step * draw.random()
            automated = draw.random() < 0.03
            yield person, kind, target, automated, moment, f"a{at}", properties, twin


ACTIVITY_COLUMNS = (
    *("contact_id", "type_id", "target_id", "automated", "occurred_at", "external_id"),
    *("properties", "properties_norm"),
)

"""Deals: who gets one, how it ends, and what selling leaves in the diary.

A deal is won the more probably the more its contact had shown before: so reports and
learning have something true to find.
"""

import math
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from contacts.records import DealRecord
from scoring.demo import content
from scoring.demo.behaviour import SOURCE, Diary
from scoring.demo.people import Person, owned

# Days, and the chance below which a deal takes so many more.
SLOW = 21
LITTLE = 0.55
OPEN_STAGES = ("Hot Leads", "Contacted", "Meeting", "Proposal")


@dataclass(frozen=True, slots=True)
class Sale:
    """A deal and what it made of its contact (``lifecycle``)."""

    record: DealRecord
    lifecycle: str


def sale_of(seed: str, diary: Diary) -> Sale | None:
    """The deal with this person, if there is one; calls and purchases go into the diary."""
    person, rng = diary.person, Random(f"{seed} sale {diary.person.number}")
    # Of the people who have a salesperson: a deal is somebody's.
    likely = person.journey.deal / owned(person.journey)
    if person.keen_at is None or not person.owner or rng.random() >= likely:
        return None
    opened = diary.working_hour(person.keen_at + timedelta(days=1))
    if not person.joined <= opened < diary.anchor:
        return None
    hopes = chance(diary, opened)
    # Whoever had shown little takes longer.
    days = rng.randrange(12, 75) + (SLOW if hopes < LITTLE else 0)
    due = diary.working_hour(opened + timedelta(days=days))
    closed = due if due < diary.anchor else None
    call(diary, rng, opened, closed or diary.anchor)
    if closed is None:
        return Sale(deal(rng, person, opened, rng.choice(OPEN_STAGES)), "opportunity")
    won = rng.random() < hopes
    if won:
        diary.note(closed, "purchase", product_of(person).name, seats=seats_of(person))
    record = deal(rng, person, opened, "Won" if won else "Lost", closed)
    return Sale(record, "customer" if won else "lost")


def chance(diary: Diary, opened: datetime) -> float:
    """How probably the deal is won, from what was done up to some days after it was opened."""
    until = opened + timedelta(days=10)
    done = Counter(kind for when, kind, _target, _known, auto in diary.entries
                   if when <= until and not auto)  # fmt: skip
    prices = sum(
        target.startswith("/pricing") for when, _k, target, _p, _a in diary.entries if when <= until
    )
    signs = (
        0.55 * min(prices, 6)
        + 1.1 * bool(done["webinar_attend"] or done["event_attend"])
        + 0.9 * bool(done["meeting_booked"])
        + 0.5 * min(done["email_reply"], 2)
        + 0.05 * min(done["email_click"], 10)
    )
    employees = diary.person.company.employees if diary.person.company else 1
    suits = 0.6 if 50 <= employees <= 1000 else -0.4 if employees < 5 else 0.0
    return 1 / (1 + math.exp(2.6 - signs - suits))


def call(diary: Diary, rng: Random, opened: datetime, until: datetime) -> None:
    """Sales calls after the deal was opened."""
    when = opened + timedelta(days=1)
    for _call in range(rng.randrange(1, 5)):
        if when >= until:
            return
        answered = rng.random() < 0.6
        diary.note(
            diary.working_hour(when),
            *("call", "Sales call"),
            answered=answered,
            result="reached" if answered else "voicemail",
            minutes=rng.randrange(3, 40) if answered else 0,
        )
        when += timedelta(days=rng.randrange(3, 14))


def product_of(person: Person) -> content.ProductPlan:
    seats = seats_of(person)
    return next(product for product in content.PRODUCTS if seats <= product.seats)


def seats_of(person: Person) -> int:
    seats = person.attributes.get("seats")
    return int(seats) if isinstance(seats, int) else 4


def deal(
    rng: Random, person: Person, opened: datetime, stage: str, closed: datetime | None = None
) -> DealRecord:
    product = product_of(person)
    reasons = {"Won": content.WON_BECAUSE, "Lost": content.LOST_BECAUSE}.get(stage, ())
    about = person.company.name if person.company else f"{person.first_name} {person.last_name}"
    return DealRecord(
        external_id=str(person.number),
        name=f"{product.name}: {about}",
        stage=stage,
        source=SOURCE,
        contact=person.email,
        product=product.name,
        campaign=person.campaign,
        owner=person.owner,
        amount=Decimal(12 * seats_of(person)) * product.price,
        opened_at=opened,
        closed_at=closed,
        reason=rng.choice(reasons) if reasons else "",
    )

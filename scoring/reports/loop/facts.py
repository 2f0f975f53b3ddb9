"""What became of leads since they came, each kind of fact read in one query."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

from django.db.models import F, Min, QuerySet
from django.db.models.functions import Coalesce

from contacts.models import CampaignTouch, Deal, FieldChange, Lifecycle, Stage
from scoring.criteria.expressions import OneOf
from scoring.engine.models import Score, ScoreChange, Track
from scoring.pipeline.feedback.models import Handover
from scoring.reports.asking import Question
from scoring.reports.stages import STAGES

T = TypeVar("T")
Q = TypeVar("Q", bound=QuerySet[Any])
# When each of the stages was first reached.
Reached = tuple[datetime | None, ...]
# Of a group's handovers: those that were answered in time, or overdue or answered at all.
ANSWERS: Final = ("answer_in_time", "answer_due")
NOT_YET: Final[Reached] = (None,) * len(STAGES)


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    source: str
    # As it is compared: without case and accents.
    source_key: str


@dataclass(frozen=True, slots=True)
class Facts:
    """By contact. ``entries`` and ``touches`` hold those of the period alone.

    ``touches``: by campaign, who met it first in the period. ``answers``: of handovers that
    were answered or are overdue, whether in time. ``sales``: deals that were won.
    """

    entries: Mapping[int, Entry] = field(default_factory=dict)
    touches: Mapping[int, Mapping[int, datetime]] = field(default_factory=dict)
    standing: Mapping[int, tuple[str, str | None]] = field(default_factory=dict)
    rises: Mapping[int, Sequence[datetime]] = field(default_factory=dict)
    reached: Mapping[int, Reached] = field(default_factory=dict)
    answers: Mapping[int, Sequence[tuple[datetime, bool]]] = field(default_factory=dict)
    sales: Mapping[int, Sequence[tuple[datetime, Decimal]]] = field(default_factory=dict)


def facts_of(question: Question, track: Track | None) -> Facts:
    closed = deals_of(question)
    return Facts(
        entries=entries_of(question),
        touches=touches_of(question),
        standing=standing_of(question, track) if track else {},
        rises=rises_of(question, track) if track else {},
        reached=reached_of(question, closed),
        answers=answers_of(question),
        sales=sales_of(closed),
    )


def facts_behind(
    question: Question, track: Track | None, leads: Collection[int], what: str
) -> Facts:
    """What it takes to say which of these leads are behind one figure; the rest is left empty."""
    kind, _equals, named = what.rpartition("=")
    if named in STAGES and kind not in ("band", "grade"):
        return Facts(reached=reached_of(question, deals_of(question, leads), leads))
    if what in ANSWERS:
        return Facts(answers=answers_of(question, leads))
    if what == "won":
        return Facts(sales=sales_of(deals_of(question, leads)))
    if track is None:
        return Facts()
    if what == "hot":
        return Facts(rises=rises_of(question, track, leads))
    return Facts(standing=standing_of(question, track, leads))


def narrowed(rows: Q, question: Question, leads: Collection[int] | None = None) -> Q:
    """To those that are asked about, or to some leads that are known to be among them."""
    if leads is not None:
        return rows.filter(OneOf(F("contact"), tuple(leads)))
    return rows if question.is_of_all else rows.filter(contact__in=question.contacts())


def gathered(pairs: Sequence[tuple[int, T]]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = defaultdict(list)
    for contact, one in pairs:
        found[contact].append(one)
    return found


def entries_of(question: Question, **inside: str) -> dict[int, Entry]:
    rows = question.contacts().annotate(entry=Coalesce("created_at", "stored_at"))
    rows = rows.filter(**question.during("entry"), **inside).order_by("entry", "pk")
    return {
        pk: Entry(at, source, key)
        for pk, at, source, key in rows.values_list("pk", "entry", "source", "source_norm")
    }


def touches_of(question: Question) -> dict[int, dict[int, datetime]]:
    rows = narrowed(CampaignTouch.objects.all(), question)
    if question.campaign is not None:
        rows = rows.filter(campaign=question.campaign)
    firsts = rows.order_by().values("campaign", "contact").annotate(first=Min("occurred_at"))
    found: dict[int, dict[int, datetime]] = defaultdict(dict)
    inside = firsts.filter(**question.during("first"))
    for campaign, contact, at in inside.values_list("campaign", "contact", "first"):
        found[campaign][contact] = at
    return found


def standing_of(
    question: Question, track: Track, leads: Collection[int] | None = None
) -> dict[int, tuple[str, str | None]]:
    rows = narrowed(Score.objects.filter(track=track), question, leads).order_by()
    return {pk: (band, grade) for pk, band, grade in rows.values_list("contact", "band", "grade")}


def rises_of(
    question: Question, track: Track, leads: Collection[int] | None = None
) -> dict[int, list[datetime]]:
    """When each came into the highest band; to move within it is none."""
    highest = track.version.document_value.bands[-1].name
    rows = narrowed(ScoreChange.objects.filter(track=track), question, leads)
    rises = rows.filter(band=highest, as_of__lt=question.now).exclude(band_before=highest)
    return gathered(list(rises.order_by().values_list("contact_id", "as_of")))


@dataclass(frozen=True, slots=True)
class Sold:
    contact: int
    opened_at: datetime | None
    won_at: datetime | None
    amount: Decimal


def deals_of(question: Question, leads: Collection[int] | None = None) -> list[Sold]:
    """Of contacts, as they stand; won without a day of closing: nobody knows when."""
    rows = narrowed(Deal.objects.filter(contact__isnull=False), question, leads).order_by()
    found = []
    for contact, outcome, opened, closed, amount in rows.values_list(
        "contact_id", "stage__outcome", "opened_at", "closed_at", "amount"
    ):
        won = closed if outcome == Stage.Outcome.WON and closed and closed < question.now else None
        known = opened if opened and opened < question.now else None
        found.append(Sold(contact or 0, known, won, amount or Decimal(0)))
    return found


def reached_of(
    question: Question, deals: Sequence[Sold], leads: Collection[int] | None = None
) -> dict[int, Reached]:
    """First times: of the life cycle, of the first deal opened, of the first deal won."""
    firsts: dict[int, dict[str, datetime]] = defaultdict(dict)

    def note(contact: int, stage: str, at: datetime | None) -> None:
        if at is not None:
            firsts[contact][stage] = min(at, firsts[contact].get(stage, at))

    changes = FieldChange.objects.filter(
        field="lifecycle", contact__isnull=False, changed_at__lt=question.now
    )
    by_stage = narrowed(changes, question, leads).order_by().values("contact", "after")
    for contact, after, at in by_stage.annotate(first=Min("changed_at")).values_list(
        "contact", "after", "first"
    ):
        if after in STAGES:
            note(contact, str(after), at)
    for deal in deals:
        note(deal.contact, Lifecycle.OPPORTUNITY, deal.opened_at)
        note(deal.contact, Lifecycle.CUSTOMER, deal.won_at)
    return {contact: passed(times) for contact, times in firsts.items()}


def passed(times: Mapping[str, datetime]) -> Reached:
    """Whoever leaps over a stage has reached it with the next one."""
    found: list[datetime | None] = []
    soonest: datetime | None = None
    for stage in reversed(STAGES):
        known = [at for at in (soonest, times.get(stage)) if at is not None]
        soonest = min(known, default=None)
        found.insert(0, soonest)
    return tuple(found)


def answers_of(
    question: Question, leads: Collection[int] | None = None
) -> dict[int, list[tuple[datetime, bool]]]:
    rows = narrowed(Handover.objects.filter(handed_at__lt=question.now), question, leads)
    if question.model is not None:
        rows = rows.filter(model=question.model)
    found: list[tuple[int, tuple[datetime, bool]]] = []
    for contact, handed, due, answered in rows.order_by().values_list(
        "contact_id", "handed_at", "feedback_by", "answered_at"
    ):
        if answered is not None:
            found.append((contact, (handed, due is None or answered <= due)))
        elif due is not None and due < question.now:
            found.append((contact, (handed, False)))
    return gathered(found)


def sales_of(deals: Sequence[Sold]) -> dict[int, list[tuple[datetime, Decimal]]]:
    won = [(one.contact, (one.won_at, one.amount)) for one in deals if one.won_at is not None]
    return gathered(won)

"""What was seen from each look, and what came after it: rows are read once for all of them.

Rows are read as a stream and kept as counts, so memory does not grow with them, and more looks
take no more queries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q

from contacts.models.sales import Stage
from scoring.criteria.document import EXCLUDED
from scoring.engine.models import Track
from scoring.reports.ahead.looks import WEEKS, Look, Waits, by_weeks, earliest, wait_of
from scoring.reports.ahead.rows import CHUNK, deals, leads_by_day, stays, visits_by_day
from scoring.reports.asking import Question
from scoring.reports.periods import Period


@dataclass(frozen=True, slots=True)
class Move:
    """A contact entered a band, at ``begun``."""

    band: str
    begun: datetime
    day: date
    opened: datetime | None
    left: datetime | None

    @property
    def came(self) -> datetime | None:
        """When it got a deal while it was in the band."""
        opened = self.opened
        return opened if opened and (self.left is None or opened <= self.left) else None


@dataclass(frozen=True, slots=True)
class Sale:
    opened: datetime
    closed: datetime | None
    is_won: bool
    amount: Decimal


def ahead() -> list[int]:
    return [0] * WEEKS


@dataclass(slots=True)
class Came:
    """What came in the weeks after a look, counted as it was forecast."""

    visits: list[int] = field(default_factory=ahead)
    leads: list[int] = field(default_factory=ahead)
    entries: dict[str, list[int]] = field(default_factory=dict)
    opportunities: list[int] = field(default_factory=ahead)
    customers: list[int] = field(default_factory=ahead)
    revenue: list[float] = field(default_factory=lambda: [0.0] * WEEKS)


@dataclass(slots=True)
class Seen:
    """By the week of the period, or in all of it.

    ``began``: since when there are scores. ``opportunities`` are deals of leads in a band, and
    ``deals_opened`` all of contacts. ``counts_waits``: whether more is asked than what came.
    """

    look: Look
    counts_waits: bool = True
    began: datetime | None = None
    visits: Sequence[int] = ()
    leads: Sequence[int] = ()
    entries: dict[str, list[int]] = field(default_factory=dict)
    opportunities: list[int] = field(default_factory=list)
    deals_opened: list[int] = field(default_factory=list)
    bands: dict[str, Waits] = field(default_factory=dict)
    deals: Waits = field(default_factory=Waits)
    amounts: list[float] = field(default_factory=list)
    came: Came = field(default_factory=Came)

    def __post_init__(self) -> None:
        self.opportunities = [0] * self.look.weeks
        self.deals_opened = [0] * self.look.weeks

    def day(self, at: datetime) -> date:
        return self.look.period.day_of(at)

    def note_days(self, leads: Mapping[date, int], visits: Mapping[date, int]) -> None:
        look = self.look
        self.leads = by_weeks(look.period.first, look.weeks, leads)
        self.visits = by_weeks(look.period.first, look.weeks, visits)
        self.came.leads = by_weeks(look.ahead.first, WEEKS, leads)
        self.came.visits = by_weeks(look.ahead.first, WEEKS, visits)

    def note_move(self, move: Move) -> None:
        look = self.look
        if move.day < look.period.first:
            return
        week = look.week(move.day)
        if week is not None:
            self.entries.setdefault(move.band, [0] * look.weeks)[week] += 1
            if self.counts_waits:
                wait = wait_of(move.begun, move.opened, move.left, look.now)
                self.bands.setdefault(move.band, Waits()).counted[wait] += 1
        elif (later := look.week_ahead(move.day)) is not None:
            self.came.entries.setdefault(move.band, ahead())[later] += 1
        if move.came is not None:
            self.note_opportunity(self.day(move.came))

    def note_opportunity(self, day: date) -> None:
        if (week := self.look.week(day)) is not None:
            self.opportunities[week] += 1
        elif (later := self.look.week_ahead(day)) is not None:
            self.came.opportunities[later] += 1

    def note_sale(self, sale: Sale) -> None:
        look = self.look
        opened = self.day(sale.opened)
        closed = None if sale.closed is None else self.day(sale.closed)
        if (week := look.week(opened)) is not None:
            self.deals_opened[week] += 1
            if self.counts_waits:
                won = sale.closed if sale.is_won else None
                self.deals.counted[wait_of(sale.opened, won, sale.closed, look.now)] += 1
        if not sale.is_won or closed is None:
            return
        if look.week(closed) is not None:
            self.amounts.append(float(sale.amount))
        elif opened >= look.period.first and (later := look.week_ahead(closed)) is not None:
            self.came.customers[later] += 1
            self.came.revenue[later] += float(sale.amount)


def look_back(
    question: Question,
    track: Track,
    found: Sequence[Seen],
    leads: Mapping[date, int] | None = None,
) -> None:
    """Fill what was seen, in three or four queries; ``leads`` by day, where they are known."""
    if not found:
        return
    first = earliest(seen.look for seen in found)
    today = question.period.day_of(question.now)
    whole = Period(first, max(today, first), question.period.zone)
    by_day = leads_by_day(question, whole) if leads is None else leads
    visits = visits_by_day(question, whole)
    for seen in found:
        seen.note_days(by_day, visits)
    note_moves(question, track, found)
    note_sales(question, whole, found)


def note_moves(question: Question, track: Track, found: Sequence[Seen]) -> None:
    rows = stays(question, track).values_list("band", "as_of", "opened", "left")
    began: datetime | None = None
    for band, begun, opened, left in rows.iterator(chunk_size=CHUNK):
        began = begun if began is None else min(began, begun)
        if band not in (None, EXCLUDED):
            move = Move(band, begun, question.period.day_of(begun), opened, left)
            for seen in found:
                seen.note_move(move)
    for seen in found:
        seen.began = began


def note_sales(question: Question, whole: Period, found: Sequence[Seen]) -> None:
    lately = Q(opened_at__gte=whole.start) | Q(closed_at__gte=whole.start)
    rows = deals(question).filter(lately, opened_at__lt=question.now)
    columns = rows.values_list("opened_at", "closed_at", "stage__outcome", "amount")
    for opened, closed, outcome, amount in columns.iterator(chunk_size=CHUNK):
        known = closed if closed is not None and closed < question.now else None
        won = known is not None and outcome == Stage.Outcome.WON
        sale = Sale(opened, known, won, amount or Decimal(0))
        for seen in found:
            seen.note_sale(sale)

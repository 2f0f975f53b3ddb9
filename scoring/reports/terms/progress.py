"""How far each goal is: now, in the periods before, and how far one would expect it to be."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from contacts.models import Calendar, Lifecycle
from contacts.working_time import NoWorkingTime, WorkingTime
from scoring.engine.proportions import Proportion
from scoring.reports.asking import OWN_DAYS, Question
from scoring.reports.periods import DAY, Grain, Period, first_of, last_of
from scoring.reports.stages import STAGES
from scoring.reports.terms.counting import Counter
from scoring.reports.terms.models import Goal, Terms, What

# More periods than these are no picture.
PERIODS_MOST: Final = 60
STAGE_OF: Final = {What(stage.value): stage for stage in STAGES}


class Standing(Enum):
    REACHED = "reached"
    ON_THE_WAY = "on_the_way"
    BEHIND = "behind"
    MISSED = "missed"
    # Nothing was due, or the band is no longer in the model.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Piece:
    """A week or month. ``count``: leads; ``share``: of a promise of sales; None: unknown.

    ``goal``: what was agreed then; None where nothing was. ``passed``: the share of its working
    time that is over, from 0 to 1; on the last evening of work all of it, though it goes on.
    """

    period: Period
    count: int | None
    share: Proportion | None
    goal: int | None
    passed: float
    is_over: bool = False

    @property
    def number(self) -> float | None:
        """As the goal is given: leads, or per cent."""
        if self.share is None:
            return self.count
        # Divided last: a hundred times a share of 0.29 is less than 29.
        return 100 * self.share.count / self.share.of if self.share.of else None

    def standing(self, goal: int) -> Standing:
        if self.number is None:
            return Standing.UNKNOWN
        if self.number >= goal:
            return Standing.REACHED
        if self.is_over:
            return Standing.MISSED
        if self.share is None and self.number >= goal * self.passed:
            return Standing.ON_THE_WAY
        return Standing.BEHIND


@dataclass(frozen=True, slots=True)
class Progress:
    """``pieces`` in order; the last one is under way or, of a past question, the last of it."""

    goal: Goal
    pieces: Sequence[Piece]

    @property
    def now(self) -> Piece:
        return self.pieces[-1]

    @property
    def expected(self) -> float:
        """By now, of a number that grows evenly while people work; a share holds at all times."""
        if self.goal.kind.is_share:
            return float(self.goal.number)
        return self.goal.number * self.now.passed

    @property
    def standing(self) -> Standing:
        return self.now.standing(self.goal.number)


def passed(period: Period, now: datetime, working: WorkingTime) -> float:
    """Which share of the working time of a period is over; without any, none until its end."""
    # Two times of one zone are subtracted by their clocks, so all go to UTC first.
    start, end, at = (each.astimezone(UTC) for each in (period.start, period.end, now))
    if at >= end:
        return 1.0
    try:
        whole = working.between(start, end)
        return working.between(start, at) / whole if whole else 0.0
    except NoWorkingTime:
        return 0.0


def pieces_of(question: Question, grain: Grain) -> list[Period]:
    """The whole weeks or months in which the days of the question lie, none of them to come."""
    zone = question.period.zone
    today = question.period.day_of(question.now)
    last = last_of(min(question.period.last, today), grain)
    first = first_of(min(question.period.first, today), grain)
    return Period(first, last, zone).pieces(grain)[-PERIODS_MOST:]


def lately(question: Question, grain: Grain, periods: int) -> Question:
    """Of so many weeks or months, of which the last is under way."""
    today = question.period.day_of(question.now)
    first = first_of(today, grain)
    for _step in range(periods - 1):
        first = first_of(first - DAY, grain)
    return replace(question, period=Period(first, today, question.period.zone), span=OWN_DAYS)


def progress_of(terms: Terms, question: Question) -> list[Progress]:
    """Of each goal, in a number of queries that does not grow with the leads or the periods."""
    pieces = pieces_of(question, terms.grain)
    working = Calendar.objects.default().working_time()
    goals = list(terms.goals.all())
    counter = Counter(question, question.track)
    is_of_stage = any(goal.kind in STAGE_OF for goal in goals)
    measuring = Measuring(
        terms,
        pieces,
        [passed(piece, question.now, working) for piece in pieces],
        list(Terms.objects.of(terms.model).filter(agreed_at__isnull=False)),
        counter,
        counter.reached(pieces) if is_of_stage else {},
    )
    return [Progress(goal, list(measuring.of(goal))) for goal in goals]


@dataclass(frozen=True, slots=True)
class Measuring:
    """Of all goals of some terms. ``over``: of each piece the share of its working time.

    ``agreed``: all sets that ever held. ``reached``: by stage, the leads of each piece.
    """

    terms: Terms
    pieces: Sequence[Period]
    over: Sequence[float]
    agreed: Sequence[Terms]
    counter: Counter
    reached: Mapping[Lifecycle, Sequence[int]]

    def of(self, goal: Goal) -> Iterator[Piece]:
        now, kind = self.counter.now, goal.kind
        counts: Sequence[int | None] = [None] * len(self.pieces)
        shares: Sequence[Proportion | None] = [None] * len(self.pieces)
        if kind.is_share:
            shares = self.counter.kept(kind, self.pieces)
        elif kind in STAGE_OF:
            counts = self.reached[STAGE_OF[kind]]
        elif self.counter.knows(goal.band):
            counts = self.counter.reached_band(goal.band, self.pieces)
        for period, count, share, part in zip(self.pieces, counts, shares, self.over, strict=True):
            then = goal_then(goal, self.terms, period, self.agreed, now)
            yield Piece(period, count, share, then, part, is_over=now >= period.end)


def goal_then(
    goal: Goal, terms: Terms, period: Period, agreed: Sequence[Terms], now: datetime
) -> int | None:
    """What was agreed at the end of the period, of goals for as long a time."""
    at = min(period.end, now)
    for one in agreed:
        if one.every == terms.every and one.was_in_force(at):
            return next((g.number for g in one.goals.all() if g.key == goal.key), None)
    return None

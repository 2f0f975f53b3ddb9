"""From when a forecast looks ahead, and what was known then, lead by lead.

A look from an earlier day knows what had happened up to that day and nothing else, so that the
same method can be tried on the past.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from scoring.reports.asking import Question
from scoring.reports.periods import Period
from scoring.reports.statistics.chances import (
    DAYS,
    between,
    evenly,
    marks_of,
    midway,
    of_entering,
    of_waiting,
)
from scoring.reports.statistics.foresight import add
from scoring.reports.statistics.steps import STARTS, Step, Stretch
from scoring.reports.statistics.survival import Curve, curve_of

DAY: Final = timedelta(days=1)
HORIZONS: Final = (4, 8, 12)
WEEKS: Final = HORIZONS[-1]
NAMES: Final = ("visits", "leads", "entries", "opportunities", "customers", "revenue")


def whole_weeks(question: Question) -> Period | None:
    """The whole weeks of seven days at the end of the period, up to yesterday; None: not one."""
    yesterday = question.period.day_of(question.now) - DAY
    last = min(question.period.last, yesterday)
    weeks = ((last - question.period.first).days + 1) // 7
    return Period.ending(last, 7 * weeks, question.period.zone) if weeks > 0 else None


def since_the_first(period: Period, leads: Mapping[date, int]) -> Period | None:
    """Without the weeks before anybody came: they say nothing of how many come in a week."""
    came = [day for day, number in leads.items() if number and period.first <= day <= period.last]
    if not came:
        return None
    return Period(
        period.first + week_of(period.first, min(came)) * 7 * DAY, period.last, period.zone
    )


def week_of(first: date, day: date) -> int:
    return (day - first).days // 7


@dataclass(frozen=True, slots=True)
class Look:
    """At ``now``, back on the whole weeks of ``period``, and ahead on those after it."""

    period: Period
    now: datetime

    @property
    def weeks(self) -> int:
        return self.period.days // 7

    @property
    def ahead(self) -> Period:
        first = self.period.last + DAY
        return Period(first, first + (7 * WEEKS - 1) * DAY, self.period.zone)

    def week(self, day: date) -> int | None:
        """Which of the weeks of the period it lies in."""
        inside = self.period.first <= day <= self.period.last
        return week_of(self.period.first, day) if inside else None

    def week_ahead(self, day: date) -> int | None:
        # Asked for every row that is read, so without a period of its own.
        days = (day - self.period.last).days - 1
        return days // 7 if 0 <= days < 7 * WEEKS else None

    def elapsed(self, now: datetime) -> int:
        """How many of the weeks ahead are over."""
        over = (self.period.day_of(now) - self.period.last - DAY).days // 7
        return max(0, min(WEEKS, over))


@dataclass(frozen=True, slots=True)
class Wait:
    """In whole days: until it came, until it came or was given up, and up to now; None: not yet."""

    came: int | None
    gone: int | None
    watched: int


@dataclass(frozen=True, slots=True)
class Waits:
    counted: Counter[Wait] = field(default_factory=Counter)

    @property
    def of(self) -> int:
        return self.counted.total()

    @property
    def reached(self) -> Curve:
        """Whoever gave up never gets there: counted as waiting for as long as was watched."""
        return curve_of(
            (wait.watched, False) if wait.came is None else (wait.came, True)
            for wait in self.counted.elements()
        )

    @property
    def gone(self) -> Curve:
        return curve_of(
            (wait.watched, False) if wait.gone is None else (wait.gone, True)
            for wait in self.counted.elements()
        )

    def step(self, weeks: int) -> Step:
        reached, cohorts, times = self.reached, self.cohorts(self.gone), self.times()
        days = DAYS * weeks + max((wait.watched for wait in self.counted), default=0)
        marks, stretches = marks_of(reached, days), []
        for place, (start, end) in enumerate(pairwise((*STARTS, days + 1))):
            low, high = reached.reached(start - 1), reached.reached(end - 1)
            hits, could = times.tried(start, end)
            if hits:
                part, could = between(marks, low, high), hits * (1 - low) / (high - low)
            else:
                part = evenly(start, end, days, could >= 1)
            waiting = [0.0] * weeks
            for age, number in cohorts.items():
                add(waiting, [number * each for each in of_waiting(part, age, weeks)])
            fresh = of_entering(part, weeks)
            stretches.append(Stretch.counted(place, hits, could - hits, fresh, waiting))
        return Step(stretches, reached.events)

    def times(self) -> "Times":
        found = Times()
        for wait, number in self.counted.items():
            if wait.came is not None:
                found.came[wait.came] += number
            found.until[wait.watched if wait.came is None else wait.came] += number
        return found

    def cohorts(self, gone: Curve) -> Mapping[int, float]:
        """By the age of those who wait: how many came then, those who are gone among them."""
        found = {}
        for wait, number in self.counted.items():
            left = 1 - midway(gone, wait.watched)
            if wait.gone is None and left > 0:
                found[wait.watched] = number / left
        return found


@dataclass(frozen=True, slots=True)
class Times:
    """By days: when they got there, and until when they could still have, or did."""

    came: Counter[int] = field(default_factory=Counter)
    until: Counter[int] = field(default_factory=Counter)

    def tried(self, start: int, end: int) -> tuple[int, float]:
        """How many got there in these days, and of how many; who was watched in part, in part."""
        hits = sum(number for day, number in self.came.items() if start <= day < end)
        parts = (number * min(1.0, max(0.0, (day + 1 - start) / (end - start)))
                 for day, number in self.until.items())  # fmt: skip
        return hits, sum(parts)


def wait_of(begun: datetime, came: datetime | None, gone: datetime | None, now: datetime) -> Wait:
    """``gone``: when it ended otherwise. What ended first counts, and what was known by now."""
    came = came if came is not None and came < now else None
    gone = gone if gone is not None and gone < now else None
    if came is not None and gone is not None and came > gone:
        came = None
    ended = came or gone

    def days(at: datetime | None) -> int | None:
        return None if at is None else max(0, (at - begun) // DAY)

    return Wait(days(came), days(ended), (now - begun) // DAY)


def by_weeks(first: date, weeks: int, numbers: Mapping[date, int]) -> list[int]:
    found = [0] * weeks
    for day, number in numbers.items():
        week = week_of(first, day)
        if 0 <= week < weeks:
            found[week] += number
    return found


def earliest(looks: Iterable[Look]) -> date:
    return min(look.period.first for look in looks)

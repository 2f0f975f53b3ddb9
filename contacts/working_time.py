"""Arithmetic with working time: hours of the week in a time zone, with holidays.

Pure: no database, no clock. An instant is working time where the clock on the wall of the
zone shows a minute of that day's hours and the day is no holiday. So an hour that a change
of the clock leaves out is not worked, and one that it repeats is worked twice.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from contacts.weekly_hours import Hours, HoursInvalid, Week

DAY: Final = timedelta(days=1)
# Nobody waits longer: a search stops here, as where every day is a holiday.
DAYS_MOST: Final = 3660


class NoWorkingTime(Exception):
    """There is none within ten years of where it was looked for."""

    def __init__(self) -> None:
        super().__init__(_("The calendar has no working time within the next ten years."))


class Span(NamedTuple):
    """Working time without a break, both ends in UTC; the end is not in it."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class WorkingTime:
    """When work is done. Raises HoursInvalid for a week without a single working hour."""

    zone: ZoneInfo
    week: Week
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not any(self.week):
            raise HoursInvalid(_("A calendar needs working hours on at least one day."))

    def is_working(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(hours.start <= minute < hours.end for hours in self.hours_on(local.date()))

    def next_start(self, at: datetime) -> datetime:
        """``at`` where it is working time, otherwise when it begins. Raises NoWorkingTime."""
        return max(at.astimezone(UTC), next(self.spans(at)).start)

    def add(self, start: datetime, length: timedelta) -> datetime:
        """The instant at which ``length`` has been worked since ``start``.

        Where that is the end of a day, it is that evening and not the next morning.
        Raises NoWorkingTime.
        """
        if length < timedelta(0):
            raise ValueError("working time is added, not taken away")
        left = length
        for span in self.spans(start):
            begin = max(span.start, start.astimezone(UTC))
            if left <= span.end - begin:
                return begin + left
            left -= span.end - begin
        raise NoWorkingTime

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much is worked from one instant to another; none where the end is first.

        Raises NoWorkingTime where that is looked for over more than ten years.
        """
        worked = timedelta(0)
        if end <= start:
            return worked
        for span in self.spans(start):
            if span.start >= end:
                break
            worked += min(span.end, end) - max(span.start, start)
        return worked

    def add_days(self, start: datetime, days: int, at: time | None = None) -> datetime:
        """The ``days``-th working day after that of ``start``; 0 is the same or the next one.

        ``at`` is the time on the wall there, worked or not; without it the time stays what
        it was, or moves on to where work begins. Never before ``start``. Raises NoWorkingTime.
        """
        local = start.astimezone(self.zone)
        wall = at or local.time()
        for day in self.days_from(local.date(), days):
            moment = datetime.combine(day, wall, self.zone).astimezone(UTC)
            if moment >= start:
                return moment if at else self.next_start(moment)
        raise NoWorkingTime

    def days_from(self, first: date, days: int) -> Iterator[date]:
        """The ``days``-th working day after the first, and those after it."""
        skipped = 0
        for number in range(DAYS_MOST):
            day = first + number * DAY
            if not self.hours_on(day) or (number == 0 and days > 0):
                continue
            skipped += 1
            if skipped >= days:
                yield day

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        return () if day in self.holidays else self.week[day.weekday()]

    def spans(self, since: datetime) -> Iterator[Span]:
        """Working time that ends after ``since``, in order. Raises NoWorkingTime at the end."""
        waiting: list[Span] = []
        first = since.astimezone(self.zone).date() - DAY
        for number in range(DAYS_MOST):
            day = first + number * DAY
            waiting = sorted([*waiting, *self.spans_on(day)])
            # Those after noon wait for the next day: where the clock is put back over
            # midnight, a day begins before the one before it has ended.
            noon = self.instant(day, 12 * 60, fold=0)
            yield from (span for span in waiting if span.start < noon and span.end > since)
            waiting = [span for span in waiting if span.start >= noon]
        raise NoWorkingTime

    def spans_on(self, day: date) -> Iterator[Span]:
        for hours in self.hours_on(day):
            start, end = self.instant(day, hours.start, fold=0), self.instant(day, hours.end, 1)
            before, after = self.offset(day, hours.start, 0), self.offset(day, hours.end, 1)
            if before == after:
                yield Span(start, end)
                continue
            change = self.change_between(start - abs(after - before), end + abs(after - before))
            yield from pieces(start, end, change, after - before)

    def instant(self, day: date, minute: int, fold: int) -> datetime:
        """When the clock on the wall shows this; ``fold`` 1 is the later of two."""
        wall = datetime.combine(day, time.min) + timedelta(minutes=minute)
        return wall.replace(tzinfo=UTC) - self.offset(day, minute, fold)

    def offset(self, day: date, minute: int, fold: int) -> timedelta:
        wall = datetime.combine(day, time.min) + timedelta(minutes=minute)
        return wall.replace(tzinfo=self.zone, fold=fold).utcoffset() or timedelta(0)

    def change_between(self, low: datetime, high: datetime) -> datetime:
        """The first instant at which the clock has been changed."""
        before = low.astimezone(self.zone).utcoffset()
        seconds = range(int((high - low).total_seconds()))
        found = bisect_left(
            seconds,
            True,
            key=lambda each: (
                (low + timedelta(seconds=each)).astimezone(self.zone).utcoffset() != before
            ),
        )
        return low + timedelta(seconds=found)


def pieces(start: datetime, end: datetime, change: datetime, forward: timedelta) -> Iterator[Span]:
    """Hours of a day in which the clock is put forward (or back, where negative).

    Given is the start by the clock of before, and the end by that of after.
    """
    for span in (
        Span(start, min(end + forward, change)),
        Span(max(start - forward, change), end),
    ):
        if span.start < span.end:
            yield span

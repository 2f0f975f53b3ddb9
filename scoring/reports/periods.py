"""Spans of whole days in a time zone: what a report looks at, and how it is cut into pieces."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Final, Self
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

DAY: Final = timedelta(days=1)
DAYS_MOST: Final = 3660


class Grain(Enum):
    """How long the pieces of a period are. Weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


GRAINS: Final = {
    Grain.DAY: _("by day"),
    Grain.WEEK: _("by week"),
    Grain.MONTH: _("by month"),
    Grain.QUARTER: _("by quarter"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of ``first`` to the end of ``last``, both in ``zone``.

    Days are those of the zone, so one may have 23 or 25 hours.
    """

    first: date
    last: date
    zone: ZoneInfo

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        """The first instant that belongs to it."""
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return midnight(self.last + DAY, self.zone)

    def before(self) -> "Period":
        """As many days right before it, to compare with."""
        return Period(self.first - self.days * DAY, self.first - DAY, self.zone)

    def day_of(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def pieces(self, grain: Grain) -> list["Period"]:
        """In order, without gaps; the first and the last may be cut off by the period's ends."""
        return list(self._cut(grain))

    def _cut(self, grain: Grain) -> Iterator["Period"]:
        first = self.first
        while first <= self.last:
            last = min(last_of(first, grain), self.last)
            yield Period(first, last, self.zone)
            first = last + DAY

    def piece_from(self, first: str, grain: Grain) -> "Period | None":
        """The piece that begins on that day, written as by ISO; None where none does."""
        return next((each for each in self._cut(grain) if each.first.isoformat() == first), None)

    def piece_of(self, at: datetime, grain: Grain) -> date:
        """The first day of the piece in which an instant of this period falls."""
        return max(first_of(self.day_of(at), grain), self.first)

    def label(self, grain: Grain) -> str:
        """Of a piece: ``12 Oct``, ``Oct 2026``, ``2026 Q4``."""
        if grain is Grain.QUARTER:
            values = {"year": self.first.year, "quarter": quarter(self.first)}
            return gettext("%(year)d Q%(quarter)d") % values
        if grain is Grain.MONTH:
            return date_format(self.first, pgettext("format of a date", "M Y"))
        return date_format(self.first, pgettext("format of a date", "j M"))

    def __str__(self) -> str:
        values = {"first": date_format(self.first), "last": date_format(self.last)}
        return gettext("%(first)s to %(last)s") % values

    @classmethod
    def ending(cls, last: date, days: int, zone: ZoneInfo) -> Self:
        return cls(last - (days - 1) * DAY, last, zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Where the clock leaps over midnight, the first instant after it."""
    return datetime.combine(day, time(), zone)


def quarter(day: date) -> int:
    return (day.month + 2) // 3


def first_of(day: date, grain: Grain) -> date:
    if grain is Grain.WEEK:
        return day - day.weekday() * DAY
    if grain is Grain.MONTH:
        return day.replace(day=1)
    if grain is Grain.QUARTER:
        return day.replace(month=3 * quarter(day) - 2, day=1)
    return day


def last_of(day: date, grain: Grain) -> date:
    if grain is Grain.WEEK:
        return first_of(day, grain) + 6 * DAY
    if grain is Grain.MONTH:
        return first_of(first_of(day, grain) + 31 * DAY, grain) - DAY
    if grain is Grain.QUARTER:
        return first_of(first_of(day, grain) + 93 * DAY, grain) - DAY
    return day

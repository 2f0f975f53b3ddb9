"""Lengths of time on the UTC calendar, as scoring rules use them."""

import calendar
import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LONGEST = 999_999
DAYS_IN_WEEK = 7
MONTHS_IN_YEAR = 12
WRITTEN = re.compile(r"(0|[1-9][0-9]*) (day|week|month|year)s?", re.ASCII)


class Unit(StrEnum):
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


class DurationFault(ValueError):
    """A text is no duration; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A number of days, weeks, months or years; equal only where written alike.

    ``12 months`` and ``1 year`` are the same length but not the same text, and a model
    version is its text.
    """

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str, *, zero: bool = False) -> "Duration":
        """Read ``6 months`` or ``1 week``; ``0 days`` only where ``zero`` says so.

        Raises DurationFault.
        """
        match = WRITTEN.fullmatch(text)
        if match is None:
            raise DurationFault(
                _('write a duration as a number and a unit, such as "30 days" or "6 months"')
            )
        digits, unit = match[1], Unit(f"{match[2]}s")
        if len(digits) > len(str(LONGEST)):
            raise DurationFault(
                _("a duration has at most %(longest)d units") % {"longest": LONGEST}
            )
        count = int(digits)
        if count == 0 and not (zero and unit is Unit.DAYS):
            raise DurationFault(_("a duration is at least 1 day, week, month or year"))
        return cls(count, unit)

    def __str__(self) -> str:
        return f"{self.count} {self.unit[:-1] if self.count == 1 else self.unit}"

    @property
    def days(self) -> int:
        """The length in days where it is days or weeks, otherwise 0."""
        if self.unit is Unit.WEEKS:
            return self.count * DAYS_IN_WEEK
        return self.count if self.unit is Unit.DAYS else 0

    @property
    def months(self) -> int:
        """The length in months where it is months or years, otherwise 0."""
        if self.unit is Unit.YEARS:
            return self.count * MONTHS_IN_YEAR
        return self.count if self.unit is Unit.MONTHS else 0

    def before(self, as_of: datetime, times: int = 1) -> datetime | None:
        """The cut-off ``times`` lengths before ``as_of`` (UTC); None is before the year 1."""
        if not self.months:
            return shifted(as_of, -self.days * times)
        # Not left to the database: for 31 August minus 6 months in a leap year
        # PostgreSQL answers 29 February and SQLite 2 March.
        year, month = month_away(as_of, -self.months * times)
        if year < MINYEAR:
            return None
        last = calendar.monthrange(year, month)[1]
        if as_of.day > last:
            return datetime(year, month, last, 23, 59, 59, 999999, tzinfo=UTC)
        return as_of.replace(year=year, month=month)

    def first_after(self, moment: datetime, times: int = 1) -> datetime | None:
        """The earliest ``as_of`` whose cut-off is at or after ``moment`` (UTC).

        That is the instant at which something that happened at ``moment`` falls out of a
        window of this length. None is beyond the year 9999.
        """
        if not self.months:
            return shifted(moment, self.days * times)
        year, month = month_away(moment, self.months * times)
        if year <= MAXYEAR and moment.day <= calendar.monthrange(year, month)[1]:
            return moment.replace(year=year, month=month)
        # No such day in that month: all of it has cut-offs before the moment, and the
        # first cut-off after is that of the midnight which ends the month.
        year, month = divmod(year * MONTHS_IN_YEAR + month, MONTHS_IN_YEAR)
        if year > MAXYEAR:
            return None
        return datetime(year, month + 1, 1, tzinfo=UTC)

    def in_words(self) -> str:
        """Translated: ``6 months``."""
        words = {
            Unit.DAYS: ngettext("%(count)d day", "%(count)d days", self.count),
            Unit.WEEKS: ngettext("%(count)d week", "%(count)d weeks", self.count),
            Unit.MONTHS: ngettext("%(count)d month", "%(count)d months", self.count),
            Unit.YEARS: ngettext("%(count)d year", "%(count)d years", self.count),
        }
        return words[self.unit] % {"count": self.count}

    def every_in_words(self) -> str:
        """Translated: ``every month`` or ``every 2 months``."""
        if self.count == 1:
            single = {
                Unit.DAYS: _("every day"),
                Unit.WEEKS: _("every week"),
                Unit.MONTHS: _("every month"),
                Unit.YEARS: _("every year"),
            }
            return single[self.unit]
        return _("every %(duration)s") % {"duration": self.in_words()}


def shifted(moment: datetime, days: int) -> datetime | None:
    """``days`` of 24 hours later; None where no calendar reaches."""
    try:
        return moment + timedelta(days=days)
    except OverflowError:
        return None


def month_away(moment: datetime, months: int) -> tuple[int, int]:
    """Year (of any size) and month, ``months`` after the month of ``moment``."""
    year, month = divmod(moment.year * MONTHS_IN_YEAR + moment.month - 1 + months, MONTHS_IN_YEAR)
    return year, month + 1

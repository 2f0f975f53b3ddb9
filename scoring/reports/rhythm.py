"""Every day, week or month at an hour of the wall: pure arithmetic."""

from calendar import monthrange
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from django.db import models
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.working_time import WorkingTime
from scoring.reports.periods import DAY

# From one occasion of a rhythm to the next it is never longer.
DAYS_MOST: Final = 32
LAST_OF_MONTH: Final = 31


class Every(models.TextChoices):
    DAY = "day", _("Every day")
    WEEK = "week", _("Every week")
    MONTH = "month", _("Every month")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """``weekday``: 0 is Monday. ``monthday``: in a shorter month, its last day."""

    every: str
    at: time
    weekday: int = 0
    monthday: int = 1

    def is_on(self, day: date) -> bool:
        if self.every == Every.WEEK:
            return day.weekday() == self.weekday
        if self.every == Every.MONTH:
            return day.day == min(self.monthday, monthrange(day.year, day.month)[1])
        return True

    def instant(self, day: date, working: WorkingTime) -> datetime:
        """At its hour on that day, by the clock there; where the hour is twice, the first one."""
        return working.instant(day, self.at.hour * 60 + self.at.minute, fold=0)

    def next_day(
        self, now: datetime, working: WorkingTime, but: Container[date] = frozenset()
    ) -> date:
        """Of the next occasion that is still to come, on none of the days ``but``."""
        days = self.days_from(now.astimezone(working.zone).date(), 1)
        return next(day for day in days if day not in but and self.instant(day, working) > now)

    def last_day(self, now: datetime, working: WorkingTime) -> date:
        """Of the last occasion that has come."""
        days = self.days_from(now.astimezone(working.zone).date(), -1)
        return next(day for day in days if self.instant(day, working) <= now)

    def days_from(self, day: date, step: int) -> Iterator[date]:
        days = (day + number * step * DAY for number in range(2 * DAYS_MOST))
        return (each for each in days if self.is_on(each))

    def __str__(self) -> str:
        values = {"time": f"{self.at:%H:%M}", "day": self.monthday}
        if self.every == Every.WEEK:
            return gettext("%(day)s at %(time)s") % {**values, "day": WEEKDAYS[self.weekday]}
        if self.every == Every.DAY:
            return gettext("every day at %(time)s") % values
        if self.monthday == LAST_OF_MONTH:
            return gettext("on the last day of the month at %(time)s") % values
        return gettext("on day %(day)d of the month at %(time)s") % values

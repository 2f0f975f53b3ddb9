"""When to call again: in working hours of whoever is to call."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Calendar, Member
from contacts.working_time import NoWorkingTime

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LATEST: Final = timedelta(days=366)
HOUR: Final = timedelta(hours=1)


class TimeInvalid(ValueError):
    """Nobody can be called then; the message says why."""


class Later(StrEnum):
    HOUR = "hour"
    TOMORROW = "tomorrow"
    MONDAY = "monday"
    OWN = "own"


TITLES: Final[dict[Later, "StrPromise"]] = {
    Later.HOUR: gettext_lazy("In 1 hour"),
    Later.TOMORROW: gettext_lazy("Tomorrow morning"),
    Later.MONDAY: gettext_lazy("Next Monday"),
    Later.OWN: gettext_lazy("At another time"),
}


def calendar_of(user: User) -> Calendar:
    """Of the first team that this person is in, otherwise the default one."""
    member = Member.objects.filter(user=user).select_related("team__calendar").first()
    return member.team.calendar if member else Calendar.objects.default()


@dataclass(frozen=True, slots=True)
class Clock:
    """Reckons from one instant by one calendar."""

    calendar: Calendar
    now: datetime

    @classmethod
    def of(cls, user: User, now: datetime) -> "Clock":
        return cls(calendar_of(user), now)

    def at(self, choice: Later, typed: str = "") -> datetime:
        """``typed``: as in 2026-03-31T09:30, in the calendar's zone. Raises TimeInvalid."""
        if choice is Later.OWN:
            return self.working(self.read(typed))
        if choice is Later.HOUR:
            return self.working(self.now + HOUR)
        today = self.now.astimezone(self.calendar.zone).date()
        days = 1 if choice is Later.TOMORROW else 7 - today.weekday()
        day = today + timedelta(days=days)
        return self.working(datetime.combine(day, time.min, self.calendar.zone))

    def working(self, at: datetime) -> datetime:
        """The instant itself, or when work begins after it. Raises TimeInvalid."""
        try:
            return self.calendar.working_time().next_start(at)
        except NoWorkingTime as closed:
            raise TimeInvalid(str(closed)) from None

    def read(self, typed: str) -> datetime:
        """Raises TimeInvalid."""
        try:
            local = datetime.fromisoformat(typed)
        except ValueError:
            raise TimeInvalid(_("Say when to call: a day and a time.")) from None
        at = local if local.tzinfo else local.replace(tzinfo=self.calendar.zone)
        if at <= self.now:
            raise TimeInvalid(_("This time is past; choose a later one."))
        if at > self.now + LATEST:
            raise TimeInvalid(_("Choose a time within a year."))
        return at

    def shown(self, at: datetime) -> datetime:
        """What the clock on the wall shows in the calendar's zone, of no zone of its own."""
        return at.astimezone(self.calendar.zone).replace(tzinfo=None)

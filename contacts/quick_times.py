"""Times that people choose at one click: soon, tomorrow, next week, as a calendar counts them.

Pure: no database, no clock.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from contacts.working_time import DAY, NoWorkingTime, WorkingTime

SOON: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class QuickTime:
    """``name`` stays the same, ``title`` says what the choice means on this day."""

    name: str
    title: str
    at: datetime


def quick_times(working: WorkingTime, now: datetime) -> list[QuickTime]:
    """What can be chosen now, each instant once; nothing where nobody ever works again."""
    found: list[QuickTime] = []
    for make in (soon, tomorrow, next_week):
        try:
            choice = make(working, now)
        except NoWorkingTime:
            continue
        if choice.at not in {each.at for each in found}:
            found.append(choice)
    return found


def quick_time(name: str, working: WorkingTime, now: datetime) -> datetime | None:
    """The instant of a choice, as of now; None for a name that is none."""
    return next((each.at for each in quick_times(working, now) if each.name == name), None)


def soon(working: WorkingTime, now: datetime) -> QuickTime:
    return QuickTime("soon", _("In 2 working hours"), working.add(now, SOON))


def tomorrow(working: WorkingTime, now: datetime) -> QuickTime:
    day = now.astimezone(working.zone).date() + DAY
    at = morning(working, day)
    is_then = at.astimezone(working.zone).date() == day
    return QuickTime("tomorrow", _("Tomorrow morning") if is_then else _("Next working day"), at)


def next_week(working: WorkingTime, now: datetime) -> QuickTime:
    today = now.astimezone(working.zone).date()
    monday = today + (7 - today.weekday()) * DAY
    at = morning(working, monday)
    is_then = at.astimezone(working.zone).date() == monday
    return QuickTime("monday", _("Next Monday") if is_then else _("Next week"), at)


def morning(working: WorkingTime, day: date) -> datetime:
    """When work begins on that day, or on the first one after it on which any does."""
    return working.next_start(working.instant(day, 0, fold=0))

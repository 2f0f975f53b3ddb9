"""The chore of the morning: writes each person's letter, once a day, when their work begins."""

import logging
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import OperationalError, transaction
from django.utils import timezone

from contacts.chores import chore
from contacts.models import Calendar, Member, Preferences
from contacts.models.teams import is_away
from contacts.working_time import WorkingTime
from scoring.automations.outbox.messages import Message
from scoring.pipeline.personal import telling
from scoring.pipeline.personal.digest import digest_of

__all__ = ["telling"]

logger = logging.getLogger(__name__)

# Later it is no letter of the morning: where no worker ran, the day goes without.
LATEST: Final = timedelta(hours=4)
# Where somebody wants it on a day without working hours, and names no hour.
OTHERWISE: Final = time(9)


@chore("digest", every=60)
def write_digests() -> int:
    """How many people were looked after: told something, or found with nothing to be told."""
    return write_due(timezone.now())


def write_due(now: datetime) -> int:
    clocks = Clocks()
    due = [user for user in who_may_be_told() if is_due(user, clocks.of(user), now)]
    return sum(looked_after(user, clocks.of(user).calendar, now) for user in due)


@dataclass(frozen=True, slots=True)
class Clock:
    calendar: Calendar
    working: WorkingTime


class Clocks:
    """By whose calendar each person works; asked once for all, as it is asked every minute."""

    def __init__(self) -> None:
        members = Member.objects.select_related("team__calendar").order_by("-pk")
        # The last one stays: the first team that somebody joined, as ``Calendar.objects.of``.
        self.calendars = {member.user_id: member.team.calendar for member in members}
        self.usual = Calendar.objects.default()
        self.clocks: dict[int | None, Clock] = {}

    def of(self, user: User) -> Clock:
        calendar = self.calendars.get(user.pk, self.usual)
        if calendar.pk not in self.clocks:
            self.clocks[calendar.pk] = Clock(calendar, calendar.working_time())
        return self.clocks[calendar.pk]


def who_may_be_told() -> list[User]:
    """Who works with tasks, has an address, and has not said that they want none."""
    people = User.objects.with_perm("contacts.change_task", include_superusers=False)
    told = people.exclude(email="").exclude(preferences__digest=False)
    return list(told.select_related("preferences").order_by("pk"))


def is_due(user: User, clock: Clock, now: datetime) -> bool:
    day = clock.calendar.day_of(now)
    own: Preferences = getattr(user, "preferences", None) or Preferences(user=user)
    if own.digested_on == day:
        return False
    at = due_on(day, own, clock.working)
    # Nobody's first day begins with a letter about what was before they came.
    return at is not None and at <= now < at + LATEST and user.date_joined <= at


def looked_after(user: User, calendar: Calendar, now: datetime) -> int:
    """One that fails is told of in the log, and holds up no other."""
    day = calendar.day_of(now)
    try:
        return 0 if is_away(user, day) else tell(user, day, now)
    except OperationalError:
        raise
    except Exception:
        logger.exception("The digest of user %d could not be written.", user.pk)
        return 0


def tell(user: User, day: date, now: datetime) -> int:
    """Posts and notes it together: of two workers one does, and neither does half of it."""
    with transaction.atomic():
        Preferences.objects.bulk_create([Preferences(user=user)], ignore_conflicts=True)
        mine = Preferences.objects.select_for_update(skip_locked=True, of=("self",))
        own = mine.filter(user=user, digest=True).exclude(digested_on=day).first()
        if own is None:
            return 0
        digest = digest_of(user, now, own)
        if digest is not None:
            Message.objects.post(
                key=f"digest:{user.pk}:{day.isoformat()}",
                channel="staff",
                recipient=user.email,
                subject=digest.subject,
                body={"text": digest.text},
            )
        own.digested_on = day
        own.save(update_fields=["digested_on"])
    return 1


def due_on(day: date, own: Preferences, working: WorkingTime) -> datetime | None:
    """When this person's letter is due on that day; None on days without one."""
    if day in working.holidays:
        return None
    spans = list(working.spans_on(day))
    wanted = bool(spans) if own.digest_days is None else day.weekday() in own.digest_days
    if not wanted:
        return None
    if own.digest_at is None and spans:
        return spans[0].start
    wall = own.digest_at or OTHERWISE
    return working.instant(day, wall.hour * 60 + wall.minute, fold=0)

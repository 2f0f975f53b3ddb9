"""What people decide about tasks, one or many at once; each decision in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.followers import CONTACTS_TRIED, TASKS_GIVEN
from contacts.models import Activity, ActivityType, Contact, Target, Task, Team
from contacts.models.teams import name_of

if TYPE_CHECKING:
    from contacts.models.tasks import TaskQuerySet

LONGEST: Final = timedelta(days=366)
# Those results that say what a call has come to, and whether somebody took it.
ANSWERED: Final = {
    Task.Result.REACHED: True,
    Task.Result.VOICEMAIL: False,
    Task.Result.MEETING_BOOKED: True,
}


class Refused(Exception):
    """It cannot be done as things are; the message tells people why."""


def locked(tasks: "TaskQuerySet") -> list[Task]:
    """Those of these tasks that are open, which nobody else changes meanwhile."""
    rows = Task.objects.filter(pk__in=tasks.order_by().values("pk")).open()
    return list(rows.select_for_update(of=("self",)).order_by("pk"))


def only(rows: Sequence[Task]) -> "TaskQuerySet":
    return Task.objects.filter(pk__in=[task.pk for task in rows])


@dataclass(frozen=True, slots=True)
class Finish:
    """Close tasks with what came of them; ``as_call`` also writes a call into the history."""

    tasks: "TaskQuerySet"
    user: User
    result: str = Task.Result.DONE
    text: str = ""
    as_call: bool = False

    def check(self) -> None:
        if self.result not in Task.Result.values:
            raise Refused(_("Choose what came of it."))
        if self.as_call and self.result == Task.Result.NOT_NEEDED:
            raise Refused(_("What was not needed was no call."))
        if self.as_call and not self.may_write_calls():
            raise Refused(_("You may not write down calls of these contacts."))

    def may_write_calls(self) -> bool:
        if not self.user.has_perm("contacts.add_activity"):
            return False
        seen = Contact.objects.visible_to(self.user).values("pk")
        return not self.tasks.exclude(contact__in=seen).exists()

    @transaction.atomic
    def execute(self) -> tuple[list[Task], list[int]]:
        """The tasks that were closed, and the ids of the calls that were written."""
        self.check()
        now = timezone.now()
        if self.as_call:
            self.lock_contacts()
        rows = locked(self.tasks)
        only(rows).finish(self.user, now, self.result, self.text)
        calls = [self.call(task, now).pk for task in rows] if self.as_call else []
        if calls:
            for follow in CONTACTS_TRIED:
                follow(sorted({task.contact_id for task in rows}), now)
        return rows, calls

    def lock_contacts(self) -> None:
        """Before the tasks, as whoever answers about a lead does, whose handover a call is for."""
        contacts = Contact.objects.filter(pk__in=self.tasks.order_by().values("contact"))
        list(contacts.select_for_update(no_key=True).order_by("pk").values_list("pk"))

    def call(self, task: Task, at: datetime) -> Activity:
        properties: dict[str, object] = {}
        if self.result in ANSWERED:
            answered = ANSWERED[Task.Result(self.result)]
            properties = {"result": str(self.result), "answered": answered}
        activity = Activity(
            contact_id=task.contact_id,
            type_id=ActivityType.objects.ids_by_slug(["call"])["call"],
            target_id=Target.objects.ids_by_key([""])[Target.key_of("")],
            occurred_at=at,
            properties=properties or None,
        )
        activity.save()
        return activity


@dataclass(frozen=True, slots=True)
class Snooze:
    """Put tasks off: out of the list of what there is to do, until an instant."""

    tasks: "TaskQuerySet"
    until: datetime

    def check(self) -> None:
        if not timezone.now() < self.until <= timezone.now() + LONGEST:
            raise Refused(_("Choose a time to come, within a year."))

    @transaction.atomic
    def execute(self) -> list[Task]:
        self.check()
        rows = locked(self.tasks)
        only(rows).snooze(self.until)
        return rows


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give tasks to a person, or to a team, whose members take turns; and tell who gets them."""

    tasks: "TaskQuerySet"
    user: User
    to: User | None = None
    team: Team | None = None

    def check(self) -> None:
        if self.to is None and self.team is None:
            raise Refused(_("Choose who gets it."))
        if self.to is not None and not self.to.is_active:
            raise Refused(_("%(name)s cannot log in any more.") % {"name": name_of(self.to)})

    @transaction.atomic
    def execute(self) -> dict[User, list[Task]]:
        """Who got which; those that somebody had already are not among them."""
        self.check()
        # The team before the tasks, as whatever gives tasks by turns locks them.
        turns = self.locked_team()
        given: dict[User, list[Task]] = {}
        for task in locked(self.tasks):
            user = self.next_one(turns, task)
            if task.assignee_id != user.pk:
                given.setdefault(user, []).append(task)
        for user, rows in given.items():
            only(rows).hand_to(user)
            for follow in TASKS_GIVEN:
                follow(rows, user, self.user)
        return given

    def locked_team(self) -> Team | None:
        if self.to is not None or self.team is None:
            return None
        row = Team.objects.select_for_update(of=("self",)).filter(pk=self.team.pk)
        if (found := row.select_related("calendar").first()) is None:
            raise Refused(_("This team is not there any more."))
        return found

    def next_one(self, turns: Team | None, task: Task) -> User:
        if turns is None:
            assert self.to is not None  # noqa: S101 - ``check`` has seen to it
            return self.to
        if user := Team.objects.next_member(turns, timezone.now()):
            return user
        raise Refused(_("Nobody in the team “%(team)s” is there today.") % {"team": turns.name})


def instead(task: Task, user: User) -> str:
    """In words, what somebody else has made of a task meanwhile; empty where nobody has."""
    facts = {"task": task, "who": ""}
    if not task.is_open and task.done_by and task.done_by != user:
        facts["who"] = name_of(task.done_by)
        return _("%(who)s was faster and has closed “%(task)s”.") % facts
    if task.assignee and task.assignee != user:
        facts["who"] = name_of(task.assignee)
        return _("Somebody was faster: “%(task)s” is with %(who)s.") % facts
    return ""

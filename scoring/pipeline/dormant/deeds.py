"""What people do with dormant opportunities: call them, write to them, give them to somebody,
or leave them alone for a while. Of two at once one does it, and the other is told who."""

from collections.abc import Iterable
from collections.abc import Sequence as Many
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from contacts.followers import TASKS_GIVEN
from contacts.models import Calendar, Contact, Task, Team
from contacts.models.assignments import How, Why, assigned
from contacts.models.preferences import language_of
from contacts.models.teams import is_away, name_of, person_for_owner
from contacts.provenance import recorded_as
from contacts.quick_times import quick_time
from contacts.working_time import NoWorkingTime
from scoring.automations.sequences.enrolling import CannotEnrol, enrol
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.leaving import leave
from scoring.automations.sequences.models import Sequence
from scoring.engine.leads import Lead
from scoring.engine.models import Track
from scoring.pipeline.dormant.finding import Cut, dormant, still_dormant
from scoring.pipeline.dormant.models import Dismissal
from scoring.pipeline.dormant.words import shown

MONTHS_MOST: Final = 24


class Refused(Exception):
    """It cannot be done as things are; the message tells people why."""


@dataclass
class Done:
    """What was made, by the ids of its rows; ``told``: why nothing was done with some."""

    count: int = 0
    tasks: list[int] = field(default_factory=list)
    enrolments: list[int] = field(default_factory=list)
    dismissals: list[int] = field(default_factory=list)
    # Contact, owner of before, owner now.
    owners: list[tuple[int, str, str]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that this person does with these contacts, of those whom they see."""

    user: User
    track: Track
    cut: Cut
    ids: Many[int]

    def check(self) -> None:
        """Raises Refused."""

    @transaction.atomic
    def execute(self) -> Done:
        self.check()
        done = Done()
        seen = Contact.objects.visible_to(self.user).filter(pk__in=self.ids).order_by("pk")
        contacts = list(seen.select_for_update(no_key=True))
        dormant_now = still_dormant([each.pk for each in contacts], self.track, self.cut)
        self.prepare()
        with recorded_as(f"admin: {self.user.get_username()}"):
            for contact in contacts:
                if contact.pk in dormant_now:
                    self.one(contact, done)
                else:
                    done.told.append(why_not_dormant(contact))
        self.finish(done)
        return done

    def prepare(self) -> None:
        """What is locked or asked once for all."""

    def one(self, contact: Contact, done: Done) -> None:
        raise NotImplementedError

    def finish(self, done: Done) -> None:
        """Who is told of it."""


@dataclass(frozen=True, slots=True)
class Call(Deed):
    """A task for the owner, or for whoever asks where nobody owns the lead or the owner is away."""

    def check(self) -> None:
        if not self.user.has_perm("contacts.add_task"):
            raise Refused(_("You may not add tasks."))

    def one(self, contact: Contact, done: Done) -> None:
        calendar = Calendar.objects.of(self.user)
        owner = person_for_owner(contact.owner)
        away = owner is not None and is_away(owner, calendar.day_of(timezone.now()))
        user = self.user if owner is None or away else owner
        with override(language_of(user)):
            title = _("Wake up: %(name)s") % {"name": contact.full_name or contact.email}
            task = Task.objects.create(
                contact=contact,
                title=title[:200],
                text=self.why(contact),
                assignee=user,
                due_at=self.due(Calendar.objects.of(user)),
            )
        done.tasks.append(task.pk)
        done.count += 1

    def why(self, contact: Contact) -> str:
        now = timezone.now()
        lead = dormant(self.track, self.cut, Lead.objects.filter(pk=contact.pk))
        return "".join(each.said for each in shown(lead, self.track, self.cut, now))

    def due(self, calendar: Calendar) -> datetime | None:
        try:
            return quick_time("tomorrow", calendar.working_time(), timezone.now())
        except NoWorkingTime:
            return None

    def finish(self, done: Done) -> None:
        given: dict[User, list[Task]] = {}
        for task in Task.objects.filter(pk__in=done.tasks).select_related("assignee"):
            if task.assignee and task.assignee != self.user:
                given.setdefault(task.assignee, []).append(task)
        for user, tasks in given.items():
            for follow in TASKS_GIVEN:
                follow(tasks, user, self.user)


@dataclass(frozen=True, slots=True)
class Enrol(Deed):
    sequence: Sequence

    def check(self) -> None:
        if not self.user.has_perm("contacts.change_contact"):
            raise Refused(_("You may not put contacts into sequences."))

    def one(self, contact: Contact, done: Done) -> None:
        try:
            row, is_new = enrol(self.sequence, contact, by=self.user.get_username())
        except (CannotEnrol, NoWorkingTime) as refused:
            facts = {"name": contact.full_name or contact.email, "why": refused}
            done.told.append(_("%(name)s: %(why)s") % facts)
            return
        if is_new:
            done.enrolments.append(row.pk)
        done.count += 1


@dataclass(frozen=True, slots=True)
class Assign(Deed):
    """To one person, or to a team, whose members take turns."""

    to: User | None = None
    team: Team | None = None

    def check(self) -> None:
        if not self.user.has_perm("contacts.change_contact"):
            raise Refused(_("You may not change whose leads they are."))
        if self.to is None and self.team is None:
            raise Refused(_("Choose who gets it."))
        if self.to is not None and not self.to.is_active:
            raise Refused(_("%(name)s cannot log in any more.") % {"name": name_of(self.to)})

    def prepare(self) -> None:
        if self.team is not None:
            list(Team.objects.filter(pk=self.team.pk).select_for_update().values_list("pk"))

    def one(self, contact: Contact, done: Done) -> None:
        user = self.to or self.next_one()
        before, contact.owner = contact.owner, user.get_username()
        if before != contact.owner:
            with assigned(Why(How.HANDED, _("dormant"), self.user.pk)):
                contact.save(update_fields=["owner"])
            done.owners.append((contact.pk, before, contact.owner))
        done.count += 1

    def next_one(self) -> User:
        assert self.team is not None  # noqa: S101 - ``check`` has seen to it
        if user := Team.objects.next_member(self.team, timezone.now()):
            return user
        raise Refused(_("Nobody in the team “%(team)s” is there today.") % {"team": self.team.name})


@dataclass(frozen=True, slots=True)
class Dismiss(Deed):
    """Not to be woken for some months."""

    months: int = 3
    reason: str = Dismissal.Reason.NOT_NOW
    text: str = ""

    def check(self) -> None:
        if not self.user.has_perm("scoring.add_dismissal"):
            raise Refused(_("You may not leave opportunities alone."))
        if not 1 <= self.months <= MONTHS_MOST or self.reason not in Dismissal.Reason.values:
            raise Refused(_("Choose a reason, and a number of months."))

    def one(self, contact: Contact, done: Done) -> None:
        row = Dismissal.objects.create(
            contact=contact,
            reason=self.reason,
            text=self.text,
            until=months_later(self.cut.day, self.months),
            made_at=timezone.now(),
            made_by=self.user,
        )
        done.dismissals.append(row.pk)
        done.count += 1


def months_later(day: date, months: int) -> date:
    """The same day of the month, or its last one where it has none such."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def why_not_dormant(contact: Contact) -> str:
    """In words, why this lead is not on the list any more; who did what, where that is why."""
    facts: dict[str, object] = {"name": contact.full_name or contact.email, "who": ""}
    if task := contact.tasks.filter(state=Task.State.OPEN).select_related("assignee").first():
        if task.assignee is None:
            return _("%(name)s: there is an open task already.") % facts
        facts["who"] = name_of(task.assignee)
        return _("%(name)s: there is an open task already, for %(who)s.") % facts
    dismissal = contact.dismissals.filter(ended_at=None).select_related("made_by").first()
    if dismissal and dismissal.made_by:
        facts["who"] = name_of(dismissal.made_by)
        return _("%(name)s: %(who)s was faster and has put it aside.") % facts
    if enrolment := Enrolment.objects.active().filter(contact=contact).first():
        facts["who"] = enrolment.sequence.name
        return _("%(name)s: is in the sequence “%(who)s” already.") % facts
    return _("%(name)s: is not dormant any more.") % facts


def take_back(user: User, done: Done) -> int:
    """Undo what ``Done`` says, but for what somebody has changed since; how much was undone."""
    now = timezone.now()
    with transaction.atomic(), ExitStack() as noted:
        noted.enter_context(recorded_as(f"admin: {user.get_username()}"))
        noted.enter_context(assigned(Why(How.UNDONE, _("dormant"), user.pk)))
        tasks = Task.objects.filter(pk__in=done.tasks)
        count = tasks.cancel(user, now)
        count += Dismissal.objects.filter(pk__in=done.dismissals).bring_back(user, now)
        count += left(done.enrolments)
        for pk, before, after in done.owners:
            row = Contact.objects.filter(pk=pk, owner=after).select_for_update(no_key=True).first()
            if row is not None:
                row.owner = before
                row.save(update_fields=["owner"])
                count += 1
    return count


def left(enrolments: Iterable[int]) -> int:
    rows = Enrolment.objects.active().filter(pk__in=list(enrolments)).order_by("pk")
    return leave(list(rows.select_for_update(of=("self",))), Enrolment.Reason.PERSON)

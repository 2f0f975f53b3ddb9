"""A manager hands over the leads of one owner: to a person, a team, by the rules, to the pool."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Assignment, Contact, Member, Task, Team
from contacts.models.assignments import How, Why
from contacts.models.people import ContactQuerySet
from contacts.normalise import normalise
from scoring.criteria.models import ScoringModel
from scoring.pipeline.assigning.choosing import Choice, Desk
from scoring.pipeline.assigning.claiming import NotPossible
from scoring.pipeline.assigning.giving import (
    lock_leads,
    lock_teams,
    person_of,
    set_owner,
    store,
    team_ids,
)
from scoring.pipeline.assigning.rules import AssignmentRule

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

HAND_OVER: Final = "contacts.hand_over_leads"
# Of one go: more than this would hold the locks for too long.
AT_ONCE: Final = 2000
WAYS: Final = (
    ("rules", gettext_lazy("by the assignment rules")),
    ("team", gettext_lazy("to a team, by turns")),
    ("person", gettext_lazy("to one person")),
    ("pool", gettext_lazy("to the pool")),
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who owns leads: ``user`` is None where nobody has that user name."""

    name: str
    user: User | None
    count: int

    @property
    def is_gone(self) -> bool:
        return self.user is None or not self.user.is_active


def owners() -> list[Owner]:
    """Everybody who owns leads, those first who cannot log in any more."""
    owned = Contact.objects.unerased().exclude(owner_norm="")
    counted = owned.order_by().values_list("owner_norm")
    users = {normalise(user.get_username()): user for user in User.objects.all()}
    found = [
        Owner(users[name].get_username() if name in users else shown, users.get(name), number)
        for name, shown, number in counted.annotate(shown=Max("owner"), number=Count("pk"))
    ]
    return sorted(found, key=lambda each: (not each.is_gone, each.name.casefold()))


def leads_of(owner: str) -> ContactQuerySet:
    return Contact.objects.unerased().filter(owner_norm=normalise(owner) or "\0")


@dataclass(frozen=True, slots=True)
class HandOver:
    """All leads of one owner, up to ``AT_ONCE`` of them in one go, to whoever ``way`` says."""

    user: "User | AbstractBaseUser | AnonymousUser"
    owner: str
    way: str
    team: Team | None = None
    person: User | None = None
    model: ScoringModel | None = None

    def may(self) -> bool:
        return cast(User, self.user).has_perm(HAND_OVER)

    def check(self) -> list[str]:
        if self.way not in dict(WAYS):
            return [_("Choose who gets the leads.")]
        if not leads_of(self.owner).exists():
            return [_("This person has no leads.")]
        if self.way == "team" and self.team is None:
            return [_("Choose the team.")]
        if self.way == "person":
            if self.person is None or not self.person.is_active:
                return [_("Choose a person who can log in.")]
            if normalise(self.person.get_username()) == normalise(self.owner):
                return [_("These leads are this person's already.")]
        if self.way == "team" and self.team and not self.team.present(timezone.now()).exists():
            told = _("Nobody in the team “%(team)s” is there today.")
            return [told % {"team": self.team.name}]
        return []

    def preview(self) -> list[tuple[str, int]]:
        """Who would get how many, nothing being written."""
        ids = list(leads_of(self.owner).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        choices, _turns = self.choose(ids, timezone.now())
        return Counter(choice.who for choice in choices).most_common()

    def choose(self, ids: Sequence[int], at: datetime) -> tuple[list[Choice], list[Member]]:
        """Limits of a day do not count: it is the manager who gives."""
        if self.way in ("person", "pool"):
            user = self.person if self.way == "person" else None
            return [Choice(pk, None, user) for pk in ids], []
        desk = Desk(self.model, at, limits=False)
        if self.way == "team" and self.team is not None:
            # A rule that is nowhere stored: the same turns as those of every rule.
            desk.rules = [AssignmentRule(name=self.team.name, team=self.team)]
        return desk.choose(ids), desk.turns()

    def execute(self, looked_at: int) -> "Done":
        """``looked_at``: how many leads the page showed, so that nobody hands over others.

        Raises PermissionDenied or NotPossible, and changes nothing then.
        """
        if not self.may():
            raise PermissionDenied
        at, batch = timezone.now(), uuid4()
        with transaction.atomic():
            if reasons := self.check():
                raise NotPossible(" ".join(reasons))
            wanted = leads_of(self.owner).order_by("pk").values_list("pk", flat=True)
            found = lock_leads(wanted[:AT_ONCE])
            contacts = [each for each in found if each.owner_norm == normalise(self.owner)]
            if len(contacts) != looked_at:
                told = _("Meanwhile it is another number of leads (%(count)d): look at it again.")
                raise NotPossible(told % {"count": len(contacts)})
            lock_teams(team_ids(self.model) if self.way == "rules" else self.own_team())
            choices, turns = self.choose([each.pk for each in contacts], at)
            for member in turns:
                rows = Member.objects.filter(pk=member.pk)
                rows.update(last_assigned_at=member.last_assigned_at)
            store(contacts, choices, by=cast(User, self.user), how=How.HANDED, batch=batch)
        return Done(batch, Counter(choice.who for choice in choices).most_common())

    def own_team(self) -> list[int]:
        return [self.team.pk] if self.team else []


@dataclass(frozen=True, slots=True)
class Done:
    batch: UUID
    shared: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Batch:
    """A hand-over of the past: what of it can still be taken back."""

    batch: UUID
    at: datetime
    by: User | None
    before: str
    count: int


def batches(most: int = 10) -> list[Batch]:
    """The newest hand-overs in bulk."""
    rows = Assignment.objects.filter(how=How.HANDED, batch__isnull=False).order_by()
    found = rows.values("batch", "by").annotate(
        when=Max("at"), before=Max("before"), count=Count("pk")
    )
    newest = list(found.order_by("-when")[:most])
    people = User.objects.in_bulk([row["by"] for row in newest if row["by"]])
    return [
        Batch(row["batch"], row["when"], people.get(row["by"]), row["before"], row["count"])
        for row in newest
    ]


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Undo a hand-over: for those leads alone that nobody has given on meanwhile."""

    user: "User | AbstractBaseUser | AnonymousUser"
    batch: UUID

    def execute(self) -> tuple[int, int]:
        """How many are back, and how many were left as somebody has them now."""
        if not cast(User, self.user).has_perm(HAND_OVER):
            raise PermissionDenied
        with transaction.atomic():
            rows = Assignment.objects.filter(batch=self.batch, how=How.HANDED)
            lines = {line.contact_id: line for line in rows}
            contacts = lock_leads(lines)
            still = [each for each in contacts if each.owner_norm == lines[each.pk].owner_norm]
            newest = dict(
                Assignment.objects.filter(contact__in=lines)
                .order_by()
                .values_list("contact")
                .annotate(newest=Max("pk"))
            )
            still = [each for each in still if newest[each.pk] == lines[each.pk].pk]
            self.give_back(still, lines)
        return len(still), len(lines) - len(still)

    def give_back(self, contacts: Sequence[Contact], lines: dict[int, Assignment]) -> None:
        for owner in {line.before for line in lines.values()}:
            own = [each.pk for each in contacts if lines[each.pk].before == owner]
            set_owner(own, owner, Why(How.UNDONE, by=self.user.pk))
        self.give_tasks_back([lines[contact.pk] for contact in contacts])

    def give_tasks_back(self, lines: Sequence[Assignment]) -> None:
        """But for those that somebody else has got meanwhile; to who is gone, to nobody."""
        moved: dict[tuple[str, int | None], list[int]] = {}
        for line in lines:
            for pk, assignee in line.tasks:
                moved.setdefault((line.owner, assignee), []).append(pk)
        there = set(User.objects.values_list("pk", flat=True))
        for (owner, assignee), pks in moved.items():
            left = Task.objects.open().filter(pk__in=pks, assignee=person_of(owner))
            left.update(assignee=assignee if assignee in there else None)

"""Who would get which lead by the rules, and why: looks and changes nothing.

The page's preview and the giving itself ask the same ``Desk``, so what is shown is what runs.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db.models import Count
from django.utils.translation import gettext as _

from contacts.models import Absence, Calendar, Contact, Deal, Lifecycle, Member, Stage, Task, Team
from contacts.models.teams import MOMENT, name_of, room_of
from contacts.normalise import normalise
from scoring.criteria.models import ScoringModel
from scoring.pipeline.assigning.rules import AssignmentRule

NEVER: Final = datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
# Leads that somebody has still to win or lose.
CLOSED: Final = (Lifecycle.CUSTOMER, Lifecycle.LOST)


@dataclass(frozen=True, slots=True)
class Choice:
    """``user`` is None where the lead goes to the pool; ``rule`` where no rule had anybody.

    ``steps``: why each rule before did not give it away, and what the last one did, in words.
    """

    contact_id: int
    rule: AssignmentRule | None
    user: User | None
    instead_of: User | None = None
    steps: tuple[str, ...] = ()

    @property
    def owner(self) -> str:
        return self.user.get_username() if self.user else ""

    @property
    def who(self) -> str:
        if self.user is None:
            return _("the pool")
        if self.instead_of is None:
            return name_of(self.user)
        facts = {"name": name_of(self.user), "absent": name_of(self.instead_of)}
        return _("%(name)s (standing in for %(absent)s)") % facts


@dataclass(slots=True)
class Bench:
    """The members of a team who are there, with whose turn it is as choices are made."""

    members: list[Member]
    loads: dict[str, Counter[int]] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, team: Team, at: datetime) -> "Bench":
        return cls(list(team.present(at).select_related("user").order_by("position", "pk")))

    def latest(self) -> datetime:
        return max((each.last_assigned_at or NEVER for each in self.members), default=NEVER)

    def take(self, member: Member, at: datetime) -> None:
        """Note the turn: always later than every other, whatever the clocks say."""
        member.last_assigned_at = max(at, self.latest() + MOMENT)
        self.moved.add(member.pk)

    def load_of(self, kind: str) -> Counter[int]:
        if kind not in self.loads:
            self.loads[kind] = loads_of([each.user for each in self.members], kind)
        return self.loads[kind]


class Desk:
    """The rules of a model at an instant, with the benches as choice follows choice.

    ``limits``: whether the limits of new leads a day count.
    """

    def __init__(self, model: ScoringModel | None, at: datetime, *, limits: bool = True) -> None:
        self.at = at
        self.limits = limits
        self.rules = list(AssignmentRule.objects.running(model))
        self.benches: dict[int, Bench] = {}
        self.rooms: dict[int, int | None] = {}

    def choose(self, contact_ids: Sequence[int]) -> list[Choice]:
        """For each of these contacts, in this order."""
        rows = Contact.objects.filter(pk__in=contact_ids).order_by()
        fitting = [
            set(rule.narrow(rows, self.at).values_list("pk", flat=True)) for rule in self.rules
        ]
        return [self.choice(pk, [pk in fits for fits in fitting]) for pk in contact_ids]

    def choice(self, contact_id: int, fits: Sequence[bool]) -> Choice:
        steps: list[str] = []
        for rule, is_for in zip(self.rules, fits, strict=True):
            facts = {"rule": rule.name}
            if not is_for:
                steps.append(_("“%(rule)s” is not about this lead.") % facts)
                continue
            found, why = self.pick(rule)
            if why:
                steps.append(_("“%(rule)s” fits, but %(why)s.") % {**facts, "why": why})
                continue
            user, absent = found
            choice = Choice(contact_id, rule, user, absent)
            steps.append(_("“%(rule)s” fits: %(who)s.") % {**facts, "who": choice.who})
            return Choice(contact_id, rule, user, absent, tuple(steps))
        steps.append(_("No rule gives it to anybody: it stays in the pool."))
        return Choice(contact_id, None, None, None, tuple(steps))

    def pick(self, rule: AssignmentRule) -> tuple[tuple[User | None, User | None], str]:
        """Who gets it and for whom they stand in, or why nobody does."""
        match rule.way:
            case rule.Way.POOL:
                return (None, None), ""
            case rule.Way.PERSON:
                return self.by_name(rule.person)
            case _:
                return self.from_team(rule)

    def from_team(self, rule: AssignmentRule) -> tuple[tuple[User | None, User | None], str]:
        nobody = (None, None)
        if rule.team is None:
            return nobody, _("its team is gone")
        bench = self.bench(rule.team)
        if not bench.members:
            return nobody, _("nobody in the team is there")
        free = [each for each in bench.members if self.has_room(each.user)]
        if not free:
            return nobody, _("everybody in the team has got today's number of new leads")
        loads = bench.load_of(rule.load) if rule.way == rule.Way.LOAD else Counter[int]()
        member = min(
            free,
            key=lambda each: (loads[each.user_id], each.last_assigned_at or NEVER, each.position),
        )
        bench.take(member, self.at)
        for counted in bench.loads.values():
            counted[member.user_id] += 1
        self.fill(member.user)
        return (member.user, None), ""

    def by_name(self, person: User | None) -> tuple[tuple[User | None, User | None], str]:
        nobody = (None, None)
        if person is None or not person.is_active:
            return nobody, _("its person is gone")
        user = stand_in_of(person, self.at)
        if user is None:
            return nobody, _("its person is away, and no stand-in is there")
        if not self.has_room(user):
            return nobody, _("its person has got today's number of new leads")
        self.fill(user)
        return (user, None if user.pk == person.pk else person), ""

    def bench(self, team: Team) -> Bench:
        if team.pk not in self.benches:
            self.benches[team.pk] = Bench.of(team, self.at)
        return self.benches[team.pk]

    def has_room(self, user: User) -> bool:
        if not self.limits:
            return True
        if user.pk not in self.rooms:
            self.rooms[user.pk] = room_of(user, self.at)
        return self.rooms[user.pk] != 0

    def fill(self, user: User) -> None:
        room = self.rooms.get(user.pk)
        if room is not None:
            self.rooms[user.pk] = room - 1

    def turns(self) -> list[Member]:
        """The members whose turn was taken, to be stored by whoever has locked their teams."""
        return [
            member
            for bench in self.benches.values()
            for member in bench.members
            if member.pk in bench.moved
        ]


def loads_of(users: Sequence[User], kind: str) -> Counter[int]:
    """How much each of these people has to do."""
    by_name = {normalise(user.get_username()): user.pk for user in users}
    if kind == AssignmentRule.Load.TASKS:
        tasks = Task.objects.open().filter(assignee__in=[user.pk for user in users])
        counted = tasks.order_by().values_list("assignee").annotate(Count("pk"))
        return Counter({pk: number for pk, number in counted if pk is not None})
    if kind == AssignmentRule.Load.LEADS:
        owned_by_them = Contact.objects.unerased().filter(owner_norm__in=list(by_name))
        leads = owned_by_them.exclude(lifecycle__in=CLOSED)
        owned: Any = leads.order_by().values_list("owner_norm").annotate(Count("pk"))
    else:
        deals = Deal.objects.filter(stage__outcome=Stage.Outcome.OPEN).exclude(owner="")
        owned = deals.order_by().values_list("owner").annotate(Count("pk"))
    found: Counter[int] = Counter()
    for owner, number in owned:
        if (pk := by_name.get(normalise(owner))) is not None:
            found[pk] += number
    return found


def stand_in_of(person: User, at: datetime) -> User | None:
    """The person or, where they are away, who stands in for them: also along a chain."""
    today = Calendar.objects.default().day_of(at)
    seen: set[int] = set()
    user: User | None = person
    while user is not None and user.is_active and user.pk not in seen:
        seen.add(user.pk)
        absences = Absence.objects.on(today).filter(user=user.pk).select_related("stand_in")
        absence = absences.order_by("pk").first()
        if absence is None:
            return user
        user = absence.stand_in
    return None

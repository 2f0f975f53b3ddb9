"""Whom a person is to call next: leads from the highest score down, as many as they can call."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Final

from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Q, Subquery

from contacts.models import Activity, Contact, Lifecycle, Task
from contacts.normalise import normalise
from scoring.criteria.document import DocumentInvalid
from scoring.engine.leads import Lead, LeadQuerySet
from scoring.engine.models import Track
from scoring.pipeline.calls.models import CallCapacity, CallEntry, CallRoutine

CALL: Final = "call"
# Leads the origin of every task that a call has made.
ORIGIN: Final = "call:"
# Nobody sells to them any more, or again.
OVER: Final = (Lifecycle.CUSTOMER, Lifecycle.LOST)


@dataclass(frozen=True, slots=True)
class Part:
    """Of a plan what one person is to call, the hottest first."""

    user: User
    capacity: int
    leads: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to call, and how many are left for the next time.

    ``below``: those under the total that calls begin at; ``beyond``: those for whom there is no
    room; ``without_phone``: whom nobody can call.
    """

    parts: Sequence[Part]
    from_total: int | None
    below: int
    beyond: int
    without_phone: int

    @property
    def left(self) -> int:
        return self.below + self.beyond

    @property
    def count(self) -> int:
        return sum(len(part.leads) for part in self.parts)


def live_track() -> Track | None:
    """The one whose leads are called: of the first model that went live."""
    tracks = Track.objects.select_related("model", "version__model")
    return tracks.filter(role=Track.Role.LIVE).order_by("pk").first()


def capacities(people: Sequence[User], routine: CallRoutine) -> dict[int, int]:
    """By user, how many calls each makes in a session."""
    own = dict(CallCapacity.objects.filter(user__in=people).values_list("user", "capacity"))
    return {user.pk: own.get(user.pk, routine.capacity) for user in people}


def plan_for(
    people: Sequence[User], track: Track | None, routine: CallRoutine, now: datetime
) -> Plan:
    """What sessions that begin now would have in them: leads of these people and of the pool."""
    rooms = {normalise(user.get_username()): user for user in people}
    capacity = capacities(people, routine)
    found = due(seen_by(people, track), routine, now)
    found = found.filter(owner_norm__in=["", *rooms])
    high = above(routine)
    counts = found.order_by().aggregate(
        above=Count("pk", filter=high & ~Q(phone="")),
        below=Count("pk", filter=~high & ~Q(phone="")),
        without_phone=Count("pk", filter=Q(phone="")),
    )
    leads = hottest(found.exclude(phone="").filter(high), rooms, capacity)
    order = [(lead.pk, lead.owner_norm) for lead in leads.values()]
    dealt = deal(order, {name: capacity[user.pk] for name, user in rooms.items()})
    parts = [
        Part(user, capacity[user.pk], [leads[pk] for pk in dealt[name]])
        for name, user in rooms.items()
    ]
    taken = sum(len(part.leads) for part in parts)
    beyond = max(0, counts["above"] - taken)
    return Plan(parts, routine.from_total, counts["below"], beyond, counts["without_phone"])


def hottest(
    found: LeadQuerySet, rooms: Mapping[str, User], capacity: Mapping[int, int]
) -> dict[int, Any]:
    """By id, as many as could be called of each person and of the pool, the hottest first."""
    leads: dict[int, Any] = {}
    most = {"": sum(capacity.values())} | {name: capacity[user.pk] for name, user in rooms.items()}
    for owner, room in most.items():
        own = found.filter(owner_norm=owner).select_related("company").hottest()[:room]
        leads |= {lead.pk: lead for lead in own}
    return dict(sorted(leads.items(), key=lambda pair: (-pair[1].total, pair[0])))


def seen_by(people: Sequence[User], track: Track | None) -> LeadQuerySet:
    """Leads that one of these people may see."""
    found = Lead.objects.on_track(track)
    if len(people) == 1:
        return found.visible_to(people[0])
    ids = [Contact.objects.visible_to(user).values("pk") for user in people]
    return found.filter(reduce(or_, (Q(pk__in=seen) for seen in ids), Q(pk=None)))


def above(routine: CallRoutine) -> Q:
    """Those that this session is for; a call back that was promised is always."""
    if routine.from_total is None:
        return Q(pk__isnull=False)
    return Q(total__gte=routine.from_total) | Q(promised__isnull=False)


def due(leads: LeadQuerySet, routine: CallRoutine, now: datetime) -> LeadQuerySet:
    """Of these leads those who are to be called and are in nobody's session.

    ``promised``: when a call back was promised for, which is past by now.
    """
    promised = Task.objects.open().filter(
        contact=OuterRef("pk"), origin__startswith=ORIGIN, due_at__isnull=False
    )
    called = Activity.objects.filter(
        contact=OuterRef("pk"),
        type__slug=CALL,
        automated=False,
        occurred_at__gt=routine.quiet_since(now),
        occurred_at__lte=now,
    )
    held = CallEntry.objects.filter(contact=OuterRef("pk"), holds=True)
    found: LeadQuerySet = (
        leads.filter(excluded=False)
        .exclude(lifecycle__in=OVER)
        .annotate(promised=Subquery(promised.order_by("-due_at").values("due_at")[:1]))
        .filter(Q(promised__lte=now) | (Q(promised=None) & ~Exists(called)))
        .exclude(Exists(held))
    )
    return found.exclude(pk__in=never_called(routine)) if routine.never_id else found


def never_called(routine: CallRoutine) -> Any:
    """Those of the segment; everybody where its condition cannot be asked any more.

    Better nobody is called than somebody who has asked for not being called.
    """
    everybody = Contact.objects.all()
    try:
        chosen = routine.never.narrow(everybody) if routine.never else everybody.none()
    except DocumentInvalid:
        chosen = everybody
    return chosen.values("pk")


def deal(leads: Iterable[tuple[int, str]], rooms: Mapping[str, int]) -> dict[str, list[int]]:
    """Share out leads, the hottest first, among people with room for so many each.

    A lead is an id and the normalised name of its owner, empty in the pool. Whoever owns it
    gets it; one of the pool goes to whoever has the fewest so far.
    """
    dealt: dict[str, list[int]] = {name: [] for name in rooms}
    for pk, owner in leads:
        free = [name for name in rooms if len(dealt[name]) < rooms[name]]
        wanted = [name for name in free if name == owner] if owner else free
        if wanted:
            dealt[min(wanted, key=lambda name: len(dealt[name]))].append(pk)
    return dealt

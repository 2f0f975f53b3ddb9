"""What became of the leads that were handed over: counted in the database, in three queries."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from contacts.models import Activity, Contact, Deal
from contacts.models.sales import Stage
from scoring.pipeline.feedback.models import Handover, VerdictKind
from scoring.reports.asking import Question
from scoring.reports.bands import decoded
from scoring.reports.people import People, place_in
from scoring.reports.periods import Period

# In a key: of any band, by anybody, at any time. No band or owner is written so, encoded.
ANY: Final = "*"
MEETING: Final = "meeting_booked"
UNREACHED: Final = Q(responded_at=None) & ~Q(verdict=VerdictKind.REJECTED)
UNANSWERED: Final = Q(answered_at=None)
LATE_ATTEMPT: Final = Q(responded_at__gt=F("respond_by"))
LATE_ANSWER: Final = Q(answered_at__gt=F("feedback_by"))
# Where there is no deadline, whatever was done was in time.
ATTEMPT_IN_TIME: Final = Q(responded_at__isnull=False) & (
    Q(respond_by=None) | Q(responded_at__lte=F("respond_by"))
)
ANSWER_IN_TIME: Final = Q(answered_at__isnull=False) & (
    Q(feedback_by=None) | Q(answered_at__lte=F("feedback_by"))
)


def overdue(asked: Question) -> Q:
    """Nobody was reached, and the time for it is over."""
    return UNREACHED & Q(respond_by__lt=asked.now)


# What is counted of a set of handovers, beside how many they are.
COUNTED: Final[dict[str, Callable[[Question], Q]]] = {
    "all": lambda _question: Q(),
    "reached_in_time": lambda _question: ATTEMPT_IN_TIME,
    "reached_late": lambda _question: LATE_ATTEMPT,
    "unreached": lambda _question: UNREACHED,
    "unreached_overdue": overdue,
    "answered_in_time": lambda _question: ANSWER_IN_TIME,
    "answered_late": lambda _question: LATE_ANSWER,
    "waiting": lambda _question: UNANSWERED,
    "waiting_overdue": lambda asked: UNANSWERED & Q(feedback_by__lt=asked.now),
    "accepted": lambda _question: Q(verdict=VerdictKind.ACCEPTED),
    "rejected": lambda _question: Q(verdict=VerdictKind.REJECTED),
    "met": lambda _question: Q(met=True),
    "opened": lambda _question: Q(opened=True),
    "won": lambda _question: Q(won=True),
}


# What is looked at, and counted otherwise: of whom it is told whether the first attempt was in
# time, and those whose working time to it is known.
LOOKED_AT: Final[dict[str, Callable[[Question], Q]]] = {
    **COUNTED,
    "attempt_known": lambda asked: ATTEMPT_IN_TIME | LATE_ATTEMPT | overdue(asked),
    "timed": lambda _question: Q(response_seconds__isnull=False),
}


def handovers(question: Question) -> QuerySet[Handover]:
    """Those of the period, with what came after each up to now."""
    rows: QuerySet[Handover] = Handover.objects.filter(
        **question.during("handed_at"), model=question.model
    )
    if not question.is_of_all:
        rows = rows.filter(contact__in=question.contacts())
    since = {"contact": OuterRef("contact")}
    meetings = Activity.objects.filter(
        **since,
        type__slug=MEETING,
        automated=False,
        occurred_at__gte=OuterRef("handed_at"),
        occurred_at__lt=question.now,
    )
    deals = Deal.objects.filter(
        **since, opened_at__gte=OuterRef("handed_at"), opened_at__lt=question.now
    )
    won = deals.filter(stage__outcome=Stage.Outcome.WON)
    return rows.annotate(met=Exists(meetings), opened=Exists(deals), won=Exists(won)).order_by()


@dataclass(frozen=True, slots=True)
class Group:
    """Handovers that are looked at together: their numbers, and seconds -> how often."""

    numbers: Counter[str] = field(default_factory=Counter)
    seconds: Counter[int] = field(default_factory=Counter)

    def __getitem__(self, name: str) -> int:
        return self.numbers[name]

    def add(self, other: "Group") -> None:
        self.numbers.update(other.numbers)
        self.seconds.update(other.seconds)

    @property
    def hours(self) -> float | None:
        """The median of the working hours to the first attempt, of those that had one."""
        return None if not self.seconds else median_of(self.seconds) / 3600


# Owner, band and place of the piece; None has those of all.
Key = tuple[str | None, str | None, int | None]


@dataclass(frozen=True, slots=True)
class Handed:
    """By owner, band and place of the piece; how often each owner gave which reason."""

    groups: Mapping[Key, Group]
    reasons: Mapping[str, Counter[int]]

    def of(
        self, owner: str | None = None, band: str | None = None, place: int | None = None
    ) -> Group:
        return self.groups.get((owner, band, place), Group())

    @property
    def bands(self) -> set[str]:
        return {band for _owner, band, _place in self.groups if band is not None}

    @property
    def owners(self) -> set[str]:
        return {owner for owner, _band, _place in self.groups if owner is not None}


def with_sums(groups: Mapping[tuple[str, str, int], Group]) -> Mapping[Key, Group]:
    """With those of all owners, bands or places: they are asked for of every row of a table."""
    found: defaultdict[Key, Group] = defaultdict(Group)
    for (owner, band, place), group in groups.items():
        for key in product((owner, None), (band, None), (place, None)):
            found[key].add(group)
    return found


def handed(question: Question, people: People) -> Handed:
    pieces = question.pieces()
    rows: Any = handovers(question).annotate(place=place_in(pieces, "handed_at"))
    groups: defaultdict[tuple[str, str, int], Group] = defaultdict(Group)
    counts = {
        name: Count("pk", filter=made(question)) for name, made in COUNTED.items() if name != "all"
    }
    found = rows.values("owner", "band", "place").annotate(all=Count("pk"), **prefixed(counts))
    for row in found:
        group = groups[people.key(row["owner"]), row["band"], row["place"]]
        group.numbers["all"] += row["all"]
        group.numbers.update({name: row[f"n_{name}"] for name in counts})
    answered = rows.filter(response_seconds__isnull=False)
    times = answered.values_list("owner", "band", "place", "response_seconds")
    for owner, band, place, seconds, number in times.annotate(Count("pk")):
        groups[people.key(owner), band, place].seconds[seconds] += number
    reasons: defaultdict[str, Counter[int]] = defaultdict(Counter)
    rejected = rows.filter(verdict=VerdictKind.REJECTED).values_list("owner", "reason")
    for owner, reason, number in rejected.annotate(Count("pk")):
        reasons[people.key(owner)][reason] += number
    return Handed(with_sums(groups), reasons)


def prefixed(counts: Mapping[str, Count]) -> dict[str, Count]:
    """Names that are no column's."""
    return {f"n_{name}": count for name, count in counts.items()}


def median_of(numbers: Counter[int]) -> float:
    """Of each number as often as it came."""
    half = (numbers.total() + 1) / 2
    return (nth(numbers, int(half)) + nth(numbers, int(half + 0.5))) / 2


def nth(numbers: Counter[int], place: int) -> int:
    seen = 0
    for number in sorted(numbers):
        seen += numbers[number]
        if seen >= place:
            return number
    raise ValueError("There are not so many.")


def owners_of(rows: QuerySet[Handover], key: str, people: People) -> Sequence[str]:
    """The ways in which an owner is written in them."""
    written: Iterable[str] = rows.values_list("owner", flat=True).distinct()
    return [owner for owner in written if people.key(owner) == key]


def contacts_behind(question: Question, key: str) -> QuerySet[Contact] | None:
    """``what``, ``what:band``, ``what:band:owner`` or ``what:band:owner:day``; None for others.

    Band and owner are percent-encoded, and the day is the first of a step; ``ANY`` for all.
    """
    what, *given = key.split(":")
    counted = counted_by(question, what)
    if counted is None or len(given) > 3:
        return None
    band, owner, first = [*given, ANY, ANY, ANY][:3]
    period: Period | None = question.period
    if first != ANY:
        period = question.period.piece_from(first, question.grain)
    if period is None:
        return None
    rows = handovers(replace(question, period=period)).filter(counted)
    if band != ANY:
        rows = rows.filter(band=decoded(band) or "")
    if owner != ANY:
        rows = rows.filter(owner__in=owners_of(rows, decoded(owner) or "", People()))
    return Contact.objects.filter(pk__in=rows.values("contact"))


def counted_by(question: Question, what: str) -> Q | None:
    """Which handovers: one of ``LOOKED_AT``, or those that were rejected for ``reason-1``."""
    if what in LOOKED_AT:
        return LOOKED_AT[what](question)
    kind, _dash, pk = what.partition("-")
    if kind != "reason" or not (pk.isdecimal() and pk.isascii() and len(pk) < 10):
        return None
    return COUNTED["rejected"](question) & Q(reason=int(pk))

"""What time alone makes of a score: change after change, if nothing more happens."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from time import monotonic

from contacts.models import Activity, Contact
from contacts.normalise import EPOCH
from scoring.criteria.conditions import Condition, moments
from scoring.criteria.document import (
    AbsenceTest,
    ActivityRule,
    Count,
    ModelDocument,
    ProfileTest,
    Rule,
)
from scoring.criteria.moments import Moment
from scoring.engine.contributors import later_changes
from scoring.engine.results import Result, score
from scoring.engine.sweep import of_activity


@dataclass(frozen=True, slots=True)
class Step:
    """An instant at which the result differs from before; None is outside the audience."""

    at: datetime
    result: Result | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The next changes in order; ``is_whole`` where it is known that none comes after them."""

    steps: tuple[Step, ...]
    is_whole: bool


def forecast(
    document: ModelDocument,
    contact_id: int,
    as_of: datetime,
    using: str,
    now: Result | None,
    *,
    most: int,
    seconds: float,
) -> Forecast:
    """The next changes after ``as_of``: at most so many, and no new one after so long."""
    if most == 0:
        return Forecast((), is_whole=False)
    until = monotonic() + seconds
    steps: list[Step] = []
    for step in foretold(document, contact_id, as_of, using, now):
        steps.append(step)
        if len(steps) == most or monotonic() > until:
            return Forecast(tuple(steps), is_whole=False)
    return Forecast(tuple(steps), is_whole=True)


def next_result(
    document: ModelDocument, contact_id: int, as_of: datetime, using: str, now: Result | None
) -> tuple[datetime | None, Result | None]:
    """The first instant after ``as_of`` with another result, and that result."""
    step = next(foretold(document, contact_id, as_of, using, now), None)
    return (step.at, step.result) if step else (None, None)


def foretold(
    document: ModelDocument, contact_id: int, as_of: datetime, using: str, now: Result | None
) -> Iterator[Step]:
    """Every instant after ``as_of`` with another result than before it, in order.

    A contact may have 100,000 activities, each with its instants. So those at which a worth
    can only move away from what it is now are halved; only the few others are tried in turn.
    """

    @cache
    def at(reached: datetime) -> Result | None:
        return score(document, [contact_id], reached, using).get(contact_id)

    one_way, others = (sorted(found) for found in instants_of(document, contact_id, as_of, using))
    reached, current = as_of, now
    while (first := next_of(one_way, others, reached, at, current)) is not None:
        reached, current = first, at(first)
        yield Step(first, current)


def next_of(
    one_way: list[datetime],
    others: list[datetime],
    reached: datetime,
    at: Callable[[datetime], Result | None],
    current: Result | None,
) -> datetime | None:
    """The first of these sorted instants after ``reached`` with another result than now."""

    def differs(instant: datetime) -> bool:
        return at(instant) != current

    first = next(filter(differs, others[bisect_right(others, reached) :]), None)
    # Before the first of the others nothing but one-way worths moves: differing, it stays so.
    end = len(one_way) if first is None else bisect_left(one_way, first)
    start = bisect_right(one_way, reached)
    # One change is mostly followed by another soon: so the near ones are asked first.
    stride = 1
    while start + stride < end and not differs(one_way[start + stride - 1]):
        start, stride = start + stride, stride * 16
    end_here = min(start + stride, end)
    place = bisect_left(one_way, True, start, max(start, end_here), key=differs)
    return one_way[place] if place < end else first


def instants_of(
    document: ModelDocument, contact_id: int, as_of: datetime, using: str
) -> tuple[set[datetime], set[datetime]]:
    """The instants after ``as_of`` at which the result may change: of one-way rules, others."""
    one_way: set[datetime] = set()
    others: set[datetime] = set()
    if document.audience:
        others.update(condition_changes(document.audience, document, contact_id, as_of, using))
    for rule in document.rules:
        if isinstance(rule.test, ProfileTest):
            changes = condition_changes(rule.test.when, document, contact_id, as_of, using)
            others.update(changes)
            continue
        instants = activity_instants(rule, rule.test, contact_id, as_of, using)
        # Without new activities points only fade or expire, and absence only begins.
        group = others if any(instant > as_of for instant in instants) else one_way
        group.update(rule_changes(rule, instants, contact_id, as_of, using))
    return one_way, others


def activity_instants(
    rule: Rule, test: ActivityRule | AbsenceTest, contact_id: int, as_of: datetime, using: str
) -> list[datetime]:
    """When the contact did what the rule is about, newest first.

    Without those that every cut-off has passed: of 100,000 activities few may be left.
    """
    filtered = test.absent if isinstance(test, AbsenceTest) else test.activity
    found = (
        Activity.objects.using(using)
        .filter(type__slug__in=filtered.types, contact=contact_id, automated=False)
        .filter(filtered.holds())
        .order_by("-occurred_at")
    )
    reached = [moment.at(as_of) for moment in cut_offs_of(rule, test)]
    known = [instant for instant in reached if instant is not None]
    # None is before every instant.
    if len(known) == len(reached):
        found = found.filter(occurred_at__gt=min(known, default=as_of))
    instants = found.values_list("occurred_at", flat=True)
    most = newest_of(test)
    if most is None:
        return list(instants)
    later = list(instants.filter(occurred_at__gt=as_of))
    return later + list(instants.filter(occurred_at__lte=as_of)[:most])


def cut_offs_of(rule: Rule, test: ActivityRule | AbsenceTest) -> list[Moment]:
    if isinstance(test, AbsenceTest):
        return [Moment(test.duration)]
    return list(of_activity(rule, test))


def newest_of(test: ActivityRule | AbsenceTest) -> int | None:
    """Of what counts once only the newest ones hold the worth; None where all of them do."""
    if isinstance(test, AbsenceTest):
        return 1
    return test.at_least if test.count == Count.ONCE else None


def rule_changes(
    rule: Rule, instants: list[datetime], contact_id: int, as_of: datetime, using: str
) -> Iterator[datetime]:
    """Instants after ``as_of`` at which the worth of a rule about activities may change."""
    test = rule.test
    if isinstance(test, ProfileTest):
        return
    cut_offs = cut_offs_of(rule, test)
    if isinstance(test, AbsenceTest):
        created = Contact.objects.using(using).values_list("created_at", flat=True)
        if known := created.get(pk=contact_id):
            yield from later_changes(cut_offs, known, as_of)
    past = [occurred_at for occurred_at in instants if occurred_at <= as_of]
    for occurred_at in past[: newest_of(test)]:
        yield from later_changes(cut_offs, occurred_at, as_of)
    for occurred_at in instants:
        if occurred_at > as_of:
            yield from later_changes([Moment(), *cut_offs], occurred_at, as_of)


def condition_changes(
    condition: Condition, document: ModelDocument, contact_id: int, as_of: datetime, using: str
) -> Iterator[datetime]:
    for field, moment in moments(condition, document.catalogue):
        contacts = Contact.objects.using(using).annotate(watched_value=field.expression)
        value = contacts.values_list("watched_value", flat=True).get(pk=contact_id)
        if isinstance(value, int):
            day = EPOCH + timedelta(days=value)
            value = datetime(day.year, day.month, day.day, tzinfo=UTC)
        if value is not None:
            yield from later_changes([moment], value, as_of)

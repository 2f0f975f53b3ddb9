"""What one rule is worth, as SQL over the columns that it asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, IntegerField, Max, Q, Sum
from django.db.models.lookups import LessThanOrEqual
from django.db.models.sql.compiler import SQLCompiler

from scoring.criteria.conditions import holds
from scoring.criteria.fields import Catalogue
from scoring.criteria.moments import InstantBound, Literal, Moment, MomentParameter
from scoring.criteria.rules import AbsenceTest, ActivityRule, Decay, ProfileTest, Rule
from scoring.engine.columns import Columns, Unit, after, flag
from scoring.engine.sql import Sql


@dataclass(frozen=True, slots=True)
class Step:
    """Activities newer than ``after`` and not newer than the step before are worth this."""

    after: Moment
    points: int


def steps(points: int, decay: Decay) -> tuple[Step, ...]:
    """The falling worth of one activity, newest first; steps of equal worth are one.

    After the last step an activity is worth nothing.
    """
    found: list[Step] = []
    for lapsed in range(100):
        worth = faded(points, decay.percent, lapsed)
        if worth == 0:
            break
        step = Step(Moment(decay.every, lapsed + 1), worth)
        if found and found[-1].points == worth:
            found[-1] = step
        else:
            found.append(step)
    return tuple(found)


def faded(points: int, percent: int, lapsed: int) -> int:
    """``points x max(0, 1 - lapsed x percent / 100)``, rounded half away from zero."""
    hundredths = abs(points) * max(0, 100 - lapsed * percent)
    worth = (hundredths + 50) // 100
    return worth if points > 0 else -worth


def matching(rule: ActivityRule) -> Q:
    """The activities of the rule's types that pass its filter and its window."""
    found = rule.activity.holds()
    return found & after("occurred_at", Moment(rule.expires)) if rule.expires else found


def worth_of_one(rule: Rule, test: ActivityRule) -> Any:
    """The worth now of one matching activity, as an expression over activities."""
    if test.decay is None:
        return Literal(rule.points)
    falling = steps(rule.points, test.decay)
    return ByAge(falling) if falling else Literal(0)


class ByAge(Func):
    """The points of the step that an activity has reached; 0 after the last.

    One expression and not a Django ``Case``, whose hundred steps take as many times longer
    to compile.
    """

    output_field = IntegerField()

    def __init__(self, falling: tuple[Step, ...]) -> None:
        self.falling = falling
        super().__init__(F("occurred_at"))

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *extra: Any, **more: Any
    ) -> tuple[str, list[Any]]:
        column, params = compiler.compile(self.source_expressions[0])
        whens = [f"WHEN {column} > %s THEN {step.points}" for step in self.falling]
        bounds = [InstantBound(step.after) for step in self.falling]
        return f"(CASE {' '.join(whens)} ELSE 0 END)", [*params, *bounds]


def horizon(rule: Rule, test: ActivityRule) -> Moment | None:
    """The cut-off before which no activity can matter to the rule; None: all may."""
    if test.expires:
        return Moment(test.expires)
    if test.decay and rule.points and test.at_least == 1:
        last = steps(rule.points, test.decay)[-1:]
        return last[0].after if last else Moment(test.decay.every)
    return None


def worth_of(rule: Rule, columns: Columns, catalogue: Catalogue) -> Sql:
    """The rule's worth after its limit; of an excluding rule 1 where it holds, else 0."""
    if isinstance(rule.test, ProfileTest):
        return of_profile(rule, rule.test, columns, catalogue)
    if isinstance(rule.test, AbsenceTest):
        return of_absence(rule, rule.test, columns)
    if rule.test.count == "each":
        return limited(of_each(rule, rule.test, columns), rule.test.limit)
    if rule.test.count == "once":
        return of_once(rule, rule.test, columns)
    return limited(of_different(rule, rule.test, columns), rule.test.limit)


def won(rule: Rule) -> int:
    return 1 if rule.exclude else rule.points


def of_profile(rule: Rule, test: ProfileTest, columns: Columns, catalogue: Catalogue) -> Sql:
    held = columns.of_contact(flag(holds(test.when, catalogue)))
    return Sql.put("({} * {})", won(rule), held)


def of_absence(rule: Rule, test: AbsenceTest, columns: Columns) -> Sql:
    cut_off = Moment(test.duration)
    found = columns.count(
        test.absent.types,
        Unit.ACTIVITY,
        test.absent.holds() & after("occurred_at", cut_off),
        cut_off,
    )
    old: Any = LessThanOrEqual(F("created_at"), MomentParameter(InstantBound(cut_off)))
    known = columns.of_contact(flag(old))
    return Sql.put(
        "(CASE WHEN COALESCE({}, 0) = 0 THEN {} * {} ELSE 0 END)", found, won(rule), known
    )


def of_each(rule: Rule, test: ActivityRule, columns: Columns) -> Sql:
    types, since = test.activity.types, horizon(rule, test)
    if test.decay is None:
        count = columns.count(types, Unit.ACTIVITY, matching(test), since)
        return Sql.put("({} * COALESCE({}, 0))", rule.points, count)
    worth = worth_of_one(rule, test)
    total = columns.aggregate(types, lambda q: Sum(worth, filter=q), matching(test), since)
    return Sql.put("COALESCE({}, 0)", total)


def of_once(rule: Rule, test: ActivityRule, columns: Columns) -> Sql:
    types, since, found = test.activity.types, horizon(rule, test), matching(test)
    worth = Sql(str(won(rule)))
    if test.decay:
        newest = columns.aggregate(types, lambda q: Max("occurred_at", filter=q), found, since)
        worth = by_newest(newest, steps(rule.points, test.decay))
        if test.at_least == 1:
            return worth
    count = columns.count(types, Unit.ACTIVITY, found, since)
    return Sql.put(
        "(CASE WHEN COALESCE({}, 0) >= {} THEN {} ELSE 0 END)", count, test.at_least, worth
    )


def by_newest(column: str, falling: Sequence[Step]) -> Sql:
    """The worth of an activity at the instant in a column; 0 where that is NULL."""
    whens = [
        Sql.put("WHEN {} > {} THEN {}", column, Sql("%s", (InstantBound(s.after),)), s.points)
        for s in falling
    ]
    return Sql.put("(CASE {} ELSE 0 END)", Sql.join(" ", whens)) if whens else Sql("0")


def of_different(rule: Rule, test: ActivityRule, columns: Columns) -> Sql:
    unit = Unit.DAY if test.count == "once_per_day" else Unit.TARGET
    count = columns.count(test.activity.types, unit, matching(test), horizon(rule, test))
    return Sql.put("({} * COALESCE({}, 0))", rule.points, count)


def limited(worth: Sql, limit: int | None) -> Sql:
    if limit is None:
        return worth
    return clipped(worth, -limit, limit)


def clipped(value: Sql, low: int | None, high: int | None) -> Sql:
    """A value held between two bounds, each of which may be missing."""
    whens = []
    if high is not None:
        whens.append(Sql.put("WHEN {} > {} THEN {}", value, high, high))
    if low is not None:
        whens.append(Sql.put("WHEN {} < {} THEN {}", value, low, low))
    return Sql.put("(CASE {} ELSE {} END)", Sql.join(" ", whens), value) if whens else value

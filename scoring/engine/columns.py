"""What the rules of a document read: columns over contacts and over activities.

A rule asks ``Columns`` for the values it needs and gets their names back; each name is a
column of the profile pass (one row a contact) or of one pass over activities.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BooleanField,
    Case,
    Count,
    F,
    Func,
    Max,
    Q,
    QuerySet,
    TextField,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThanOrEqual
from django.db.models.sql.compiler import SQLCompiler

from contacts.models import Activity, Contact
from scoring.criteria.moments import Bound, InstantBound, Literal, Moment, MomentParameter
from scoring.engine.sql import Late, LateParameter, Sql, TypeId

# SQLite joins 64 tables at most. Beyond this many passes the rest share one, in which each
# rule tests the type as well.
MOST_PASSES = 40

NOW = MomentParameter(InstantBound(Moment()))


class ScopeKind(StrEnum):
    RANGE = "range"
    IDS = "ids"


class Unit(StrEnum):
    """What a pass counts: activities, or different days or targets among them."""

    ACTIVITY = "activity"
    DAY = "day"
    TARGET = "target"


class OneOfIds(Func):
    """A column is one of the ids of the scope, given as one parameter."""

    output_field = BooleanField()

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *extra: Any, **more: Any
    ) -> tuple[str, list[Any]]:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"({sql} = ANY(%s::integer[]))", [*params, Late("ids")]

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, list[Any]]:
        sql, params = compiler.compile(self.source_expressions[0])
        among = "(SELECT value FROM json_each(%s))"
        return f"({sql} IN {among})", [*params, Late("ids")]


class OneOfTypes(Func):
    """An activity is of one of these types."""

    output_field = BooleanField()

    def __init__(self, slugs: Sequence[str]) -> None:
        self.slugs = tuple(slugs)
        super().__init__(F("type_id"))

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *extra: Any, **more: Any
    ) -> tuple[str, list[Any]]:
        sql, params = compiler.compile(self.source_expressions[0])
        ids = [TypeId(slug) for slug in self.slugs]
        if len(ids) == 1:
            return f"({sql} = %s)", [*params, *ids]
        return f"({sql} IN ({', '.join(['%s'] * len(ids))}))", [*params, *ids]


class DayOf(Func):
    """The UTC day of an instant, as something that only equality is asked of."""

    # Arithmetic on one number; a cast to date would look the time zone up for every row.
    template = "date_bin('1 day', %(expressions)s, '0001-01-01 00:00:00+00')"
    output_field = TextField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="substr(%(expressions)s, 1, 10)")


@dataclass(frozen=True, slots=True)
class EarliestBound(Bound):
    """The earliest of several cut-offs: how far back a scan has to look."""

    moments: tuple[Moment, ...] = ()

    def bind(self, as_of: datetime, vendor: str) -> object:
        instants = [(moment.at(as_of), moment) for moment in self.moments]
        for instant, moment in instants:
            if instant is None:
                return InstantBound(moment).bind(as_of, vendor)
        earliest = min(instants, key=lambda pair: pair[0] or as_of)[1]
        return InstantBound(earliest).bind(as_of, vendor)


class EarliestParameter(MomentParameter):
    def __init__(self, moments: Sequence[Moment]) -> None:
        super().__init__(InstantBound(moments[0]))
        self.bound = EarliestBound(moments[0], tuple(moments))


def after(column: str, moment: Moment) -> Q:
    return Q(GreaterThan(F(column), MomentParameter(InstantBound(moment))))


def in_scope(column: str, kind: ScopeKind) -> Q:
    if kind is ScopeKind.IDS:
        return Q(OneOfIds(F(column)))
    first, last = LateParameter(Late("first")), LateParameter(Late("last"))
    return Q(GreaterThanOrEqual(F(column), first)) & Q(LessThanOrEqual(F(column), last))


def flag(condition: Any) -> Case:
    """1 where a condition holds, otherwise 0."""
    return Case(When(condition, then=Literal(1)), default=Literal(0))


@dataclass(slots=True)
class Pass:
    """One scan over the activities of some types, grouped by contact."""

    types: tuple[str, ...]
    unit: Unit
    columns: dict[str, Any] = field(default_factory=dict)
    since: list[Moment | None] = field(default_factory=list)

    def sql(self, kind: ScopeKind, using: str) -> Sql:
        """``contact_id`` and the columns, a row for each contact with such an activity."""
        inner = Sql.of(self.queryset(kind), using)
        if self.unit is Unit.ACTIVITY:
            return inner
        sums = ", ".join(f"SUM({name}) AS {name}" for name in self.columns)
        return Sql.put("SELECT contact_id, {} FROM ({}) t GROUP BY contact_id", sums, inner)

    def queryset(self, kind: ScopeKind) -> QuerySet[Activity, Any]:
        counting = (
            Activity.objects.order_by()
            .filter(OneOfTypes(self.types), automated=False)
            .filter(LessThanOrEqual(F("occurred_at"), NOW))
            .filter(in_scope("contact_id", kind))
        )
        if all(self.since):
            moments = [moment for moment in dict.fromkeys(self.since) if moment]
            counting = counting.filter(GreaterThan(F("occurred_at"), EarliestParameter(moments)))
        grouped: QuerySet[Activity, Any]
        if self.unit is Unit.DAY:
            grouped = counting.annotate(day=DayOf(F("occurred_at"))).values("contact_id", "day")
        elif self.unit is Unit.TARGET:
            grouped = counting.values("contact_id", "target_id")
        else:
            grouped = counting.values("contact_id")
        return grouped.annotate(**self.columns)


class Columns:
    """The columns that the rules of one document need, gathered rule by rule."""

    def __init__(self, crowded: bool = False) -> None:
        self.crowded = crowded
        self.profile: dict[str, Any] = {}
        self.passes: dict[tuple[tuple[str, ...], Unit], Pass] = {}
        self._names = 0

    def _name(self, letter: str) -> str:
        self._names += 1
        return f"{letter}{self._names}"

    def of_contact(self, expression: Combinable | Case) -> str:
        name = self._name("p")
        self.profile[name] = expression
        return name

    def count(self, types: Sequence[str], unit: Unit, matching: Q, since: Moment | None) -> str:
        """How many activities match, or on how many days, or of how many targets."""
        if unit is not Unit.ACTIVITY:
            return self._add(
                types, unit, lambda q: Max(flag(q) if q else Literal(1)), matching, since
            )
        return self._add(
            types, unit, lambda q: Count(Literal(1), filter=q or None), matching, since
        )

    def aggregate(self, types: Sequence[str], make: Any, matching: Q, since: Moment | None) -> str:
        """``make(filter)`` over the matching activities; NULL where none matches."""
        return self._add(types, Unit.ACTIVITY, lambda q: make(q or None), matching, since)

    def _add(
        self, types: Sequence[str], unit: Unit, make: Any, matching: Q, since: Moment | None
    ) -> str:
        key = (tuple(sorted(set(types))), unit)
        if self.crowded:
            key = ((), unit)
            matching = Q(OneOfTypes(types)) & matching
        one_pass = self.passes.setdefault(key, Pass(key[0], unit))
        if self.crowded:
            one_pass.types = tuple(sorted({*one_pass.types, *types}))
        name = self._name("a")
        one_pass.columns[name] = make(matching)
        one_pass.since.append(since)
        return name

    def profile_sql(self, kind: ScopeKind, using: str) -> Sql:
        """``contact_id`` and the profile columns, one row for each contact of the scope."""
        contacts = Contact.objects.order_by().filter(in_scope("pk", kind))
        return Sql.of(contacts.values(contact_id=F("pk")).annotate(**self.profile), using)

    def joined(self, kind: ScopeKind, using: str) -> Sql:
        """The profile pass with every pass over activities joined to it."""
        text = Sql.put("({}) p", self.profile_sql(kind, using))
        for place, one_pass in enumerate(self.passes.values()):
            text = Sql.put(
                "{} LEFT JOIN ({}) pass{} ON pass{}.contact_id = p.contact_id",
                text,
                one_pass.sql(kind, using),
                place,
                place,
            )
        return text

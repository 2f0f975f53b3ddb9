"""Instants that depend on ``as_of``, as parameters that are filled in when SQL is run.

A compiled query can so be kept and run at any instant: what stands in its parameters is
not a time but a ``Bound``, which gives the time once ``as_of`` is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BooleanField,
    DateTimeField,
    Expression,
    ExpressionWrapper,
    Field,
    IntegerField,
    Q,
)
from django.db.models.sql.compiler import SQLCompiler

from contacts.normalise import EPOCH
from scoring.criteria.durations import Duration

# Before every day that a calendar has; the cut-off of a window longer than history.
BEFORE_EVERY_DAY = -(10**9)


@dataclass(frozen=True, slots=True)
class Moment:
    """``as_of`` itself or, with a duration, so many lengths before it."""

    duration: Duration | None = None
    times: int = 1

    def at(self, as_of: datetime) -> datetime | None:
        """The instant (UTC); None precedes every instant."""
        return as_of if self.duration is None else self.duration.before(as_of, self.times)


@dataclass(frozen=True, slots=True)
class Bound:
    """The value of a parameter at an ``as_of``, in the form in which a database stores it."""

    moment: Moment

    def bind(self, as_of: datetime, vendor: str) -> object:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class InstantBound(Bound):
    """For columns of instants: text as Django stores it on SQLite, aware on PostgreSQL."""

    def bind(self, as_of: datetime, vendor: str) -> object:
        instant = self.moment.at(as_of)
        if vendor == "sqlite":
            return "" if instant is None else str(instant.replace(tzinfo=None))
        return "-infinity" if instant is None else instant


@dataclass(frozen=True, slots=True)
class DayBound(Bound):
    """For columns of whole days since 1970-01-01 (UTC): the day that holds the moment."""

    def bind(self, as_of: datetime, vendor: str) -> object:
        instant = self.moment.at(as_of)
        return BEFORE_EVERY_DAY if instant is None else days(instant.date())


class MomentParameter(Expression):
    """One ``%s`` whose parameter is the bound itself; whoever runs the SQL binds it."""

    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        field: Field[Any, Any] = (
            DateTimeField() if isinstance(bound, InstantBound) else IntegerField()
        )
        super().__init__(output_field=field)

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Any]]:
        return "%s", [self.bound]


class AsOf(Expression):
    """A condition at one instant, for a queryset of Django's: every bound in it is filled in."""

    def __init__(self, condition: Q, as_of: datetime) -> None:
        self.as_of = as_of
        self.condition: Any = ExpressionWrapper(condition, BooleanField())
        super().__init__(output_field=BooleanField())

    def get_source_expressions(self) -> list[Any]:
        return [self.condition]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        [self.condition] = exprs

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Any]]:
        sql, compiled = compiler.compile(self.condition)
        parameters: Sequence[Any] = compiled
        return sql, [
            each.bind(self.as_of, connection.vendor) if isinstance(each, Bound) else each
            for each in parameters
        ]


class Literal(Expression):
    """A whole number of our own, written into the SQL: it costs no parameter."""

    def __init__(self, number: int) -> None:
        self.number = int(number)
        super().__init__(output_field=IntegerField())

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Any]]:
        return str(self.number), []


def days(day: date) -> int:
    """Whole days since 1970-01-01."""
    return (day - EPOCH).days

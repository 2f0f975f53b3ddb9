"""Text of SQL with its parameters, put together from what Django compiled.

Django has no join of aggregates; so the engine joins compiled querysets here. The text
that is added is fixed, or made of numbers and column names of our own: whatever a person
typed is a parameter of a compiled expression.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Self

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Expression, Field, IntegerField, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from scoring.criteria.moments import Bound

# SQLite's own limit is 32,766; where there are more, they wait in a table of this connection.
MOST_PARAMETERS = 30_000
VALUE_AT = "(SELECT value FROM scoring_value WHERE place = %d)"
VALUE_TABLE = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS scoring_value (place integer PRIMARY KEY, value)"
)
# Of a statement that the server prepares; the text that Django sends has no limit.
MOST_PREPARED = 65_535


@dataclass(frozen=True, slots=True)
class Scope:
    """Which contacts a statement is run for: an id range, or a list of ids."""

    first: int = 0
    last: int = 0
    ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """What a statement needs to be run: the one instant, the contacts, the track.

    What is written names its version, its cause and when that was.
    """

    as_of: datetime
    scope: Scope
    types: dict[str, int]
    track: int = 0
    version: int = 0
    cause: str = ""
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Late:
    """A parameter that is known only when the statement is run."""

    what: str

    def bind(self, run: Run, vendor: str) -> object:
        if self.what in ("first", "last"):
            return getattr(run.scope, self.what)
        if self.what in ("track", "version", "cause"):
            return getattr(run, self.what)
        if self.what in ("as_of", "written_at"):
            # In the form in which Django stores an instant: SQLite itself has another.
            ops = connections[DEFAULT_DB_ALIAS].ops
            return ops.adapt_datetimefield_value(getattr(run, self.what))
        if vendor == "postgresql":
            # As text: of lists the driver would tell the server a type for each size of id.
            return f"{{{','.join(map(str, run.scope.ids))}}}"
        return str(list(run.scope.ids))


@dataclass(frozen=True, slots=True)
class TypeId:
    """The id of an activity type in the database at hand; no activity has -1."""

    slug: str

    def bind(self, run: Run, vendor: str) -> object:
        return run.types.get(self.slug, -1)


class LateParameter(Expression):
    """One ``%s`` that stands for a Late or TypeId."""

    def __init__(self, late: Late | TypeId, output_field: Field[Any, Any] | None = None) -> None:
        self.late = late
        super().__init__(output_field=output_field or IntegerField())

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Any]]:
        return "%s", [self.late]


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL: ``%s`` in the text for each of the parameters, in order."""

    text: str
    params: tuple[Any, ...] = ()

    @classmethod
    def of(cls, queryset: QuerySet[Any, Any], using: str) -> Self:
        text, params = queryset.query.get_compiler(using=using).as_sql()
        return cls(text, tuple(params))

    @classmethod
    def put(cls, template: str, *pieces: "Sql | str | int") -> Self:
        """``template`` with each ``{}`` replaced by a piece, parameters in the order of text."""
        texts = [piece.text if isinstance(piece, Sql) else str(piece) for piece in pieces]
        params = [param for piece in pieces if isinstance(piece, Sql) for param in piece.params]
        return cls(template.format(*texts), tuple(params))

    @classmethod
    def join(cls, separator: str, pieces: Iterable["Sql | str"]) -> Self:
        listed = list(pieces)
        return cls.put(separator.join(["{}"] * len(listed)), *listed)

    def bind(self, run: Run, vendor: str) -> "Sql":
        """The same with every parameter filled in for this run."""
        bound = [
            param.bind(run.as_of, vendor)
            if isinstance(param, Bound)
            else param.bind(run, vendor)
            if isinstance(param, Late | TypeId)
            else param
            for param in self.params
        ]
        return Sql(self.text, tuple(bound))

    def beside(self) -> "Sql":
        """The same with its parameters taken from the rows of ``scoring_value``."""
        pieces = self.text.split("%s")
        text = [pieces[0]]
        for place, piece in enumerate(pieces[1:]):
            text += [VALUE_AT % place, piece]
        return Sql("".join(text))

    def send(self, cursor: CursorWrapper, vendor: str) -> None:
        """Have a cursor execute it, bound, whatever the number of its parameters."""
        if vendor != "sqlite" or len(self.params) <= MOST_PARAMETERS:
            cursor.execute(self.text, self.params)
            return
        cursor.execute(VALUE_TABLE)
        cursor.execute("DELETE FROM scoring_value")
        cursor.executemany(
            "INSERT INTO scoring_value VALUES (%s, %s)", list(enumerate(self.params))
        )
        cursor.execute(self.beside().text, ())

    def rows(self, run: Run, using: str, *, kept: bool = False) -> list[tuple[Any, ...]]:
        """Run it and take every row, of which there should be few.

        ``kept``: PostgreSQL keeps the plan for the next time on this connection, because
        making it takes longer than following it.
        """
        connection = connections[using]
        bound = self.bind(run, connection.vendor)
        if kept and connection.vendor == "postgresql" and len(bound.params) <= MOST_PREPARED:
            return prepared_rows(connection, bound)
        with connection.cursor() as cursor:
            bound.send(cursor, connection.vendor)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def execute(self, run: Run, using: str) -> int:
        """Run it; how many rows it wrote."""
        connection = connections[using]
        bound = self.bind(run, connection.vendor)
        with connection.cursor() as cursor:
            bound.send(cursor, connection.vendor)
            written: int = cursor.rowcount
        return max(written, 0)


def prepared_rows(connection: BaseDatabaseWrapper, bound: Sql) -> list[tuple[Any, ...]]:
    """Rows of a statement that the server prepared, its parameters beside it."""
    connection.ensure_connection()
    raw: psycopg.Connection[tuple[Any, ...]] = connection.connection
    if raw.prepare_threshold is None:
        # Django's way to say never. Its own cursors send finished text, which nobody prepares.
        raw.prepare_threshold = 5
    with connection.wrap_database_errors, psycopg.RawCursor(raw) as cursor:
        cursor.execute(numbered(bound.text), bound.params, prepare=True)
        return cursor.fetchall()


@lru_cache(maxsize=64)
def numbered(text: str) -> bytes:
    """A statement with its parameters as the server counts them.

    The driver would do it at every run, and of a text this long that takes as long as a
    small query.
    """
    first, *rest = text.split("%s")
    pieces = [first, *(f"${place}{piece}" for place, piece in enumerate(rest, 1))]
    return "".join(pieces).replace("%%", "%").encode()

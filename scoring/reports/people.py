"""The people of a report on what sales did: owners and users, by one name each."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, IntegerField
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext

from contacts.models.teams import name_of
from contacts.normalise import normalise
from scoring.reports.periods import Period


class People:
    """Names of owners, asked once; who is nobody's user is called as it is written."""

    def __init__(self) -> None:
        self.names = {normalise(user.username): name_of(user) for user in User.objects.all()}
        self.written: dict[str, str] = {}

    def key(self, owner: str) -> str:
        """The same for every way of writing an owner."""
        found = normalise(owner)
        self.written.setdefault(found, owner)
        return found

    def name(self, key: str) -> str:
        if not key:
            return gettext("nobody (the pool)")
        return self.names.get(key) or self.written.get(key) or key

    def sorted(self, keys: Iterable[str]) -> list[str]:
        """By name; the pool comes last."""
        return sorted(set(keys), key=lambda key: (not key, normalise(self.name(key)), key))


class Place(Func):
    """At which place of pieces that end at these instants one lies; after the last: one more.

    By halves, so that of 400 pieces nine are looked at; and as one expression, for Django
    takes as long for a tree of 400 as the database for all the rows.
    """

    output_field = IntegerField()

    def __init__(self, column: str, ends: tuple[datetime, ...]) -> None:
        self.ends = ends
        super().__init__(column)

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *extra: Any, **more: Any
    ) -> tuple[str, Any]:
        at, own = compiler.compile(self.source_expressions[0])
        ends = [connection.ops.adapt_datetimefield_value(end) for end in self.ends]
        params: list[Any] = []

        def among(first: int, last: int) -> str:
            if first == last:
                return str(first)
            middle = (first + last) // 2
            params.extend([*own, ends[middle]])
            before, after = among(first, middle), among(middle + 1, last)
            return f"CASE WHEN {at} < %s THEN {before} ELSE {after} END"

        return among(0, len(ends)), params


def place_in(pieces: Sequence[Period], column: str) -> Place:
    """At which place of these pieces, one after the other, the instant in a column lies."""
    return Place(column, tuple(piece.end for piece in pieces))

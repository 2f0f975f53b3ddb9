"""The few pieces of SQL that Django's own expressions lack or spend parameters on.

All of them work on SQLite and PostgreSQL. Whatever is written into SQL here is a number
of ours or a key that matches ``KEY``; texts of users are only ever parameters.
"""

import json
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BooleanField,
    Expression,
    F,
    Field,
    FloatField,
    Func,
    IntegerField,
    TextField,
    Value,
)
from django.db.models.sql.compiler import SQLCompiler

from contacts.values import KEY

Compiled = tuple[str, Any]


class IsTrue(Func):
    """A comparison that is false, not NULL, where the compared field is empty."""

    template = "((%(expressions)s) IS TRUE)"
    output_field = BooleanField()
    arity = 1


class IsBlank(Func):
    """A text that is never NULL is the empty one."""

    template = "(%(expressions)s = '')"
    output_field = BooleanField()
    arity = 1


class TextOrEmpty(Func):
    """A text that may be NULL, as the empty text where it is."""

    template = "COALESCE(%(expressions)s, '')"
    output_field = TextField()
    arity = 1


class Start(Func):
    """The first ``length`` code points of a text."""

    template = "LEFT(%(expressions)s, %(length)s)"
    output_field = TextField()

    def __init__(self, text: Expression | F, length: int) -> None:
        super().__init__(text, length=int(length))

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> Compiled:
        return self.as_sql(compiler, connection, template="SUBSTR(%(expressions)s, 1, %(length)s)")


class End(Start):
    """The last ``length`` code points of a text."""

    template = "RIGHT(%(expressions)s, %(length)s)"

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> Compiled:
        return self.as_sql(compiler, connection, template="SUBSTR(%(expressions)s, -%(length)s)")


class OneOf(Func):
    """A text, or a whole number, is in a list of any length, passed as one parameter.

    A statement on SQLite takes 32,766 parameters at most, on PostgreSQL 65,535.
    """

    output_field = BooleanField()

    def __init__(self, text: Expression | F, texts: tuple[str | int, ...]) -> None:
        super().__init__(text)
        self.texts = texts

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *extra: Any, **more: Any
    ) -> Compiled:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"({sql} = ANY(%s))", [*params, list(self.texts)]

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> Compiled:
        sql, params = compiler.compile(self.source_expressions[0])
        texts = json.dumps(self.texts, ensure_ascii=False)
        return f"({sql} IN (SELECT value FROM json_each(%s)))", [*params, texts]  # noqa: S608


class JsonKey(Func):
    """A value of a JSON column by its type-led key (``tag_types``); NULL where it is not."""

    outputs: dict[str, tuple[str, type[Field[Any, Any]]]] = {
        "s": ("text", TextField),
        "n": ("double precision", FloatField),
        "b": ("boolean", BooleanField),
        "d": ("integer", IntegerField),
    }

    def __init__(self, column: str, letter: str, key: str) -> None:
        if not KEY.fullmatch(key):
            raise ValueError(f"not a key: {key!r}")
        self.sql_type, output = self.outputs[letter]
        self.key = f"{letter}:{key}"
        super().__init__(F(column), output_field=output())

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *extra: Any, **more: Any
    ) -> Compiled:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"({sql} ->> '{self.key}')::{self.sql_type}", params

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> Compiled:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"""json_extract({sql}, '$."{self.key}"')""", params


def parameter(value: str | float) -> Value:
    """A user's value, only ever passed beside the SQL."""
    if isinstance(value, str):
        return Value(value, output_field=TextField())
    return Value(float(value), output_field=FloatField())

"""Whole numbers in one column: an array on PostgreSQL, JSON text elsewhere."""

import json
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func
from django.db.models.sql.compiler import SQLCompiler


class IntegerArrayField(models.Field[Any, Any]):
    """A list of whole numbers of 4 bytes; none of them NULL."""

    element = "integer"

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return f"{self.element}[]" if connection.vendor == "postgresql" else "text"

    def from_db_value(
        self, value: Any, expression: Any, connection: BaseDatabaseWrapper
    ) -> list[int] | None:
        array: list[int] | None = json.loads(value) if isinstance(value, str) else value
        return array

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        if value is None or connection.vendor == "postgresql":
            return value
        return json.dumps(value, separators=(",", ":"))


class BigIntegerArrayField(IntegerArrayField):
    """A list of whole numbers of 8 bytes; none of them NULL."""

    element = "bigint"


class Slot(Func):
    """The number at a place of an array column, counted from 0; NULL where it is shorter."""

    output_field = models.IntegerField()

    def __init__(self, column: str, place: int) -> None:
        self.place = int(place)
        super().__init__(column)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any
    ) -> Any:
        return self.as_sql(
            compiler, connection, template=f"(%(expressions)s)[{self.place + 1}]", **more
        )

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any) -> Any:
        template = f"json_extract(%(expressions)s, '$[{self.place}]')"
        return self.as_sql(compiler, connection, template=template, **more)

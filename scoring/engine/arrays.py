"""Whole numbers in one column: an array on PostgreSQL, JSON text elsewhere."""

import json
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


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

"""Columns that hold the comparable form of another column, kept in step on every write.

A twin is computed in Python (no database knows the normalisation), so every way of
writing has to pass here: ``save`` and ``bulk_create`` through ``pre_save``, ``update`` and
``bulk_update`` through ``TwinQuerySet``. ``check_twins`` proves it over the stored rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from contacts.normalise import email_key, normalise, phone_key, tag_types


class Twin(models.Field[Any, Any]):
    """A column derived from the column named ``of``; never edited by hand."""

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        options["editable"] = False
        super().__init__(**options)

    def derive(self, value: Any) -> Any:
        raise NotImplementedError

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        options.pop("editable", None)
        return name, path, [self.of, *args], options

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = self.derive(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, value)
        return value


class NormalisedText(Twin, models.TextField[str, str]):
    """The normalised form of a text; empty where the text is empty to a rule."""

    def __init__(self, of: str, **options: Any) -> None:
        super().__init__(of, **{"default": "", **options})

    def derive(self, value: str | None) -> str:
        return normalise(value or "")


class EmailKey(Twin, models.TextField[str, str]):
    """An address without outer blanks and case: the key of a contact."""

    def derive(self, value: str | None) -> str:
        return email_key(value or "")


class PhoneKey(Twin, models.TextField[str, str]):
    """What two ways of writing one number share; empty where it is none."""

    def __init__(self, of: str, **options: Any) -> None:
        super().__init__(of, **{"default": "", **options})

    def derive(self, value: str | None) -> str:
        return phone_key(value or "")


class TaggedValues(Twin, models.JSONField):
    """Typed values by type-led key (see ``tag_types``); NULL where there are none."""

    def __init__(self, of: str, *, dates: bool = False, **options: Any) -> None:
        self.dates = dates
        super().__init__(of, **{"null": True, **options})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        if self.dates:
            options["dates"] = True
        return name, path, args, options

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        """Numbers are floats here: PostgreSQL gives back a large one as a whole number."""
        found = super().from_db_value(value, expression, connection)
        if not isinstance(found, dict):
            return found
        return {key: float(one) if key.startswith("n:") else one for key, one in found.items()}

    def derive(self, value: Mapping[str, object] | None) -> dict[str, object] | None:
        return tag_types(value or {}, dates=self.dates) or None


M = TypeVar("M", bound=models.Model)


class TwinQuerySet(models.QuerySet[M]):
    """Bulk writes that keep the twins in step."""

    def update(self, **values: Any) -> int:
        for twin in twins_of(self.model, values):
            if not hasattr(values[twin.of], "resolve_expression"):
                values[twin.name] = twin.derive(values[twin.of])
            elif twin.name not in values:  # bulk_update writes both by expressions of its own
                raise TypeError(f"{twin.of} has a twin: update it with a value, not an expression")
        return super().update(**values)

    def bulk_update(
        self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None
    ) -> int:
        rows, names = list(objs), list(fields)
        twins = twins_of(self.model, names)
        for row in rows:
            for twin in twins:
                twin.pre_save(row, add=False)
        return super().bulk_update(rows, [*names, *(twin.name for twin in twins)], batch_size)


class TwinModel(models.Model):
    """A model with twins: a partial save takes the twins of its fields along."""

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        if update_fields is not None:
            names = set(update_fields)
            update_fields = names | {twin.name for twin in twins_of(type(self), names)}
        super().save(*args, update_fields=update_fields, **options)

    @classmethod
    def out_of_step(cls, row: Self) -> list[str]:
        """Names of the twins of a stored row that are not what their column says."""
        return [
            twin.name
            for twin in twins_of(cls)
            if getattr(row, twin.attname) != twin.derive(getattr(row, twin.of))
        ]


def twins_of(model: type[models.Model], sources: Iterable[str] | None = None) -> list[Twin]:
    """The twins of a model, or of the named columns only."""
    wanted = None if sources is None else set(sources)
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, Twin) and (wanted is None or field.of in wanted)
    ]

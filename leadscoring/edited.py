"""Rows that a form makes or changes: a click may come twice, and two people may come at once."""

from collections.abc import Iterable, Mapping
from typing import Any, Self

from django.db import IntegrityError, models, transaction


class Edited(models.Model):
    # How often it was edited, so that the second of two who change it is told.
    revision = models.PositiveIntegerField(default=0)
    # Of the form that made it: one form makes one.
    token = models.UUIDField(null=True, editable=False, unique=True)

    class Meta:
        abstract = True

    def insert(self, **chosen: Iterable[Any]) -> Self:
        """With the rows ``chosen`` of others, or what its form has made before.

        Of a click that comes twice, and of two at once, one makes it.
        """
        rows = type(self)._default_manager
        try:
            with transaction.atomic():
                self.save()
                for name, others in chosen.items():
                    getattr(self, name).set(others)
        except IntegrityError:
            return rows.get(token=self.token)
        return self

    def is_stored_with(self, typed: Mapping[str, Any], **chosen: Iterable[Any]) -> bool:
        """Whether what is typed stands there already, as after a click that comes twice."""
        stored = type(self)._default_manager.filter(pk=self.pk).first()
        if stored is None or any(getattr(stored, name) != typed[name] for name in typed):
            return False
        return all(set(getattr(stored, name).all()) == set(rows) for name, rows in chosen.items())

"""Bulk writes that leave the same trace as ``save``: a history, and contacts marked pending.

Django's bulk methods pass ``save`` by. Here they do what it does, or refuse: no ordinary way
of writing may change what a score reads without anybody noticing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, Self, TypeVar

from django.db import models, transaction

from contacts.models.history import changes_between
from contacts.models.twins import TwinQuerySet

M = TypeVar("M", bound=models.Model)
Changes = Mapping[str, tuple[object, object]]

# Rows whose profiles are held in memory at a time.
AT_ONCE: Final = 1000


class NotedQuerySet(TwinQuerySet[M]):
    """Rows whose changes are noted; ``unnoted`` leaves that to the caller."""

    noted = True
    # What to write instead of what is refused.
    instead: ClassVar[str] = ""

    def unnoted(self) -> Self:
        """The same rows, for who writes the history and the Pending rows by other means."""
        clone = self.all()
        clone.noted = False
        return clone

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]  # the stubs do not know it
        clone.noted = self.noted
        return clone

    def bulk_create(
        self,
        objs: Iterable[M],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Collection[str] | None = None,
        unique_fields: Collection[str] | None = None,
    ) -> list[M]:
        rows = list(objs)

        def create() -> list[M]:
            return super(NotedQuerySet, self).bulk_create(
                rows, batch_size, ignore_conflicts, update_conflicts, update_fields, unique_fields
            )

        if not self.noted:
            return create()
        if update_conflicts:
            raise self.refused("bulk_create(update_conflicts=True)")
        with transaction.atomic(using=self.db):
            return self.create_noted(rows, create)

    def create_noted(self, rows: Sequence[M], create: Callable[[], list[M]]) -> list[M]:
        """Create these rows and note it; here there is nothing to note."""
        return create()

    def refused(self, what: str) -> TypeError:
        name = self.model._meta.object_name
        return TypeError(f"{name}.objects.{what} would leave no trace: use {self.instead}.")


class ProfileQuerySet(NotedQuerySet[M]):
    """Rows with a ``profile()`` whose every change is history."""

    # Fields, and columns of foreign keys, that the profile shows.
    scorable: ClassVar[frozenset[str]]

    def note(self, changes: Mapping[int, Changes]) -> None:
        """Keep what changed, by primary key, and mark whoever it may concern pending."""
        raise NotImplementedError

    def update(self, **values: Any) -> int:
        if not self.noted or self.scorable.isdisjoint(values):
            return super().update(**values)
        with transaction.atomic(using=self.db):
            ids = sorted(set(self.order_by().values_list("pk", flat=True)))
            return sum(
                self.update_noted(ids[at : at + AT_ONCE], values)
                for at in range(0, len(ids), AT_ONCE)
            )

    def update_noted(self, ids: Sequence[int], values: Mapping[str, Any]) -> int:
        rows: Any = self.model._default_manager.using(self.db).filter(pk__in=ids).order_by("pk")
        before = {row.pk: row.profile() for row in rows.select_for_update(no_key=True)}
        updated = self.filter(pk__in=ids).unnoted().update(**values)
        after = {row.pk: row.profile() for row in rows}
        self.note(
            {
                pk: changes
                for pk in before
                if (changes := changes_between(before[pk], after.get(pk, before[pk])))
            }
        )
        return updated

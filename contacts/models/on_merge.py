"""What becomes of the rows of a contact that is merged into another one.

Each model with a foreign key to a contact says so itself, by ``on_merge``: a test finds one
that does not. What a treatment did is plain data, by which the merge can be undone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, cast
from uuid import UUID

from django.db import models

Data = dict[str, Any]
AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Relation:
    """A foreign key to a contact."""

    model: type[models.Model]
    field: str

    @property
    def key(self) -> str:
        return f"{self.model._meta.label_lower}.{self.field}"

    @property
    def treatment(self) -> "Treatment | None":
        return getattr(self.model, "on_merge", None)

    @property
    def is_told(self) -> bool:
        return self.treatment is None or self.treatment.is_told

    def rows(self) -> Any:
        """All rows, by a manager that leaves history and Pending rows to the merge."""
        found: Any = self.model._base_manager.all().order_by()
        return found.unnoted() if hasattr(found, "unnoted") else found

    def of(self, contact_id: int) -> Any:
        return self.rows().filter((self.field, contact_id))


class Treatment:
    """``unite`` is told with both contacts locked; ``part`` takes back what it did."""

    # Whether a person is told of what could not be given back.
    is_told = True

    def unite(self, relation: Relation, loser: int, survivor: int) -> Data:
        raise NotImplementedError

    def part(self, relation: Relation, data: Data, loser: int, survivor: int) -> int:
        """How many rows could not be given back, because they are gone or another's now."""
        raise NotImplementedError


class Move(Treatment):
    """The rows become the survivor's."""

    def unite(self, relation: Relation, loser: int, survivor: int) -> Data:
        moved = list(relation.of(loser).values_list("pk", flat=True))
        self.give(relation, moved, loser, survivor)
        return {"moved": [plain(pk) for pk in moved]} if moved else {}

    def part(self, relation: Relation, data: Data, loser: int, survivor: int) -> int:
        moved = data.get("moved", [])
        return len(moved) - self.give(relation, moved, survivor, loser)

    def give(self, relation: Relation, pks: Sequence[Any], giver: int, taker: int) -> int:
        return sum(
            relation.of(giver).filter(pk__in=pks[at : at + AT_ONCE]).update(
                **{f"{relation.field}_id": taker}
            )
            for at in range(0, len(pks), AT_ONCE)
        )  # fmt: skip


class MoveQuietly(Move):
    """The same for what the product itself works off: nobody misses it."""

    is_told = False


class Archive(Treatment):
    """The rows are kept as data of the merge alone: of the survivor they would not be true."""

    def unite(self, relation: Relation, loser: int, survivor: int) -> Data:
        return self.archive(relation.of(loser))

    def archive(self, rows: Any) -> Data:
        found = [dumped(row) for row in rows.iterator(chunk_size=AT_ONCE)]
        if not found:
            return {}
        children = {
            child.key: [dumped(row) for row in below]
            for child in children_of(rows.model)
            if (below := child.rows().filter((f"{child.field}__in", rows)))
        }
        rows.delete()
        return {"archived": found} | ({"children": children} if children else {})

    def part(self, relation: Relation, data: Data, loser: int, survivor: int) -> int:
        archived = data.get("archived", [])
        restored = restore(relation, archived)
        for child in children_of(relation.model):
            restore(child, data.get("children", {}).get(child.key, []))
        return len(archived) - restored


class ArchiveQuietly(Archive):
    """The same for what is told in another way."""

    is_told = False


class MoveUnlessThere(Move):
    """Of two rows equal in these fields the survivor's stays, and the other is archived.

    ``among``: which rows these may be, as in ``filter``.
    """

    def __init__(self, *same: str, **among: Any) -> None:
        self.same = same
        self.among = among

    def unite(self, relation: Relation, loser: int, survivor: int) -> Data:
        there = set(relation.of(survivor).filter(**self.among).values_list(*self.same))
        own = relation.of(loser).filter(**self.among).values_list("pk", *self.same)
        twice = [pk for pk, *values in own if tuple(values) in there]
        kept = Archive().archive(relation.rows().filter(pk__in=twice)) if twice else {}
        return super().unite(relation, loser, survivor) | kept

    def part(self, relation: Relation, data: Data, loser: int, survivor: int) -> int:
        lost = super().part(relation, data, loser, survivor)
        return lost + Archive().part(relation, data, loser, survivor)


class CloseTwice(Move):
    """Of two rows that are open and equal in these fields the survivor's stays open.

    ``is_open`` as in ``filter``; ``closed``: the columns of one that is closed, by name.
    """

    def __init__(self, *same: str, is_open: Data, closed: Callable[[], Data]) -> None:
        self.same = same
        self.is_open = is_open
        self.closed = closed

    def unite(self, relation: Relation, loser: int, survivor: int) -> Data:
        rows = relation.of(survivor).filter(**self.is_open)
        there = {values_of(row, self.same) for row in rows}
        own = relation.of(loser).filter(**self.is_open)
        twice = [row for row in own if values_of(row, self.same) in there]
        columns = self.closed()
        closed = [
            {"pk": plain(row.pk)} | {name: plain(getattr(row, name)) for name in columns}
            for row in twice
        ]
        relation.rows().filter(pk__in=[row.pk for row in twice]).update(**columns)
        return super().unite(relation, loser, survivor) | ({"closed": closed} if closed else {})

    def part(self, relation: Relation, data: Data, loser: int, survivor: int) -> int:
        """What was closed is open again, if nobody has changed it since."""
        lost = super().part(relation, data, loser, survivor)
        for former in data.get("closed", []):
            values = {name: former[name] for name in former if name != "pk"}
            rows = relation.of(loser).filter(pk=former["pk"]).exclude(**self.is_open)
            rows.update(**without_gone(relation.model, values))
        return lost


class Drop(Treatment):
    """The rows are notes of the product about work under way: they go."""

    is_told = False

    def unite(self, relation: Relation, loser: int, survivor: int) -> Data:
        relation.of(loser).delete()
        return {}

    def part(self, relation: Relation, data: Data, loser: int, survivor: int) -> int:
        return 0


# --- Rows as data and back -----------------------------------------------------------------


def plain(value: Any) -> Any:
    """A value of a column as JSON has it, with nothing lost."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value


def dumped(row: models.Model) -> Data:
    fields = row._meta.concrete_fields
    return {field.attname: plain(getattr(row, field.attname)) for field in fields}


def loaded(model: type[models.Model], data: Mapping[str, Any]) -> Any:
    """The row, not stored. Columns that are there no more are left out."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return model(
        **{name: fields[name].to_python(data[name]) for name in data if name in fields}
    )  # fmt: skip


def restore(relation: Relation, archived: Iterable[Data]) -> int:
    """Store rows again as they were; those whose other half is gone are left out."""
    rows = [loaded(relation.model, data) for data in archived]
    for field in relation.model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.name != relation.field:
            rows = list(with_their_other_half(rows, field))
    instants = [filled_in(row) for row in rows]
    relation.rows().bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
    for row, values in zip(rows, instants, strict=True):
        if values:
            relation.rows().filter(pk=row.pk).update(**values)
    return len(rows)


def children_of(model: type[models.Model]) -> Iterator[Relation]:
    """The foreign keys by which other rows go when one of this model does."""
    relations: Any = model._meta.get_fields(include_hidden=True)
    for each in relations:
        if isinstance(each, models.ForeignObjectRel) and each.on_delete is models.CASCADE:
            yield Relation(cast(type[models.Model], each.related_model), each.field.name)


def values_of(row: Any, names: Sequence[str]) -> tuple[Any, ...]:
    """As ``values_list`` gives them: of a foreign key the id."""
    fields = [row._meta.get_field(name) for name in names]
    return tuple(getattr(row, field.attname) for field in fields)


def without_gone(model: type[models.Model], values: Data) -> Data:
    """Columns with their values; a foreign key to what is gone is NULL."""
    found: Data = {}
    for field in model._meta.concrete_fields:
        if field.attname in values:
            value = field.to_python(values[field.attname])
            if value is not None and isinstance(field, models.ForeignKey):
                other: Any = field.related_model
                value = value if other._base_manager.filter(pk=value).exists() else None
            found[field.attname] = value
    return found


def with_their_other_half(rows: Sequence[Any], field: Any) -> Iterator[Any]:
    wanted = {getattr(row, field.attname) for row in rows} - {None}
    manager = field.related_model._base_manager
    there = set(manager.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    for row in rows:
        if getattr(row, field.attname) not in {None, *there}:
            if not field.null:
                continue
            setattr(row, field.attname, None)
        yield row


def filled_in(row: Any) -> Data:
    """The columns that storing a row fills in by itself, as they were."""
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if getattr(field, "auto_now_add", False) or getattr(field, "auto_now", False)
    }

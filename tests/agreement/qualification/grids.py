"""Grids as people type them, for the tests of the matrix."""

from typing import Any

from scoring.agreement.qualification.grids import (
    Grid,
    Typed,
    TypedRow,
    read_grid,
)
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue, CustomFieldSpec, CustomType

CATALOGUE = Catalogue(
    [
        CustomFieldSpec("plan", "Plan", CustomType.CHOICE, ("Basic", "Pro")),
        CustomFieldSpec("since", "Since", CustomType.DATE),
    ]
)


def row(field: str, way: str = "", points: dict[str, str] | None = None, **values: str) -> TypedRow:
    return TypedRow(field, way, values, points or {})


def typed(*rows: TypedRow, **more: Any) -> Typed:
    return Typed(rows=rows, **more)


def read(*rows: TypedRow, **more: Any) -> Grid:
    """A grid without faults."""
    root = Node(None)
    found = read_grid(typed(*rows, **more), CATALOGUE, root)
    assert root.faults == []
    return found


def faults(*rows: TypedRow, **more: Any) -> list[tuple[str, str]]:
    root = Node(None)
    read_grid(typed(*rows, **more), CATALOGUE, root)
    return [(fault.path, fault.message) for fault in root.faults]

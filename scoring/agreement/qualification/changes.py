"""What differs between two states of a persona, cell by cell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from contacts.numerals import signed
from scoring.agreement.qualification.degrees import SCORED, TITLES, Degree
from scoring.agreement.qualification.grids import Criterion, Grid
from scoring.agreement.qualification.sheets import LINES
from scoring.criteria.fields import Catalogue


class Kind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """``row`` and ``column`` say where, in words; a text is empty where nothing stood there."""

    kind: Kind
    row: str
    column: str
    before: str
    after: str


Fact = tuple[str, str, str]


def changes(
    before: tuple[Mapping[str, str], Grid] | None,
    after: tuple[Mapping[str, str], Grid],
    catalogue: Catalogue,
) -> list[Change]:
    """In the order of what is there after, then what is there no more."""
    old = dict(facts(*before, catalogue)) if before else {}
    new = dict(facts(*after, catalogue))
    found = []
    for place, (row, column, text) in new.items():
        former = old[place][2] if place in old else ""
        if former != text:
            kind = Kind.CHANGED if former and text else Kind.ADDED if text else Kind.REMOVED
            found.append(Change(kind, row, column, former, text))
    for place, (row, column, text) in old.items():
        if place not in new and text:
            found.append(Change(Kind.REMOVED, row, column, text, ""))
    return [*found, *(moved(before[1], after[1], catalogue) if before else ())]


def facts(lines: Mapping[str, str], grid: Grid, catalogue: Catalogue) -> Iterator[tuple[str, Fact]]:
    """Every cell by a key: row and column in words, and its text."""
    yield "name", (_("Name"), "", lines["name"])
    for part, title in LINES.items():
        yield part, (str(title), "", lines.get(part, ""))
    if grid.mark:
        mark = grid.mark
        said = (
            f"{catalogue.field(mark.field).label} {mark.way.title}: {mark.way.written(mark.values)}"
        )
        yield "mark", (_("Counts for"), "", said)
    for degree in SCORED:
        points = signed(grid.points[degree])
        yield f"points.{degree}", (_("Points"), str(TITLES[degree]), points)
    for row in grid.rows:
        yield from facts_of(row, catalogue)


def facts_of(row: Criterion, catalogue: Catalogue) -> Iterator[tuple[str, Fact]]:
    label = capital(str(catalogue.field(row.field).label))
    yield f"{row.field}.way", (label, _("Compared"), str(row.way.title))
    for degree in Degree:
        values = row.way.written(row.values.get(degree, ()))
        yield f"{row.field}.{degree}", (label, str(TITLES[degree]), values)
    for degree in SCORED:
        points = signed(row.points[degree]) if degree in row.points else ""
        column = _("%(degree)s, points") % {"degree": TITLES[degree]}
        yield f"{row.field}.points.{degree}", (label, column, points)


def moved(before: Grid, after: Grid, catalogue: Catalogue) -> Iterator[Change]:
    """One change for the order of those rows that both have."""
    kept = {row.field for row in before.rows} & {row.field for row in after.rows}
    orders = [
        ", ".join(str(catalogue.field(row.field).label) for row in grid.rows if row.field in kept)
        for grid in (before, after)
    ]
    if orders[0] != orders[1]:
        yield Change(Kind.CHANGED, _("Order of the criteria"), "", *orders)


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]

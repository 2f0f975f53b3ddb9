"""A grid becomes a group of rules: the same grid always the same group, byte for byte."""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext, override

from contacts.numerals import signed
from scoring.agreement.qualification.degrees import SCORED, TITLES, Degree
from scoring.agreement.qualification.grids import Criterion, Grid
from scoring.criteria.canonical import canonical
from scoring.criteria.faults import LONGEST_NAME
from scoring.criteria.fields import Catalogue
from scoring.criteria.structure import Dimension

Data = dict[str, Any]
LABEL_MOST: Final = 80


def group_data(name: str, grid: Grid, catalogue: Catalogue, language: str) -> Data:
    """The group as a document has it; ``language`` is that of the names of its rules.

    A contact has one degree of each row: the highest of those whose values it has. A degree
    that gives no points makes no rule, and keeps the degrees below it out all the same.
    """
    rules = []
    with override(language):
        for row in grid.rows:
            title = f"{name[:LABEL_MOST]}: {str(catalogue.field(row.field).label)[:LABEL_MOST]}"
            rules += [
                {"name": f"{title}, {str(TITLES[degree]).casefold()}"[:LONGEST_NAME], **worth,
                 "when": joined(list(parts(grid, row, degree)))}
                for degree, worth in degrees_of(grid, row)
            ]  # fmt: skip
    return {"name": name, "dimension": Dimension.FIT.value, "rules": rules}


def degrees_of(grid: Grid, row: Criterion) -> Iterator[tuple[Degree, Data]]:
    for degree in row.values:
        if degree is Degree.EXCLUDED:
            yield degree, {"exclude": True}
        elif points := grid.points_of(row, degree):
            yield degree, {"points": points}


def parts(grid: Grid, row: Criterion, degree: Degree) -> Iterator[Data]:
    """What must all hold for a contact to have this degree."""
    if grid.mark is not None:
        yield one_of(grid.mark.way.conditions(grid.mark.field, grid.mark.values))
    values = row.values[degree]
    yield one_of(row.way.conditions(row.field, values))
    if degree in SCORED:
        above = [
            condition
            for higher in SCORED[: SCORED.index(degree)]
            if row.way.meet(row.values.get(higher, ()), values)
            for condition in row.way.conditions(row.field, row.values.get(higher, ()))
        ]
        if above:
            yield {"not": one_of(above)}


def one_of(conditions: list[Data]) -> Data:
    return conditions[0] if len(conditions) == 1 else {"any": conditions}


def joined(conditions: list[Data]) -> Data:
    return conditions[0] if len(conditions) == 1 else {"all": conditions}


def group_hash(group: Data) -> str:
    """By it a group is known again: what has no meaning in a document does not count."""
    return hashlib.sha256(canonical(group)).hexdigest()


def degree_in_words(degree: Degree, points: int) -> str:
    """As the head of a column says it: ``High, +20``."""
    if degree is Degree.EXCLUDED:
        return gettext("%(degree)s: out of the scoring") % {"degree": TITLES[degree]}
    return gettext("%(degree)s, %(points)s") % {"degree": TITLES[degree], "points": signed(points)}

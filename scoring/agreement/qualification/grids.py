"""The grid of one persona: read from what was typed, immutable, and back to what is typed.

``read_grid`` is the only way in, for the page and the workbook alike. It notes every fault at
the place where it was typed: ``rows[2].high``, ``rows[2].points.high``, ``points.low``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as part
from typing import Any, Final

from django.utils.translation import gettext as _

from contacts.values import Wrong
from scoring.agreement.qualification.degrees import SCORED, TITLES, USUAL_POINTS, Degree
from scoring.agreement.qualification.ways import WAYS, Values, Way, ways_of
from scoring.criteria.conditions import MOST_LEAVES
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue, Field
from scoring.criteria.rules import MOST_POINTS

Data = dict[str, Any]
ROWS_MOST: Final = 60
# A condition may be of so many leaves: of the persona's mark, and of all degrees of a row.
MARK_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row as it was typed, right or wrong: ``values`` and ``points`` by degree."""

    field: str = ""
    way: str = ""
    values: Mapping[str, str] = part(default_factory=dict)
    points: Mapping[str, str] = part(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Typed:
    """A grid as it was typed; ``mark`` says whose contacts it is for."""

    points: Mapping[str, str] = part(default_factory=dict)
    mark: TypedRow = TypedRow()
    rows: Sequence[TypedRow] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """By what contacts of the persona are known: the grid counts for nobody else."""

    field: str
    way: Way
    values: Values


@dataclass(frozen=True, slots=True)
class Criterion:
    """A row. Only degrees that have values are in ``values``; ``points`` holds what is its own."""

    field: str
    way: Way
    values: Mapping[Degree, Values]
    points: Mapping[Degree, int]


@dataclass(frozen=True, slots=True)
class Grid:
    points: Mapping[Degree, int]
    mark: Mark | None
    rows: tuple[Criterion, ...]

    def points_of(self, row: Criterion, degree: Degree) -> int:
        return row.points.get(degree, self.points[degree])

    def data(self) -> Data:
        """Plain JSON data, as it is stored; ``typed_of`` gives what would be typed for it."""
        mark = {} if self.mark is None else {"mark": marked(self.mark)}
        return {
            "points": {degree.value: points for degree, points in self.points.items()},
            **mark,
            "rows": [
                {
                    "field": row.field,
                    "way": row.way.name,
                    "values": {
                        degree.value: row.way.data(values) for degree, values in row.values.items()
                    },
                    "points": {degree.value: points for degree, points in row.points.items()},
                }
                for row in self.rows
            ],
        }


def marked(mark: Mark) -> Data:
    return {"field": mark.field, "way": mark.way.name, "values": mark.way.data(mark.values)}


def typed_of(data: Data) -> Typed:
    """What is typed for a stored grid, in the reader's language."""
    points = {degree: f"{points:+d}" for degree, points in data.get("points", {}).items()}
    mark = data.get("mark")
    shown = TypedRow() if mark is None else typed_row({**mark, "values": {"mark": mark["values"]}})
    return Typed(points, shown, tuple(map(typed_row, data.get("rows", []))))


def typed_row(data: Data) -> TypedRow:
    way = WAYS[data["way"]]
    values = {degree: way.written(way.of_data(stored)) for degree, stored in data["values"].items()}
    points = {degree: f"{points:+d}" for degree, points in data.get("points", {}).items()}
    return TypedRow(data["field"], way.name, values, points)


def read_grid(typed: Typed, catalogue: Catalogue, root: Node) -> Grid:
    """The grid; its faults are noted at the node, and then it is not to be used."""
    reader = GridReader(catalogue, root)
    return Grid(reader.usual_points(typed.points), reader.mark(typed.mark), reader.rows(typed.rows))


class GridReader:
    def __init__(self, catalogue: Catalogue, root: Node) -> None:
        self.catalogue = catalogue
        self.root = root
        self.seen: set[str] = set()
        self.leaves_left = MOST_LEAVES - 1

    def usual_points(self, typed: Mapping[str, str]) -> dict[Degree, int]:
        node = self.root.child("points", None)
        found = self.points(typed, node)
        return {degree: found.get(degree, USUAL_POINTS[degree]) for degree in SCORED}

    def points(self, typed: Mapping[str, str], node: Node) -> dict[Degree, int]:
        """Of those degrees of which something was typed."""
        found = {}
        for degree in SCORED:
            if text := typed.get(degree, "").strip():
                try:
                    found[degree] = whole(text)
                except Wrong as wrong:
                    node.fault(str(wrong), key=degree)
        return found

    def mark(self, typed: TypedRow) -> Mark | None:
        node = self.root.child("mark", None)
        if not typed.field and not typed.values.get("mark", "").strip():
            return None
        found = self.field(typed.field, node)
        if found is None:
            return None
        way = self.way(typed.way, found, node)
        before = len(node.faults)
        values = self.cell(typed.values.get("mark", ""), way, found, node, "values")
        count = len(way.conditions(found.id, values)) if values else 0
        if not values and len(node.faults) == before:
            said = _("Write here what they have in this field, or choose no field.")
            node.fault(said, key="values")
        elif count > MARK_MOST:
            node.fault(_("At most %(most)d values fit here.") % {"most": MARK_MOST}, key="values")
        self.leaves_left -= count
        return Mark(found.id, way, values)

    def rows(self, typed: Sequence[TypedRow]) -> tuple[Criterion, ...]:
        if len(typed) > ROWS_MOST:
            said = _("A matrix has at most %(most)d criteria; take some out.")
            self.root.fault(said % {"most": ROWS_MOST}, key="rows")
            return ()
        nodes = [Node(None, f"rows[{place}]", self.root.faults) for place in range(len(typed))]
        return tuple(
            row for each, node in zip(typed, nodes, strict=True) if (row := self.row(each, node))
        )

    def row(self, typed: TypedRow, node: Node) -> Criterion | None:
        found = self.field(typed.field, node)
        if found is None:
            return None
        if found.id in self.seen:
            node.fault(_("This field has a row already; put its values there."), key="field")
        self.seen.add(found.id)
        way = self.way(typed.way, found, node)
        values = {
            degree: read
            for degree in Degree
            if (read := self.cell(typed.values.get(degree, ""), way, found, node, degree))
        }
        before = len(node.faults)
        self.check_degrees(values, way, node)
        if len(node.faults) == before:
            self.check_leaves(values, way, found, node)
        return Criterion(
            found.id, way, values, self.points(typed.points, node.child("points", None))
        )

    def field(self, name: str, node: Node) -> Field | None:
        if not name:
            node.fault(_("Choose what this row looks at."), key="field")
            return None
        if name not in self.catalogue:
            said = _(
                "There is no field “%(field)s” any more; choose another one, or take the row out."
            )
            node.fault(said % {"field": name[:80]}, key="field")
            return None
        found = self.catalogue.field(name)
        if not ways_of(found.kind):
            said = _("“%(field)s” is a day and has no degrees; choose another field.")
            node.fault(said % {"field": found.label}, key="field")
            return None
        return found

    @staticmethod
    def way(name: str, found: Field, node: Node) -> Way:
        """What was chosen; of a field that is compared in one way only, that one."""
        ways = ways_of(found.kind)
        if name and name not in WAYS:
            node.fault(_("Choose how the values are compared."), key="way")
        return next((way for way in ways if way.name == name), ways[0])

    def cell(self, text: str, way: Way, found: Field, node: Node, key: str) -> Values:
        try:
            return way.read(text, found)
        except Wrong as wrong:
            node.fault(str(wrong), key=key)
            return ()

    @staticmethod
    def check_degrees(values: Mapping[Degree, Values], way: Way, node: Node) -> None:
        """No value stands in two degrees: nobody could say which of them holds."""
        for one, other in pairs(list(values)):
            if clash := way.shared(values[one], values[other]):
                said = _("“%(value)s” stands in “%(degree)s” too; it can have one degree only.")
                node.fault(said % {"value": clash, "degree": TITLES[one]}, key=other)

    def check_leaves(
        self, values: Mapping[Degree, Values], way: Way, found: Field, node: Node
    ) -> None:
        count = sum(len(way.conditions(found.id, each)) for each in values.values())
        if count > self.leaves_left:
            said = _("The degrees of this row have %(count)d values; at most %(most)d fit.")
            node.fault(said % {"count": count, "most": self.leaves_left}, key=list(values)[-1])


def pairs(degrees: Sequence[Degree]) -> Iterator[tuple[Degree, Degree]]:
    for place, other in enumerate(degrees):
        for one in degrees[:place]:
            yield one, other


def whole(text: str) -> int:
    """Points as they are typed: ``+20``, ``−5``; raises Wrong."""
    try:
        points = int(text.replace("−", "-")[:12])
    except ValueError:
        points = MOST_POINTS + 1
    if abs(points) > MOST_POINTS:
        said = _("Points are a whole number from %(low)d to %(high)d.")
        raise Wrong(said % {"low": -MOST_POINTS, "high": MOST_POINTS})
    return points

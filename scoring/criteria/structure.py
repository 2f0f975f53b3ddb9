"""The parts of a model around its rules: limits, groups, bands, matrix, objective."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import ge, le

from django.utils.translation import gettext as _

from scoring.criteria.faults import Node
from scoring.criteria.fields import LIFECYCLES, Catalogue
from scoring.criteria.rules import Rule, read_rule
from scoring.criteria.tests import ActivityTest, read_activity_test

EXCLUDED = "excluded"
# Of bands, and of grades of one dimension.
MOST_STARTS = 100


class Dimension(StrEnum):
    FIT = "fit"
    INTEREST = "interest"


@dataclass(frozen=True, slots=True)
class Limits:
    """Whole numbers that a sum is clipped to; None is no limit."""

    min: int | None = None
    max: int | None = None

    def data(self) -> dict[str, object]:
        ends = (("min", self.min), ("max", self.max))
        return {name: end for name, end in ends if end is not None}


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    dimension: Dimension
    limits: Limits
    rules: tuple[Rule, ...]

    def data(self) -> dict[str, object]:
        limits = self.limits.data()
        return (
            {"name": self.name, "dimension": self.dimension.value}
            | ({"limits": limits} if limits else {})
            | {"rules": [rule.data() for rule in self.rules]}
        )


@dataclass(frozen=True, slots=True)
class Band:
    """A band from ``start`` on; the first one has none, and takes whatever is below."""

    name: str
    start: int | None

    def data(self) -> dict[str, object]:
        return {"name": self.name} | ({} if self.start is None else {"from": self.start})


@dataclass(frozen=True, slots=True)
class Grade:
    """Half a grade from ``start`` on; the last of its list has none."""

    grade: str
    start: int | None

    def data(self) -> dict[str, object]:
        return {"grade": self.grade} | ({} if self.start is None else {"from": self.start})


@dataclass(frozen=True, slots=True)
class Matrix:
    """The half grades of both dimensions, best first."""

    fit: tuple[Grade, ...]
    interest: tuple[Grade, ...]

    def data(self) -> dict[str, object]:
        return {
            "fit": [grade.data() for grade in self.fit],
            "interest": [grade.data() for grade in self.interest],
        }


@dataclass(frozen=True, slots=True)
class Objective:
    """What counts as success; exactly one of the three is given."""

    deal: str = ""
    lifecycle: str = ""
    activity: ActivityTest | None = None

    def data(self) -> dict[str, object]:
        if self.activity is not None:
            return {"activity": self.activity.data()}
        return {"deal": self.deal} if self.deal else {"lifecycle": self.lifecycle}


def read_limits(node: Node) -> Limits:
    before = len(node.faults)
    fields = node.fields((), ["min", "max"])
    low = fields["min"].whole() if "min" in fields else None
    high = fields["max"].whole() if "max" in fields else None
    if len(node.faults) == before and low is not None and high is not None and low > high:
        node.fault(_("min must not be above max"))
    return Limits(low, high)


def read_group(node: Node, catalogue: Catalogue) -> Group:
    fields = node.fields(["name", "dimension", "rules"], ["limits"])
    dimension = Dimension.FIT
    if "dimension" in fields:
        dimension = Dimension(fields["dimension"].one_of([d.value for d in Dimension]))
    rules = fields["rules"].items() if "rules" in fields else []
    return Group(
        name=fields["name"].name() if "name" in fields else "",
        dimension=dimension,
        limits=read_limits(fields["limits"]) if "limits" in fields else Limits(),
        rules=tuple(read_rule(item, catalogue) for item in rules),
    )


def read_bands(node: Node) -> tuple[Band, ...]:
    before = len(node.faults)
    bands = []
    for index, item in enumerate(node.items(at_least=1, at_most=MOST_STARTS)):
        name, start = read_step(item, "name", open_end=index == 0)
        if name == EXCLUDED:
            item.fault(_("is reserved for contacts that a rule excludes"), key="name")
        bands.append(Band(name, start))
    unique(node, [band.name for band in bands])
    if len(node.faults) == before:
        message = _("must be above that of the band before")
        check_order(node, [band.start for band in bands], le, message)
    return tuple(bands)


def read_grades(node: Node) -> tuple[Grade, ...]:
    before = len(node.faults)
    items = node.items(at_least=1, at_most=MOST_STARTS)
    steps = [
        read_step(item, "grade", open_end=index == len(items) - 1)
        for index, item in enumerate(items)
    ]
    if len(node.faults) == before:
        message = _("must be below that of the grade before")
        check_order(node, [start for _name, start in steps], ge, message)
    return tuple(Grade(name, start) for name, start in steps)


def read_step(node: Node, naming: str, *, open_end: bool) -> tuple[str, int | None]:
    """Name and ``from`` of a band or grade; the open end of the list has no ``from``."""
    fields = node.fields([naming], ["from"])
    name = fields[naming].name() if naming in fields else ""
    if open_end:
        if "from" in fields:
            fields["from"].fault(_("must be left out here: this one takes all that is below"))
        return name, None
    if "from" in fields:
        return name, fields["from"].whole()
    if isinstance(node.data, dict):
        node.fault(_("is missing"), key="from")
    return name, None


def check_order(
    node: Node, starts: Sequence[int | None], wrong: Callable[[int, int], bool], message: str
) -> None:
    last: int | None = None
    for index, start in enumerate(starts):
        if start is not None and last is not None and wrong(start, last):
            Node(None, f"{node.path}[{index}].from", node.faults).fault(message)
        last = start


def unique(node: Node, names: Sequence[str], key: str = "name") -> None:
    """A fault at each name of a list that came before."""
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name and name in seen:
            place = Node(None, f"{node.path}[{index}]", node.faults)
            place.fault(used_before(name), key=key)
        seen.add(name)


def used_before(name: str) -> str:
    return _('"%(name)s" is used before; names must differ') % {"name": name}


def read_matrix(node: Node) -> Matrix:
    fields = node.fields(["fit", "interest"])
    return Matrix(
        fit=read_grades(fields["fit"]) if "fit" in fields else (),
        interest=read_grades(fields["interest"]) if "interest" in fields else (),
    )


def read_objective(node: Node) -> Objective:
    fields = node.fields((), ["deal", "lifecycle", "activity"])
    if isinstance(node.data, dict) and len(fields) != 1:
        node.fault(_("must have exactly one of: deal, lifecycle, activity"))
    if "deal" in fields:
        return Objective(deal=fields["deal"].one_of(["won"]))
    if "lifecycle" in fields:
        return Objective(lifecycle=fields["lifecycle"].one_of(LIFECYCLES))
    if "activity" in fields:
        return Objective(activity=read_activity_test(fields["activity"]))
    return Objective(deal="won")

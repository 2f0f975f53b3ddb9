"""Conditions on a contact: read from a document, compiled to SQL, said in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from django.db.models import Q
from django.utils.translation import gettext as _

from contacts.values import Wrong
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue, Field
from scoring.criteria.moments import Moment
from scoring.criteria.operators import Operator, Takes, names_for, operator
from scoring.criteria.values import Value, plain

MOST_LEVELS = 5
MOST_LEAVES = 100


@dataclass(frozen=True, slots=True)
class Leaf:
    field: str
    op: str
    value: Value = None


@dataclass(frozen=True, slots=True)
class All:
    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Any_:
    conditions: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    condition: "Condition"


Condition = Leaf | All | Any_ | Not
STAND_IN = Leaf("email", "is_empty")


def holds(condition: Condition, catalogue: Catalogue) -> Q:
    """The condition as SQL relative to contacts; never NULL."""
    match condition:
        case Leaf(field_id, op, value):
            field = catalogue.field(field_id)
            return operator(field.kind, op).holds(field, value)
        case Not(inner):
            return ~holds(inner, catalogue)
        case All(parts):
            return reduce(and_, (holds(part, catalogue) for part in parts))
        case Any_(parts):  # pragma: no branch
            return reduce(or_, (holds(part, catalogue) for part in parts))


def sentence(condition: Condition, catalogue: Catalogue) -> str:
    """Translated: ``job title contains "CEO" and (country is "ES" or ...)``."""
    match condition:
        case Leaf(field_id, op, value):
            field = catalogue.field(field_id)
            return operator(field.kind, op).sentence(field, value)
        case Not(inner):
            return _("not (%(condition)s)") % {"condition": sentence(inner, catalogue)}
        case All(parts):
            return _(" and ").join(_in_brackets(part, catalogue) for part in parts)
        case Any_(parts):  # pragma: no branch
            return _(" or ").join(_in_brackets(part, catalogue) for part in parts)


def _in_brackets(part: Condition, catalogue: Catalogue) -> str:
    said = sentence(part, catalogue)
    return f"({said})" if isinstance(part, All | Any_) and len(part.conditions) > 1 else said


def leaves(condition: Condition) -> Iterator[Leaf]:
    match condition:
        case Leaf():
            yield condition
        case Not(inner):
            yield from leaves(inner)
        case All(parts) | Any_(parts):  # pragma: no branch
            for part in parts:
                yield from leaves(part)


def moments(condition: Condition, catalogue: Catalogue) -> Iterator[tuple[Field, Moment]]:
    """The fields and moving instants at which the condition can change by itself."""
    for leaf in leaves(condition):
        field = catalogue.field(leaf.field)
        for moment in operator(field.kind, leaf.op).moments(leaf.value):
            yield field, moment


def condition_data(condition: Condition) -> dict[str, object]:
    """Plain data, as in a document."""
    match condition:
        case Leaf(field, op, value):
            return {"field": field, "op": op} | value_data(value)
        case Not(inner):
            return {"not": condition_data(inner)}
        case All(parts):
            return {"all": [condition_data(part) for part in parts]}
        case Any_(parts):  # pragma: no branch
            return {"any": [condition_data(part) for part in parts]}


def value_data(value: Value) -> dict[str, object]:
    return {} if value is None else {"value": plain(value)}


@dataclass(slots=True)
class ConditionReader:
    """Reads one condition; used once."""

    catalogue: Catalogue
    leaves_left: int = MOST_LEAVES

    def read(self, node: Node, level: int = 1) -> Condition:
        shape = node.data if isinstance(node.data, dict) else {}
        for key, kind in (("all", All), ("any", Any_)):
            if key in shape:
                parts = self.parts(node.fields([key])[key], level)
                return kind(parts) if parts else self.nothing()
        if "not" in shape:
            inner = node.fields(["not"])["not"]
            return Not(self.read(inner, level + 1)) if self.deeper(inner, level) else self.nothing()
        return self.leaf(node)

    def parts(self, node: Node, level: int) -> tuple[Condition, ...]:
        if not self.deeper(node, level):
            return ()
        conditions = []
        for item in node.items(at_least=1):
            # Once too many leaves are noted, the rest is not read: one fault is enough.
            if self.leaves_left < 0:
                break
            conditions.append(self.read(item, level + 1))
        return tuple(conditions)

    @staticmethod
    def deeper(node: Node, level: int) -> bool:
        if level < MOST_LEVELS:
            return True
        node.fault(
            _("is nested too deeply; a condition has at most %(most)d levels")
            % {"most": MOST_LEVELS}
        )
        return False

    def nothing(self) -> Condition:
        # It counts as a leaf, so that a long list of nothing comes to an end too.
        self.leaves_left -= 1
        return STAND_IN

    def leaf(self, node: Node) -> Leaf:
        self.leaves_left -= 1
        if self.leaves_left < 0:
            node.fault(
                _("is one test too many; a condition has at most %(most)d") % {"most": MOST_LEAVES}
            )
            return STAND_IN
        if isinstance(node.data, dict) and not node.data.keys() & {"field", "op", "value"}:
            node.fault(_("must hold one of: all, any, not, or a field with its op and value"))
            return STAND_IN
        fields = node.fields(["field", "op"], ["value"])
        if "field" not in fields or "op" not in fields:
            return STAND_IN
        field = self.field(fields["field"])
        if field is None:
            return STAND_IN
        found = find_operator(fields["op"], names_for(field.kind), field)
        if found is None:
            return STAND_IN
        return Leaf(field.id, found.name, read_value(node, fields.get("value"), found))

    def field(self, node: Node) -> Field | None:
        name = node.text()
        if name in self.catalogue:
            return self.catalogue.field(name)
        if name.startswith("attributes."):
            # Where the declarations have faults of their own, those come first.
            if self.catalogue.complete:
                node.fault(
                    _("%(field)s is not declared; declare it under fields") % {"field": name[:80]}
                )
        elif isinstance(node.data, str):
            node.fault(_("there is no field %(field)s") % {"field": name[:80]})
        return None


def find_operator(node: Node, names: tuple[str, ...], field: Field) -> Operator[Value] | None:
    """The operator of that name, or a fault that lists those that the field has."""
    if isinstance(node.data, str) and node.data in names:
        return operator(field.kind, node.data)
    node.fault(
        _("is no operator of %(field)s; those are: %(known)s")
        % {"field": field.id, "known": ", ".join(names)}
    )
    return None


def read_value(parent: Node, node: Node | None, found: Operator[Value]) -> Value:
    """The value beside an operator, or a fault at its place."""
    if found.takes is Takes.NOTHING:
        if node is not None:
            node.fault(_("%(operator)s takes no value; leave it out") % {"operator": found.name})
        return None
    if node is None:
        parent.fault(_("is missing; %(operator)s needs it") % {"operator": found.name}, key="value")
        return None
    try:
        return found.parse(node.data)
    except Wrong as wrong:
        node.fault(str(wrong))
        return None

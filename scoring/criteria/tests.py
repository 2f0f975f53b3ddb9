"""Tests of activities: which of them a rule is about (not a module of unit tests)."""

from dataclasses import dataclass
from functools import reduce
from operator import and_

from django.db.models import Exists, OuterRef, Q
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from contacts.models import Target
from scoring.criteria.conditions import find_operator, read_value, value_data
from scoring.criteria.expressions import JsonKey
from scoring.criteria.faults import Node
from scoring.criteria.fields import TARGET, Field, FieldKind, property_field
from scoring.criteria.operators import names_for, operator
from scoring.criteria.phrases import anything_of
from scoring.criteria.values import Value

PROPERTY_KINDS = (FieldKind.TEXT, FieldKind.NUMBER, FieldKind.BOOLEAN)
# As many as a condition has leaves: a database nests no expression without end.
MOST_PROPERTIES = 100
EMPTINESS = ("is_empty", "is_not_empty")
PROPERTY_OPERATORS = tuple(
    dict.fromkeys(name for kind in PROPERTY_KINDS for name in names_for(kind))
)


@dataclass(frozen=True, slots=True)
class TargetTest:
    op: str
    value: Value = None

    def holds(self) -> Q:
        """Relative to targets; never NULL."""
        return operator(FieldKind.TEXT, self.op).holds(TARGET, self.value)

    def sentence(self) -> str:
        return operator(FieldKind.TEXT, self.op).sentence(TARGET, self.value)

    def data(self) -> dict[str, object]:
        return {"op": self.op} | value_data(self.value)


@dataclass(frozen=True, slots=True)
class PropertyTest:
    """A test of a property, which the operator sees as text, number or boolean."""

    key: str
    op: str
    value: Value = None

    @property
    def field(self) -> Field:
        kind = next(k for k in PROPERTY_KINDS if self.op in names_for(k))
        return property_field(self.key, kind)

    def holds(self) -> Q:
        """Relative to activities; never NULL.

        A value of another type counts as empty, but not for ``is_empty``: that is true
        only where there is no value of any type.
        """
        if self.op in EMPTINESS:
            missing = (IsNull(JsonKey("properties_norm", t, self.key), True) for t in "snb")
            empty = reduce(and_, (Q(one) for one in missing))
            return empty if self.op == "is_empty" else ~empty
        return operator(self.field.kind, self.op).holds(self.field, self.value)

    def sentence(self) -> str:
        return operator(self.field.kind, self.op).sentence(self.field, self.value)

    def data(self) -> dict[str, object]:
        return {"key": self.key, "op": self.op} | value_data(self.value)


@dataclass(frozen=True, slots=True)
class ActivityTest:
    """What an activity must be: one of the types, with that target and those properties."""

    types: tuple[str, ...]
    target: TargetTest | None = None
    properties: tuple[PropertyTest, ...] = ()

    def holds(self) -> Q:
        """Target and properties, relative to activities; never NULL, empty where any will do.

        Types, ``automated`` and time are left to the caller, who knows how to scan.
        """
        condition = Q()
        if self.target is not None:
            wanted = Target.objects.filter(self.target.holds(), pk=OuterRef("target_id"))
            condition &= Q(Exists(wanted))
        for test in self.properties:
            condition &= test.holds()
        return condition

    def sentence(self) -> str:
        """Translated: ``visit a page whose target starts with "/pricing"``."""
        said = anything_of(self.types)
        tests = [self.target.sentence()] if self.target else []
        tests += [test.sentence() for test in self.properties]
        if not tests:
            return said
        return _("%(activity)s whose %(tests)s") % {
            "activity": said,
            "tests": _(" and ").join(tests),
        }

    def data(self) -> dict[str, object]:
        """Plain data, as in a document: a single type is a text."""
        data: dict[str, object] = {
            "type": self.types[0] if len(self.types) == 1 else list(self.types)
        }
        if self.target is not None:
            data["target"] = self.target.data()
        if self.properties:
            data["properties"] = [test.data() for test in self.properties]
        return data


def read_activity_test(node: Node) -> ActivityTest:
    fields = node.fields(["type"], ["target", "properties"])
    types = read_types(fields["type"]) if "type" in fields else ()
    target = read_target(fields["target"]) if "target" in fields else None
    properties = (
        fields["properties"].items(at_most=MOST_PROPERTIES) if "properties" in fields else []
    )
    return ActivityTest(types, target, tuple(read_property(item) for item in properties))


def read_types(node: Node) -> tuple[str, ...]:
    """One slug or a list of them; a repeated one counts once."""
    if isinstance(node.data, str):
        return (node.slug(),)
    return tuple(dict.fromkeys(item.slug() for item in node.items(at_least=1)))


def read_target(node: Node) -> TargetTest:
    fields = node.fields(["op"], ["value"])
    names = names_for(FieldKind.TEXT)
    found = find_operator(fields["op"], names, TARGET) if "op" in fields else None
    if found is None:
        return TargetTest("is_empty")
    return TargetTest(found.name, read_value(node, fields.get("value"), found))


def read_property(node: Node) -> PropertyTest:
    fields = node.fields(["key", "op"], ["value"])
    key = fields["key"].slug() if "key" in fields else ""
    if "op" not in fields:
        return PropertyTest(key, "is_empty")
    op = fields["op"].data
    kind = next(
        (k for k in PROPERTY_KINDS if isinstance(op, str) and op in names_for(k)), FieldKind.TEXT
    )
    found = find_operator(fields["op"], PROPERTY_OPERATORS, Field(key, kind, key, ""))
    if found is None:
        return PropertyTest(key, "is_empty")
    return PropertyTest(key, found.name, read_value(node, fields.get("value"), found))

"""The model document: the contract of two teams as one immutable value.

``parse`` is the only way from outside data to a ``ModelDocument``; after it nothing is
checked again.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from contacts.normalise import normalise
from contacts.records import FieldSpec
from scoring.criteria.canonical import canonical
from scoring.criteria.conditions import Condition, ConditionReader, condition_data
from scoring.criteria.faults import DocumentInvalid, Fault, Node
from scoring.criteria.fields import Catalogue, CustomFieldSpec, CustomType
from scoring.criteria.rules import (
    AbsenceTest,
    ActivityRule,
    Count,
    Decay,
    ProfileTest,
    Rule,
)
from scoring.criteria.scenarios import Scenario, ScenarioActivity, ScenarioReader
from scoring.criteria.structure import (
    EXCLUDED,
    Band,
    Dimension,
    Grade,
    Group,
    Limits,
    Matrix,
    Objective,
    read_bands,
    read_group,
    read_limits,
    read_matrix,
    read_objective,
    unique,
    used_before,
)

__all__ = [
    "EXCLUDED",
    "AbsenceTest",
    "ActivityRule",
    "Band",
    "Count",
    "CustomFieldSpec",
    "Decay",
    "Dimension",
    "DocumentInvalid",
    "Fault",
    "Grade",
    "Group",
    "Limits",
    "Matrix",
    "ModelDocument",
    "Objective",
    "ProfileTest",
    "Rule",
    "Scenario",
    "ScenarioActivity",
    "parse",
]

FORMAT = 1
MOST_RULES = 500
MOST_SCENARIOS = 100


@dataclass(frozen=True)
class ModelDocument:
    """A whole scoring model, as agreed; equal where the canonical bytes are."""

    name: str
    fields: tuple[CustomFieldSpec, ...]
    audience: Condition | None
    objective: Objective | None
    limits: Limits
    groups: tuple[Group, ...]
    bands: tuple[Band, ...]
    matrix: Matrix | None
    scenarios: tuple[Scenario, ...]

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules in the order of the document."""
        return tuple(rule for group in self.groups for rule in group.rules)

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.fields)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical form, in hex: the name of the version."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def canonical(self) -> bytes:
        return canonical(self.as_data())

    def as_data(self) -> dict[str, object]:
        """Plain JSON data, keys in reading order, defaults left out; ``parse`` gives it back."""
        optional: dict[str, object] = {
            "fields": [field_data(spec) for spec in self.fields],
            "audience": self.audience and condition_data(self.audience),
            "objective": self.objective and self.objective.data(),
            "limits": self.limits.data(),
        }
        late: dict[str, object] = {
            "matrix": self.matrix and self.matrix.data(),
            "scenarios": [scenario.data() for scenario in self.scenarios],
        }
        return (
            {"format": FORMAT, "name": self.name}
            | {key: value for key, value in optional.items() if value}
            | {
                "groups": [group.data() for group in self.groups],
                "bands": [band.data() for band in self.bands],
            }
            | {key: value for key, value in late.items() if value}
        )


def field_data(spec: CustomFieldSpec) -> dict[str, object]:
    return (
        {"key": spec.key}
        | ({"label": spec.label} if spec.label != spec.key else {})
        | {"type": spec.type.value}
        | ({"choices": list(spec.choices)} if spec.choices else {})
    )


def parse(data: object) -> ModelDocument:
    """Read plain data; raises DocumentInvalid with every fault."""
    root = Node(data)
    document = DocumentReader(root).read()
    if root.faults:
        raise DocumentInvalid(root.faults)
    return document


class DocumentReader:
    """Reads one document; the faults are in the node that it was given."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.places = root.fields(
            ["format", "name", "groups", "bands"],
            ["fields", "audience", "objective", "limits", "matrix", "scenarios"],
        )

    def read(self) -> ModelDocument:
        places = self.places
        version = places.get("format")
        if version and (version.data != FORMAT or isinstance(version.data, bool)):
            version.fault(_("must be the number %(format)d") % {"format": FORMAT})
        name = places["name"].name() if "name" in places else ""
        fields, fields_are_right = self.fields()
        catalogue = Catalogue(fields if fields_are_right else (), complete=fields_are_right)
        audience = None
        if "audience" in places:
            audience = ConditionReader(catalogue).read(places["audience"])
        objective = read_objective(places["objective"]) if "objective" in places else None
        limits = read_limits(places["limits"]) if "limits" in places else Limits()
        groups = self.groups(catalogue)
        before = len(self.root.faults)
        bands = read_bands(places["bands"]) if "bands" in places else ()
        bands_are_right = bool(bands) and len(self.root.faults) == before
        return ModelDocument(
            name=name,
            fields=fields,
            audience=audience,
            objective=objective,
            limits=limits,
            groups=groups,
            bands=bands,
            matrix=read_matrix(places["matrix"]) if "matrix" in places else None,
            scenarios=self.scenarios(
                fields if fields_are_right else None, bands if bands_are_right else ()
            ),
        )

    def fields(self) -> tuple[tuple[CustomFieldSpec, ...], bool]:
        """The custom fields, and whether their declaration is without faults."""
        if "fields" not in self.places:
            return (), True
        before = len(self.root.faults)
        node = self.places["fields"]
        specs = tuple(read_field(item) for item in node.items())
        unique(node, [spec.key for spec in specs], key="key")
        return specs, len(self.root.faults) == before

    def groups(self, catalogue: Catalogue) -> tuple[Group, ...]:
        if "groups" not in self.places:
            return ()
        node = self.places["groups"]
        if (count := count_rules(node.data)) > MOST_RULES:
            # One fault, quickly: not one for each of ten thousand rules.
            node.fault(
                _("have %(count)d rules in all; a model has at most %(most)d")
                % {"count": count, "most": MOST_RULES}
            )
            return ()
        groups = tuple(read_group(item, catalogue) for item in node.items(at_most=MOST_RULES))
        unique(node, [group.name for group in groups])
        self.unique_rules(node, groups)
        return groups

    @staticmethod
    def unique_rules(node: Node, groups: tuple[Group, ...]) -> None:
        seen: set[str] = set()
        for group_index, group in enumerate(groups):
            for index, rule in enumerate(group.rules):
                if rule.name and rule.name in seen:
                    path = f"{node.path}[{group_index}].rules[{index}]"
                    Node(None, path, node.faults).fault(
                        used_before(rule.name),
                        key="name",
                    )
                seen.add(rule.name)

    def scenarios(
        self, fields: tuple[CustomFieldSpec, ...] | None, bands: tuple[Band, ...]
    ) -> tuple[Scenario, ...]:
        if "scenarios" not in self.places:
            return ()
        custom = None
        if fields is not None:
            custom = {spec.key: FieldSpec(spec.type.value, spec.choices) for spec in fields}
        names = (*(band.name for band in bands), EXCLUDED) if bands else None
        reader = ScenarioReader(custom, names)
        return tuple(
            reader.read(item) for item in self.places["scenarios"].items(at_most=MOST_SCENARIOS)
        )


def count_rules(groups: object) -> int:
    if not isinstance(groups, list | tuple):
        return 0
    lists = [group.get("rules") for group in groups if isinstance(group, dict)]
    return sum(len(rules) for rules in lists if isinstance(rules, list | tuple))


def read_field(node: Node) -> CustomFieldSpec:
    fields = node.fields(["key", "type"], ["label", "choices"])
    key = fields["key"].slug() if "key" in fields else ""
    kind = CustomType.TEXT
    if "type" in fields:
        kind = CustomType(fields["type"].one_of([t.value for t in CustomType]))
    choices = read_choices(fields["choices"]) if "choices" in fields else ()
    type_is_right = "type" in fields and fields["type"].data == kind.value
    if type_is_right and kind is CustomType.CHOICE and "choices" not in fields:
        node.fault(_("is missing; the type choice needs it"), key="choices")
    if type_is_right and kind is not CustomType.CHOICE and "choices" in fields:
        fields["choices"].fault(_("goes only with the type choice"))
    return CustomFieldSpec(key, fields["label"].name() if "label" in fields else key, kind, choices)


def read_choices(node: Node) -> tuple[str, ...]:
    choices = []
    seen: set[str] = set()
    for item in node.items(at_least=1):
        choice = item.name()
        if choice and normalise(choice) in seen:
            item.fault(used_before(choice))
        seen.add(normalise(choice))
        choices.append(choice)
    return tuple(choices)

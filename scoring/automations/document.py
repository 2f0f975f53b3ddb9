"""The document of an automation: trigger, conditions and actions as one immutable value."""

import hashlib
import json
from dataclasses import dataclass

from django.utils.translation import gettext as _

from scoring.automations.actions import ACTIONS, Action
from scoring.automations.conditions import (
    MOST_CONDITIONS,
    ConditionTest,
    SegmentTest,
    condition_data,
    read_condition,
)
from scoring.automations.triggers import TRIGGERS, Trigger
from scoring.criteria.canonical import canonical
from scoring.criteria.document import DocumentInvalid, ModelDocument
from scoring.criteria.faults import Node

MOST_ACTIONS = 20


@dataclass(frozen=True)
class AutomationDocument:
    trigger: Trigger
    conditions: tuple[ConditionTest, ...]
    actions: tuple[Action, ...]

    def as_data(self) -> dict[str, object]:
        """Plain data, keys in reading order; ``parse`` gives it back."""
        conditions = [condition_data(each) for each in self.conditions]
        data: dict[str, object] = {"trigger": {"kind": self.trigger.kind} | self.trigger.data()}
        if conditions:
            data["conditions"] = conditions
        data["actions"] = [{"kind": each.kind} | each.data() for each in self.actions]
        return data

    def canonical(self) -> bytes:
        return canonical(self.as_data())

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.canonical()).hexdigest()

    def problems(self) -> list[str]:
        """What conditions and actions name and is not there any more."""
        segments = [each.test for each in self.conditions if isinstance(each.test, SegmentTest)]
        named: list[SegmentTest | Action] = [*segments, *self.actions]
        return [problem for each in named for problem in each.problems()]


def parse(data: object, model: ModelDocument) -> AutomationDocument:
    """Read plain data for a model; raises DocumentInvalid with every fault."""
    root = Node(data)
    document = read(root, model)
    if root.faults or document is None:
        raise DocumentInvalid(root.faults)
    return document


def read(root: Node, model: ModelDocument) -> AutomationDocument | None:
    fields = root.fields(["trigger", "actions"], ["conditions"])
    trigger = read_trigger(fields["trigger"], model) if "trigger" in fields else None
    conditions = (
        fields["conditions"].items(at_most=MOST_CONDITIONS) if "conditions" in fields else []
    )
    actions = (
        fields["actions"].items(at_least=1, at_most=MOST_ACTIONS) if "actions" in fields else []
    )
    found = [read_action(item) for item in actions]
    tests = tuple(read_condition(item, model.catalogue) for item in conditions)
    if trigger is None or None in found:
        return None
    return AutomationDocument(trigger, tests, tuple(each for each in found if each is not None))


def read_kind(node: Node, kinds: list[str]) -> str | None:
    """The kind that an object names; None, and a fault, where there is none such."""
    if not isinstance(node.data, dict):
        node.fault(_("must be an object of keys and values"))
        return None
    kind = node.data.get("kind")
    if kind not in kinds:
        known = {"choices": ", ".join(kinds)}
        node.fault(_("must be one of: %(choices)s") % known, key="kind")
        return None
    return str(kind)


def read_trigger(node: Node, model: ModelDocument) -> Trigger | None:
    kind = read_kind(node, sorted(TRIGGERS))
    return TRIGGERS[kind].read(node, model) if kind else None


def read_action(node: Node) -> Action | None:
    kind = read_kind(node, sorted(ACTIONS))
    if kind is None or not isinstance(node.data, dict):
        return None
    parameters = {key: value for key, value in node.data.items() if key != "kind"}
    return ACTIONS[kind].read(Node(parameters, node.path, node.faults))


# By the text of the version and the hash of the model: asked at every crossing.
_parsed: dict[tuple[str, str], AutomationDocument] = {}
MOST_PARSED = 256


def parsed(text: str, model: ModelDocument) -> AutomationDocument:
    """The same from the canonical text of a version, kept. Raises DocumentInvalid."""
    key = (text, model.hash)
    found = _parsed.get(key)
    if found is None:
        found = parse(json.loads(text), model)
        if len(_parsed) >= MOST_PARSED:
            _parsed.clear()
        _parsed[key] = found
    return found

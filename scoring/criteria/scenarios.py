"""Scenarios: invented prospects with the band that both teams expect them to reach.

A prospect has the shape of a contact and is read by the parser of contacts, so that it is
scored like anybody else.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from contacts import values
from contacts.records import FieldSpec, RecordInvalid, parse_activity, parse_contact
from scoring.criteria.durations import Duration
from scoring.criteria.faults import Node

# Never stored: an invented prospect needs an address only to be read as a contact.
SOMEBODY = "prospect@example.invalid"
SOME_DAY = "2026-01-01T00:00:00Z"
DEFAULTS: Mapping[str, object] = {"unsubscribed": False, "bounced": False}


@dataclass(frozen=True, slots=True)
class ScenarioActivity:
    """Something that the prospect did ``age`` before ``as_of``."""

    type: str
    age: Duration
    target: str = ""
    properties: Mapping[str, object] = field(default_factory=dict, hash=False)
    automated: bool = False

    def data(self) -> dict[str, object]:
        data: dict[str, object] = {"type": self.type, "age": str(self.age)}
        if self.target:
            data["target"] = self.target
        if self.properties:
            data["properties"] = dict(self.properties)
        if self.automated:
            data["automated"] = True
        return data


@dataclass(frozen=True, slots=True)
class Scenario:
    """``contact`` has the shape that ``contacts.records.parse_contact`` reads.

    Empty values are left out, and its e-mail may be missing: the prospect is invented.
    """

    name: str
    expect: str
    contact: Mapping[str, object] = field(default_factory=dict, hash=False)
    activities: tuple[ScenarioActivity, ...] = ()

    def data(self) -> dict[str, object]:
        data: dict[str, object] = {"name": self.name}
        if self.contact:
            data["contact"] = dict(self.contact)
        if self.activities:
            data["activities"] = [activity.data() for activity in self.activities]
        return data | {"expect": self.expect}


@dataclass(slots=True)
class ScenarioReader:
    """Reads scenarios of a model with these custom fields and bands.

    ``custom`` is None where the declaration of the fields has faults, ``bands`` where the
    bands have: what hangs on them is then not judged.
    """

    custom: Mapping[str, FieldSpec] | None
    bands: tuple[str, ...] | None

    def read(self, node: Node) -> Scenario:
        fields = node.fields(["name", "expect"], ["contact", "activities"])
        expect = ""
        if "expect" in fields:
            allowed = self.bands
            expect = fields["expect"].one_of(allowed) if allowed else fields["expect"].name()
        activities = fields["activities"].items() if "activities" in fields else []
        return Scenario(
            name=fields["name"].name() if "name" in fields else "",
            expect=expect,
            contact=self.contact(fields["contact"]) if "contact" in fields else {},
            activities=tuple(read_activity(item) for item in activities),
        )

    def contact(self, node: Node) -> dict[str, object]:
        if not isinstance(node.data, dict):
            node.fields()
            return {}
        data = dict(node.data)
        if self.custom is None:
            data.pop("attributes", None)
        try:
            parse_contact({"email": SOMEBODY} | data, self.custom or {})
        except RecordInvalid as invalid:
            pass_on(invalid, node)
            return {}
        tidied = {key: tidy(value) for key, value in data.items()}
        return {
            key: value
            for key, value in tidied.items()
            if not is_nothing(value) and DEFAULTS.get(key) is not value
        }


def read_activity(node: Node) -> ScenarioActivity:
    before = len(node.faults)
    fields = node.fields(["type", "age"], ["target", "properties", "automated"])
    age = fields["age"].duration(zero=True) if "age" in fields else Duration.parse("1 day")
    given = {key: place.data for key, place in fields.items() if key != "age"}
    try:
        record = parse_activity(given | {"contact": SOMEBODY, "occurred_at": SOME_DAY})
    except RecordInvalid as invalid:
        if "type" in fields or len(invalid.faults) > 1:
            pass_on(invalid, node)
        return ScenarioActivity("", age)
    if len(node.faults) > before:
        return ScenarioActivity("", age)
    target = unicodedata.normalize("NFC", record.target)
    properties = {key: tidy(value) for key, value in record.properties.items()}
    return ScenarioActivity(record.type, age, target, properties, record.automated)


def pass_on(invalid: RecordInvalid, node: Node) -> None:
    """Note the faults of a record at their places in the document."""
    for fault in invalid.faults:
        path = f"{node.path}.{fault.path}" if fault.path else node.path
        Node(None, path, node.faults).fault(fault.message)


def tidy(value: object) -> object:
    """What a record was read from, as plain data: texts in NFC, numbers plain, no empties."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        tidied = {key: tidy(inner) for key, inner in value.items()}
        return {key: inner for key, inner in tidied.items() if not is_nothing(inner)}
    if isinstance(value, list | tuple):
        return [tidy(inner) for inner in value]
    if isinstance(value, Decimal | float):
        return values.number(value)
    return value


def is_nothing(value: object) -> bool:
    """Null and empty are the same as not given."""
    return value is None or value in ("", [], {})

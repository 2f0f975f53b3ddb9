"""The cases of the scoring contract: each a model, its people, an instant, and the results."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from contacts.records import (
    ActivityRecord,
    ContactRecord,
    FieldSpec,
    parse_activity,
    parse_contact,
)
from scoring.criteria.document import ModelDocument, parse

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    name: str

    def lines(self, file: str) -> list[str]:
        return (FOLDER / self.name / file).read_text("utf-8").splitlines()

    @cached_property
    def document(self) -> ModelDocument:
        return parse(json.loads("".join(self.lines("model.json"))))

    @cached_property
    def as_of(self) -> datetime:
        return datetime.fromisoformat(self.lines("as_of")[0])

    @cached_property
    def contacts(self) -> list[ContactRecord]:
        specs = {spec.key: FieldSpec(spec.type, spec.choices) for spec in self.document.fields}
        return [parse_contact(json.loads(line), specs) for line in self.lines("contacts.jsonl")]

    @cached_property
    def activities(self) -> list[ActivityRecord]:
        return [parse_activity(json.loads(line)) for line in self.lines("activities.jsonl")]

    @cached_property
    def expected(self) -> list[str]:
        """One line of JSON for each contact inside the audience, in their order."""
        return self.lines("expected.jsonl")

    @cached_property
    def expected_slots(self) -> list[list[int]]:
        """What the breakdown of each line must hold: a number for every rule of the model."""
        return [self.slots(json.loads(line)) for line in self.expected]

    def slots(self, result: dict[str, Any]) -> list[int]:
        worths = result["rules"] | dict.fromkeys(result.get("excluded_by", ()), 1)
        return [worths.get(rule.name, 0) for rule in self.document.rules]


CASES = [Case(path.name) for path in sorted(FOLDER.iterdir())]

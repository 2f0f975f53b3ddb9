"""What a group would do before it is in the draft: its rules in words, and whom they match."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.numerals import signed
from scoring.criteria.conditions import Condition, condition_data
from scoring.criteria.document import FORMAT, ModelDocument, field_data, parse
from scoring.criteria.drafts import keys_in
from scoring.criteria.fields import Catalogue, CustomFieldSpec
from scoring.criteria.installed import installed_fields
from scoring.criteria.rules import Rule
from scoring.engine.measures import RuleMeasure, measure_rules

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Measured:
    """``measure`` is None where it was not asked for."""

    rule: Rule
    said: str
    measure: RuleMeasure | None = None

    @property
    def badge(self) -> str:
        return "" if self.rule.exclude else signed(self.rule.points)


def fields_of(document: ModelDocument | None) -> tuple[CustomFieldSpec, ...]:
    """What a document declares, of fields that are gone too, and what else is installed."""
    declared = document.fields if document else ()
    known = {spec.key for spec in declared}
    return (*declared, *(spec for spec in installed_fields() if spec.key not in known))


def probe(
    groups: Sequence[Data], specs: Sequence[CustomFieldSpec], audience: Condition | None = None
) -> ModelDocument:
    """A document of these groups alone: what a rule matches depends on no other rule."""
    keys = {key for group in groups for rule in group["rules"] for key in keys_in(rule)}
    limits = {"audience": condition_data(audience)} if audience else {}
    keys |= set(keys_in(limits.get("audience")))
    return parse(
        {
            "format": FORMAT,
            "name": "probe",
            "fields": [field_data(spec) for spec in specs if spec.key in keys],
            "groups": list(groups),
            "bands": [{"name": "all"}],
        }
        | limits
    )


def in_words(document: ModelDocument, catalogue: Catalogue) -> list[Measured]:
    return [Measured(rule, rule.sentence(catalogue)) for rule in document.rules]


def measured(document: ModelDocument, catalogue: Catalogue, as_of: datetime) -> list[Measured]:
    found: Mapping[str, RuleMeasure] = measure_rules(document, document.rules, as_of)
    return [
        Measured(rule, rule.sentence(catalogue), found.get(rule.name)) for rule in document.rules
    ]

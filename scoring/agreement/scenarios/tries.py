"""A scenario scored by the draft, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext

from contacts.models import CustomField
from contacts.numerals import signed
from contacts.records import FieldSpec
from scoring.criteria.document import (
    EXCLUDED,
    DocumentInvalid,
    ModelDocument,
    Scenario,
    parse,
)
from scoring.criteria.drafts import Draft, declaration
from scoring.criteria.fields import Catalogue, CustomFieldSpec, CustomType
from scoring.engine.admin.badges import Reason, badge, band_name
from scoring.engine.results import Result
from scoring.engine.scenarios import prospect


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a scenario; ``badge`` is empty where it has no score."""

    passed: bool
    words: str
    badge: str = ""
    total: int | None = None
    grade: str | None = None
    reasons: Sequence[Reason] = ()


@dataclass(frozen=True)
class Bench:
    """What scenarios of a draft are tried with; no ``document`` where the draft has faults."""

    document: ModelDocument | None
    catalogue: Catalogue
    custom: Mapping[str, FieldSpec]
    bands: tuple[str, ...]

    def tried(self, scenario: Scenario, as_of: datetime) -> Tried | None:
        if self.document is None:
            return None
        return in_words(self.document, scenario, prospect(self.document, scenario, as_of))


def bench_of(draft: Draft) -> Bench:
    """The draft without its scenarios, with every custom field that this company has.

    Fields that only a scenario gives are declared when it is stored.
    """
    data = draft.as_data() | {"scenarios": []}
    declared = {item.get("key") for item in data.get("fields", [])}
    others = [declaration(each) for each in CustomField.objects.all() if each.key not in declared]
    data["fields"] = [*data.get("fields", []), *others]
    try:
        document: ModelDocument | None = parse(data)
    except DocumentInvalid:
        document = None
    specs = document.fields if document else specs_of(data["fields"])
    names = [band["name"] for band in data["bands"] if band["name"]]
    return Bench(
        document=document,
        catalogue=Catalogue(specs),
        custom={spec.key: FieldSpec(spec.type.value, spec.choices) for spec in specs},
        bands=(*names, EXCLUDED),
    )


def bench_of_document(document: ModelDocument) -> Bench:
    custom = {spec.key: FieldSpec(spec.type.value, spec.choices) for spec in document.fields}
    bands = (*(band.name for band in document.bands), EXCLUDED)
    return Bench(document, document.catalogue, custom, bands)


def specs_of(fields: Sequence[Any]) -> tuple[CustomFieldSpec, ...]:
    """Those declarations that are right; the others are a fault of the draft."""
    return tuple(
        CustomFieldSpec(
            item["key"],
            item.get("label") or item["key"],
            CustomType(item["type"]),
            tuple(item.get("choices", ())),
        )
        for item in fields
        if isinstance(item, dict) and item.get("key") and item.get("type") in set(CustomType)
    )


def in_words(document: ModelDocument, scenario: Scenario, result: Result | None) -> Tried:
    if result is None:
        return Tried(False, gettext("Outside the audience of the model: no score."))
    passed = result.band == scenario.expect
    return Tried(
        passed=passed,
        words=verdict(document, scenario, result) if not passed else gettext("As expected."),
        badge=badge(result.total, result.band, document),
        total=result.total,
        grade=result.grade,
        reasons=all_reasons(document, result),
    )


def verdict(document: ModelDocument, scenario: Scenario, result: Result) -> str:
    """What is expected and what it is, and by how much it misses."""
    said = gettext("“%(expected)s” is expected, but it is “%(band)s”.") % {
        "expected": band_name(scenario.expect),
        "band": band_name(result.band),
    }
    start = next((each.start for each in document.bands if each.name == scenario.expect), None)
    if result.excluded or start is None or result.total >= start:
        return said
    missing = start - result.total
    short = ngettext("%(count)d point is missing.", "%(count)d points are missing.", missing)
    return f"{said} {short % {'count': missing}}"


def all_reasons(document: ModelDocument, result: Result) -> list[Reason]:
    """Every rule that holds, as a sentence."""
    return [
        Reason(
            gettext("excluded") if rule.exclude else signed(worth),
            rule.name,
            rule.sentence(document.catalogue),
        )
        for rule, worth in zip(document.rules, result.worths, strict=True)
        if worth
    ]

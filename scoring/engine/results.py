"""A score as a value: what the contract calls the result of one contact."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.models import ActivityType
from scoring.criteria.document import ModelDocument
from scoring.engine.columns import ScopeKind
from scoring.engine.compile import program
from scoring.engine.sql import Run, Scope


@dataclass(frozen=True, slots=True)
class Result:
    """The score of one contact at one instant; ``worths`` has a number for every rule.

    The number of an excluding rule is 1 where it excludes.
    """

    document: ModelDocument
    contact_id: int
    total: int
    band: str
    grade: str | None
    excluded: bool
    fit: int
    interest: int
    groups: tuple[int, ...]
    worths: tuple[int, ...]

    def rules(self) -> dict[str, int]:
        """The worth, not 0, of rules by name, in model order."""
        pairs = zip(self.document.rules, self.worths, strict=True)
        return {rule.name: worth for rule, worth in pairs if worth and not rule.exclude}

    def excluded_by(self) -> list[str]:
        pairs = zip(self.document.rules, self.worths, strict=True)
        return [rule.name for rule, worth in pairs if worth and rule.exclude]

    def as_data(self, email: str) -> dict[str, object]:
        """The JSON object of the contract's section 7."""
        names = (group.name for group in self.document.groups)
        data: dict[str, object] = {
            "contact": email,
            "total": self.total,
            "band": self.band,
            "grade": self.grade,
            "excluded": self.excluded,
            "dimensions": {"fit": self.fit, "interest": self.interest},
            "groups": dict(zip(names, self.groups, strict=True)),
            "rules": self.rules(),
        }
        return data | ({"excluded_by": self.excluded_by()} if self.excluded else {})


def score(
    document: ModelDocument, contact_ids: Sequence[int], as_of: datetime, using: str
) -> dict[int, Result]:
    """Compute, and store nothing, the results of these contacts; those outside have none."""
    compiled = program(document, ScopeKind.IDS, using)
    types = ActivityType.objects.using(using).known_ids(compiled.types)
    run = Run(as_of, Scope(ids=tuple(contact_ids)), types)
    rows = compiled.sql.rows(run, using)
    return {row[0]: result_of(document, row) for row in rows if row[1]}


def result_of(document: ModelDocument, row: tuple[Any, ...]) -> Result:
    contact, _inside, total, fit, interest, groups, breakdown, band, grade, excluded = row
    return Result(
        document=document,
        contact_id=contact,
        total=total,
        band=band,
        grade=grade,
        excluded=bool(excluded),
        fit=fit,
        interest=interest,
        groups=numbers(groups),
        worths=numbers(breakdown),
    )


def numbers(array: Any) -> tuple[int, ...]:
    """An array as a database gives it: a list, or the text of one."""
    return tuple(json.loads(array) if isinstance(array, str) else array)

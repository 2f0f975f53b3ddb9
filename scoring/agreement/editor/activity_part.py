"""The fields of an activity test: types in their order, a target, any number of properties."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from django.http import QueryDict
from django.utils.translation import gettext

from contacts.models import ActivityType
from scoring.automations.form_fields import property_operators, takes_of
from scoring.criteria.fields import FieldKind
from scoring.criteria.form_fields import Choices, Data, operators_of, shown_value, typed_value
from scoring.criteria.operators import Takes
from scoring.criteria.tests import MOST_PROPERTIES, PROPERTY_KINDS

TARGET_KINDS: Final = [FieldKind.TEXT]
# Nobody chooses more; the rest of what a program sends is not looked at.
MOST_TYPES: Final = 100
PROPERTY: Final = re.compile(r"properties\[(\d+)\]\.?(.*)")


@dataclass
class Comparison:
    """An operator and a value as they are typed; ``key`` is that of a property."""

    op: str = ""
    value: str = ""
    key: str = ""
    faults: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.op or self.value.strip() or self.key.strip())

    @property
    def all_faults(self) -> list[str]:
        return [message for messages in self.faults.values() for message in messages]

    def note(self, place: str, message: str) -> None:
        if place == "op" and not self.op:
            message = gettext("Choose how it is compared.")
        self.faults.setdefault(place, []).append(message)

    def data(self, kinds: Sequence[FieldKind]) -> Data:
        """As a document has it, right or wrong."""
        takes = takes_of(self.op, kinds)
        value: Any = listed(self.value) if takes is Takes.TEXTS else typed_value(takes, self.value)
        return {"op": self.op} | ({} if value is None else {"value": value})


@dataclass
class ActivityPart:
    """What the form of an activity test shows and takes; ``prefix`` leads its names."""

    prefix: str
    types: list[str]
    target: Comparison
    properties: list[Comparison]
    # Of the test as a whole: of its types.
    faults: list[str] = field(default_factory=list)

    @classmethod
    def blank(cls, prefix: str) -> Self:
        return cls(prefix, [], Comparison(), [])

    @classmethod
    def of_data(cls, prefix: str, data: Mapping[str, Any]) -> Self:
        """From an activity test of a document; whether it fits is for ``fits`` to say."""
        types, target = data.get("type") or [], data.get("target") or {}
        return cls(
            prefix,
            [types] if isinstance(types, str) else [str(each) for each in types],
            Comparison(target.get("op", ""), typed(target.get("value"))),
            [
                Comparison(test.get("op", ""), typed(test.get("value")), test.get("key", ""))
                for test in data.get("properties") or []
            ],
        )

    @classmethod
    def of_post(cls, prefix: str, post: QueryDict) -> Self:
        given = [post.getlist(f"{prefix}-{name}") for name in ("op", "value", "key")]
        tests = [Comparison(*test) for test in zip(*given, strict=False)]
        return cls(
            prefix,
            list(dict.fromkeys(each for each in post.getlist(f"{prefix}-type") if each))[
                :MOST_TYPES
            ],
            Comparison(post.get(f"{prefix}-target_op", ""), post.get(f"{prefix}-target_value", "")),
            [test for test in tests if not test.is_empty][: MOST_PROPERTIES + 1],
        )

    def data(self) -> Data:
        """The activity test as a document has it, right or wrong."""
        data: Data = {"type": self.types[0] if len(self.types) == 1 else self.types}
        if not self.target.is_empty:
            data["target"] = self.target.data(TARGET_KINDS)
        if self.properties:
            data["properties"] = [
                {"key": test.key.strip()} | test.data(PROPERTY_KINDS) for test in self.properties
            ]
        return data

    def note(self, path: str, message: str) -> bool:
        """Show a fault of the test at its field; whether there is such a field."""
        if found := PROPERTY.match(path):
            place = int(found[1])
            if place < len(self.properties):
                self.properties[place].note(found[2] or "value", message)
                return True
        if path.startswith("target"):
            self.target.note(path.removeprefix("target").lstrip(".") or "op", message)
        elif path.startswith("type"):
            said = message if self.types else gettext("Choose what they did.")
            self.faults.append(said)
        else:
            return False
        return True

    # --- What the page shows -----------------------------------------------------------------

    @property
    def type_rows(self) -> list[str]:
        """One select for each type, and one to choose another."""
        return [*self.types, ""]

    @property
    def type_choices(self) -> Choices:
        known = [(kind.slug, str(kind)) for kind in ActivityType.objects.all()]
        slugs = {slug for slug, _label in known}
        more = [(slug, slug) for slug in self.types if slug not in slugs]
        return sorted([*known, *more], key=lambda pair: pair[1].casefold())

    @property
    def target_operators(self) -> Choices:
        return with_takes(operators_of(FieldKind.TEXT), TARGET_KINDS)

    @property
    def property_operators(self) -> Choices:
        return with_takes(property_operators(), PROPERTY_KINDS)

    @property
    def blank_property(self) -> Comparison:
        return Comparison()


def with_takes(choices: Choices, kinds: Sequence[FieldKind]) -> list[Any]:
    """(name, label, what it takes): the page hides the value where none belongs."""
    return [(name, label, takes_of(name, kinds).value) for name, label in choices]


def listed(text: str) -> list[str]:
    """What was typed as a list: parts between commas, in quotes where they hold one."""
    try:
        rows = list(csv.reader(io.StringIO(text), skipinitialspace=True, strict=True))
    except csv.Error:
        rows = [text.split(",")]
    return [part.strip() for row in rows for part in row if part.strip()]


def typed(value: Any) -> str:
    """A value of a document as it is typed."""
    if isinstance(value, list | tuple) and any(isinstance(each, str) for each in value):
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(value)
        return line.getvalue().replace(",", ", ") if not quoted(value) else line.getvalue()
    return shown_value(value).replace("\n", " ") if isinstance(value, list) else shown_value(value)


def quoted(values: Sequence[Any]) -> bool:
    return any("," in str(value) or '"' in str(value) for value in values)

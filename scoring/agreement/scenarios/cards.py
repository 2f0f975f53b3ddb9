"""One scenario as a form: the rows of who they are and what they did, and its faults.

What was typed is kept as it was typed, right or wrong; ``data`` is what a document would
have of it, and ``check`` says at which input a fault belongs.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext

from contacts.records import FieldSpec
from scoring.criteria.durations import Duration, DurationFault, Unit
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue, Field, FieldKind
from scoring.criteria.scenarios import Scenario, ScenarioReader

Data = dict[str, Any]

ROW: Final = re.compile(r"[ca][0-9]{1,4}", re.ASCII)
MOST_ROWS: Final = 100
NUMBER: Final = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?", re.ASCII)
# It may be a thousand or one, by where one comes from.
AMBIGUOUS: Final = re.compile(r"[+-]?[0-9]{1,3}([.,][0-9]{3})+", re.ASCII)
MIDNIGHT: Final = "T00:00:00Z"
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
PATH: Final = re.compile(r"contact\.?(?P<field>.*)|activities\[(?P<at>[0-9]+)\]\.?(?P<part>.*)")
PARTS: Final = ("type", "target", "properties", "automated")


@dataclass
class FieldRow:
    """Who they are, one field of it."""

    id: str
    field: str = ""
    value: str = ""


@dataclass
class ActivityRow:
    """Something they did."""

    id: str
    type: str = ""
    count: str = "1"
    unit: str = Unit.DAYS.value
    target: str = ""
    properties: str = ""
    automated: bool = False

    def data(self) -> Data:
        unit = self.unit if self.count.strip() != "0" else Unit.DAYS.value
        data: Data = {"type": self.type, "age": f"{self.count.strip()} {unit}"}
        if self.target.strip():
            data["target"] = self.target.strip()
        if found := dict(properties_of(self.properties)):
            data["properties"] = found
        return data | ({"automated": True} if self.automated else {})


@dataclass
class Card:
    """A scenario in the form; ``faults``: name of an input -> what is wrong, in words."""

    name: str = ""
    expect: str = ""
    fields: list[FieldRow] = field(default_factory=list)
    activities: list[ActivityRow] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_data(cls, data: Data) -> "Card":
        return cls(
            name=data.get("name", ""),
            expect=data.get("expect", ""),
            fields=[
                FieldRow(f"c{place}", name, value)
                for place, (name, value) in enumerate(typed_fields(data.get("contact") or {}))
            ],
            activities=[
                activity_row(f"a{place}", each)
                for place, each in enumerate(data.get("activities") or [])
            ],
        )

    @classmethod
    def of_post(cls, post: QueryDict) -> "Card":
        card = cls(name=post.get("name", "").strip(), expect=post.get("expect", ""))
        ids = [row for row in dict.fromkeys(post.getlist("rows")) if ROW.fullmatch(row)]
        for row in ids[: 2 * MOST_ROWS]:

            def given(part: str, row: str = row) -> str:
                return post.get(f"{row}-{part}", "")

            if row.startswith("c"):
                card.fields.append(FieldRow(row, given("field"), given("value")))
            else:
                card.activities.append(
                    ActivityRow(
                        row,
                        given("type"),
                        given("count"),
                        given("unit") or Unit.DAYS.value,
                        given("target"),
                        given("properties"),
                        bool(given("automated")),
                    )
                )
        return card

    def check(
        self, catalogue: Catalogue, custom: Mapping[str, FieldSpec], bands: tuple[str, ...]
    ) -> Scenario | None:
        """The scenario; None where there are faults, which are then noted."""
        self.faults = {}
        data = self.data(catalogue)
        root = Node(data)
        scenario = ScenarioReader(custom, bands).read(root)
        for fault in root.faults:
            self.faults.setdefault(self.place_of(fault.path), capfirst(fault.message))
        return None if self.faults else scenario

    def data(self, catalogue: Catalogue) -> Data:
        """As a document has it; what cannot be read at all is noted as a fault."""
        contact: Data = {}
        for row in self.fields:
            if row.value.strip():
                self.put(contact, row, catalogue)
        data: Data = {"name": self.name, "expect": self.expect}
        if contact:
            data["contact"] = contact
        if self.activities:
            data["activities"] = [row.data() for row in self.activities]
        return data

    def put(self, contact: Data, row: FieldRow, catalogue: Catalogue) -> None:
        if row.field not in catalogue:
            self.faults[f"{row.id}-field"] = gettext("Choose a field.")
            return
        value = self.read(row, catalogue.field(row.field))
        parent, _dot, key = row.field.rpartition(".")
        place = contact.setdefault(parent, {}) if parent else contact
        if key in place and row.field != "tags":
            self.faults[f"{row.id}-field"] = gettext("This field is there twice.")
        place[key] = [*place.get(key, []), *(value or [])] if row.field == "tags" else value

    def read(self, row: FieldRow, found: Field) -> Any:
        text = row.value.strip()
        try:
            return READERS.get(found.kind, str)(text)
        except ValueError as wrong:
            self.faults[f"{row.id}-value"] = str(wrong)
            # Of the right kind, so that the same place is not found wrong twice.
            return None

    def place_of(self, path: str) -> str:
        """The name of the input that a place of the document was typed into."""
        if path in ("name", "expect"):
            return path
        found = PATH.fullmatch(path)
        if found is None:
            return ""
        if found["at"] is not None:
            row = self.activities[int(found["at"])]
            part = re.split(r"[.\[]", found["part"])[0]
            return f"{row.id}-{part if part in PARTS else 'count'}"
        wanted = found["field"].partition("[")[0]
        for each in self.fields:
            if each.field == wanted or (wanted and each.field.startswith(f"{wanted}.")):
                return f"{each.id}-value"
        return ""


def activity_row(row: str, data: Data) -> ActivityRow:
    try:
        age = Duration.parse(data.get("age", ""), zero=True)
        count, unit = str(age.count), age.unit.value
    except DurationFault:
        count, unit = str(data.get("age", "")), Unit.DAYS.value
    return ActivityRow(
        row,
        data.get("type", ""),
        count,
        unit,
        data.get("target", ""),
        "\n".join(typed_properties(data.get("properties") or {})),
        bool(data.get("automated")),
    )


# --- Values as one types them ----------------------------------------------------------------


def typed_fields(contact: Data) -> Iterator[tuple[str, str]]:
    for key, value in contact.items():
        if isinstance(value, dict):
            for inner, each in value.items():
                yield f"{key}.{inner}", typed(each)
        elif isinstance(value, list):
            yield key, in_one_line(map(str, value))
        else:
            text = typed(value)
            day = text.removesuffix(MIDNIGHT)
            yield key, day if key == "created_at" and DAY.fullmatch(day) else text


def typed(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return "" if value is None else str(value)


def in_one_line(texts: Iterable[str]) -> str:
    """With commas between; a text that has one itself stands in quotes."""
    return ", ".join(
        '"' + text.replace('"', '""') + '"' if set(text) & set(',"') else text for text in texts
    )


def read_list(text: str) -> list[str]:
    line = " ".join(text.splitlines())
    try:
        parts = next(csv.reader([line], skipinitialspace=True))
    except csv.Error:
        raise ValueError(gettext("Write tags with commas between them.")) from None
    return [part.strip() for part in parts if part.strip()]


def read_number(text: str) -> int | float:
    if AMBIGUOUS.fullmatch(text):
        bare = re.sub("[.,]", "", text)
        raise ValueError(gettext("Write %(bare)s without signs between.") % {"bare": bare})
    if not NUMBER.fullmatch(text):
        raise ValueError(gettext("This must be a number, such as 25."))
    if text.lstrip("+-").isdecimal():
        return int(text[:40])
    return float(text.replace(",", "."))


def read_boolean(text: str) -> bool:
    said = text.casefold()
    if said in {"yes", "true", "1", gettext("yes").casefold()}:
        return True
    if said in {"no", "false", "0", gettext("no").casefold()}:
        return False
    raise ValueError(gettext("Write yes or no."))


def read_instant(text: str) -> str:
    """A day is its first instant; whatever else is left to the reader of records."""
    return f"{text}{MIDNIGHT}" if DAY.fullmatch(text) else text


READERS: Final[Mapping[FieldKind, Any]] = {
    FieldKind.NUMBER: read_number,
    FieldKind.BOOLEAN: read_boolean,
    FieldKind.TAGS: read_list,
    FieldKind.INSTANT: read_instant,
}


def typed_properties(properties: Data) -> Iterator[str]:
    """One a line: ``plan: team``; a text that could be taken for something else in quotes."""
    for key, value in properties.items():
        bare = isinstance(value, str) and value == value.strip() and property_value(value) == value
        yield f"{key}: {value if bare else json.dumps(value, ensure_ascii=False)}"


def properties_of(text: str) -> Iterator[tuple[str, Any]]:
    for line in text.splitlines():
        if line.strip():
            key, _colon, value = line.partition(":")
            yield key.strip(), property_value(value.strip())


def property_value(text: str) -> Any:
    if text in ("true", "false") or NUMBER.fullmatch(text) or text.startswith('"'):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text

"""A mapping on its way: the document of an upload, shown as one choice for each column."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from contacts.imports.checks import Checker
from contacts.imports.choosing import ready_mapping
from contacts.imports.convert import CONVERTERS, ISO, Habits, read_moment
from contacts.imports.documents import parse_mapping
from contacts.imports.faults import MappingInvalid, RowFault
from contacts.imports.fields import all_fields
from contacts.imports.guess import bare, guessed
from contacts.imports.kinds import ACTIVITIES, KINDS
from contacts.imports.labels import custom_labels, target_label
from contacts.imports.mapping import Mapping as FileMapping
from contacts.imports.reading import Reader
from contacts.imports.sources import FileFormat, open_source
from contacts.models import ImportJob, ImportMapping
from contacts.records import Fault, shown
from contacts.values import KEY, Wrong

SAMPLE: Final = 50
SHOWN_ROWS: Final = 10
OPTIONS: Final = ("time_zone", "date_format", "decimal_comma", "empty", "separator", "encoding")
NEW: Final = "new:"
DATE_ORDERS: Final = [
    tuple(f"{order}{hour}" for hour in (" %H:%M:%S", " %H:%M", ""))
    for order in ("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y")
]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file, what stands in it, and the field that it is to be."""

    place: int
    header: str
    samples: Sequence[str]
    target: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows as they would be read."""

    headers: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str], Sequence[RowFault]]]
    bad: int
    read: int


def saved_document(saved: ImportMapping, headers: Sequence[str]) -> dict[str, Any]:
    """A saved mapping without the parts whose columns this file does not have."""
    record = {
        target: about
        for target, about in saved.document.get("record", {}).items()
        if set(columns_in(about)) <= set(headers)
    }
    return {**saved.document, "record": record}


def columns_in(about: object) -> list[str]:
    """The columns that a part of a document names, templates left out."""
    if isinstance(about, str):
        return [about]
    if isinstance(about, dict):
        return [*about.get("columns", []), *([about["column"]] if "column" in about else [])]
    return []


def constants_in(document: Mapping[str, Any]) -> dict[str, Any]:
    """Target -> what all rows have in common."""
    return {
        target: about["constant"]
        for target, about in document.get("record", {}).items()
        if isinstance(about, dict) and "constant" in about
    }


def guessed_dates(cells: Sequence[str]) -> list[str]:
    """The only order of day and month in which all of these are dates; empty: ask."""
    fitting = [
        forms for forms in DATE_ORDERS if cells and all(is_date(cell, forms) for cell in cells)
    ]
    return list(fitting[0]) if len(fitting) == 1 else []


def is_date(cell: str, forms: Sequence[str]) -> bool:
    try:
        moment = read_moment(cell.strip(), Habits(formats=tuple(forms)))
    except Wrong:
        return False
    return bool(moment) and not ISO.fullmatch(cell.strip())


@dataclass(slots=True)
class Draft:
    """The document of a job beside its file. Raises SourceInvalid where that is malformed."""

    job: ImportJob
    path: Path
    encoding: str | None = None
    headers: tuple[str, ...] = ()
    samples: list[Sequence[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.encoding is None:
            self.encoding = self.job.document.get("encoding", "")
        form = FileFormat(encoding=self.encoding or "")
        with open_source(self.path, form, self.job.name) as source:
            if source.headers is not None:
                self.headers = source.headers
                self.samples = [row.cells for row in islice(source.rows(), SAMPLE) if row.cells]

    @property
    def has_columns(self) -> bool:
        return bool(self.headers)

    def first_document(self) -> dict[str, Any]:
        """What to begin with: a ready mapping that fits, or a guess."""
        if ready := ready_mapping(self.headers, self.job.kind):
            return dict(ready.document)
        found = guessed(self.headers, self.job.kind, custom_labels())
        record = {target: header for header, target in found.items()}
        document = {"record": record, "time_zone": "UTC"}
        moments = [
            self.headers.index(header)
            for target, header in record.items()
            if KINDS[self.job.kind].targets.get(target) == "instant"
        ]
        cells = [row[place] for row in self.samples for place in moments if row[place].strip()]
        return document | ({"date_format": forms} if (forms := guessed_dates(cells)) else {})

    def columns(self) -> list[Column]:
        record = self.job.document.get("record", {})
        chosen = {name: target for target, about in record.items() for name in columns_in(about)}
        return [
            Column(place, header, self._values(place), chosen.get(header, ""))
            for place, header in enumerate(self.headers)
        ]

    def _values(self, place: int) -> list[str]:
        """Some different values of a column."""
        found = dict.fromkeys(shown(cells[place]) for cells in self.samples if cells[place].strip())
        return list(islice(found, 3))

    def mapping(self) -> FileMapping:
        """The mapping as it stands. Raises MappingInvalid."""
        if not self.has_columns:
            return FileMapping(KINDS[self.job.kind])
        return parse_mapping(self.job.document, self.job.kind)

    def preview(self) -> Preview:
        """The first rows as they would be read; stores nothing. Raises MappingInvalid."""
        mapping = self.mapping()
        fields = all_fields(mapping.fields)
        checker = Checker(self.job.kind, mapping.columns)
        with open_source(self.path, mapping.form, self.job.name) as source:
            reader = Reader(source, mapping, fields)
            rows = list(islice(source.rows(), SAMPLE))
            entries = list(checker.checked([reader.entry(row) for row in rows]))
            if reader.cells is None:
                read: list[Mapping[str, Any]] = [
                    row.data if isinstance(row.data, dict) else {} for row in rows
                ]
            else:
                read = [reader.cells.data(row)[0] if row.cells else {} for row in rows]
        flat = [dict(flattened(data)) for data in read]
        headers = list(dict.fromkeys(name for data in flat for name in data))
        custom = custom_labels()
        return Preview(
            headers=[target_label(self.job.kind, name, custom) for name in headers],
            rows=[
                (entry.line, [shown(data.get(name)) for name in headers], entry.faults)
                for entry, data in list(zip(entries, flat, strict=True))[:SHOWN_ROWS]
            ],
            bad=sum(1 for entry in entries if entry.faults),
            read=len(entries),
        )


def flattened(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Paths and values, lists as one text."""
    for name, value in data.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from flattened(value, f"{path}.")
        else:
            yield path, ", ".join(map(str, value)) if isinstance(value, list) else value


class Choices:
    """What a person chose on the mapping page, as a document. Raises MappingInvalid.

    ``before``: the document so far, of which templates, translations and whatever the page
    does not show are kept.
    """

    def __init__(self, kind: str, before: Mapping[str, Any], headers: Sequence[str]) -> None:
        self.kind = kind
        self.before = before
        self.headers = headers
        self.record: dict[str, Any] = {}
        self.fields = list(before.get("fields", []))
        self.types: dict[str, str] = {}
        self.faults: list[Fault] = []

    def document(
        self,
        columns: Mapping[str, str],
        constants: Mapping[str, str],
        options: Mapping[str, Any],
    ) -> dict[str, Any]:
        """``columns``: header -> target or ``new:TYPE``; ``constants``: target -> text."""
        self._keep_templates()
        by_target: dict[str, list[str]] = {}
        for header in self.headers:
            if target := self._target(header, columns.get(header, "")):
                by_target.setdefault(target, []).append(header)
        for target, headers in by_target.items():
            self.record[target] = self._part(target, headers)
        for target, text in constants.items():
            self.record[target] = {"constant": self._constant(target, text)}
        if self.faults:
            raise MappingInvalid(self.faults)
        kept = {key: value for key, value in self.before.items() if key not in OPTIONS}
        told = {key: value for key, value in options.items() if value not in ("", None, [], False)}
        return {**kept, **told, "kind": self.kind, "record": self.record, "fields": self.fields}

    def _keep_templates(self) -> None:
        for target, about in self.before.get("record", {}).items():
            if isinstance(about, dict) and "template" in about:
                self.record[target] = about

    def _target(self, header: str, chosen: str) -> str:
        """The target of a column, a new custom field being declared on the way."""
        if not chosen.startswith(NEW):
            return chosen
        key = self._key(header)
        if self.kind == ACTIVITIES:
            self.types[f"properties.{key}"] = chosen.removeprefix(NEW)
            return f"properties.{key}"
        if not any(field["key"] == key for field in self.fields):
            self.fields.append(
                {"key": key, "label": header[:200], "type": chosen.removeprefix(NEW)}
            )
        return f"attributes.{key}"

    def _key(self, header: str) -> str:
        key = "_".join(bare(header).split())[:64]
        plain = "".join(letter for letter in key if letter.isascii())
        if KEY.fullmatch(plain):
            return plain
        if plain and KEY.fullmatch(f"field_{plain}"):
            return f"field_{plain}"
        self.faults.append(Fault(header, "", _("No key can be made of this header; rename it.")))
        return "field"

    def _part(self, target: str, headers: Sequence[str]) -> Any:
        """The part as it was where it reads these very columns, or a plain one."""
        about = self.before.get("record", {}).get(target)
        if set(columns_in(about)) == set(headers):
            return about
        if target in self.types:
            return {"column": headers[0], "type": self.types[target]}
        return headers[0] if len(headers) == 1 else {"columns": list(headers)}

    def _constant(self, target: str, text: str) -> Any:
        kind = KINDS[self.kind].targets.get(target, "text")
        try:
            value = CONVERTERS[kind](text, Habits(time_zone="UTC"))
        except Wrong as wrong:
            self.faults.append(Fault(target, shown(text), str(wrong)))
            return None
        if isinstance(value, Decimal):
            return int(value) if value == value.to_integral_value() else float(value)
        return ";".join(value) if isinstance(value, list) else value

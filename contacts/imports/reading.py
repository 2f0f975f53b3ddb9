"""Rows become records: the columns of one file, found by the parts of a mapping."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from contacts import records
from contacts.campaign_records import CampaignRecord, parse_campaign
from contacts.imports.convert import CONVERTERS, Value
from contacts.imports.faults import MappingInvalid, RowFault
from contacts.imports.kinds import ACTIVITIES, CAMPAIGNS, COMPANIES, CONTACTS, DEALS
from contacts.imports.lookups import Table, read_table
from contacts.imports.mapping import PLACEHOLDER, Lookup, Part
from contacts.imports.mapping import Mapping as FileMapping
from contacts.imports.sources import Row, Source
from contacts.normalise import normalise
from contacts.records import Fault, FieldSpec, RecordInvalid, shown
from contacts.values import Wrong

Record: TypeAlias = (
    records.ContactRecord
    | records.CompanyRecord
    | records.ActivityRecord
    | records.DealRecord
    | CampaignRecord
)
Cells: TypeAlias = Sequence[str]
Get: TypeAlias = Callable[[Cells], str]
Parse: TypeAlias = Callable[[object], Record]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: its line, and its record or what is wrong with it."""

    line: int
    record: Record | None = None
    faults: tuple[RowFault, ...] = ()


def parser(kind: str, fields: Mapping[str, FieldSpec]) -> Parse:
    """The border's parser for a kind of record; ``fields`` are the custom fields of contacts."""
    parsers: dict[str, Parse] = {
        CONTACTS: lambda data: records.parse_contact(data, fields),
        COMPANIES: records.parse_company,
        ACTIVITIES: records.parse_activity,
        DEALS: records.parse_deal,
        CAMPAIGNS: parse_campaign,
    }
    return parsers[kind]


class Reader:
    """Turns the rows of one open source into entries.

    Raises MappingInvalid where the mapping does not fit the file, and SourceInvalid where a
    look-up file cannot be read, both before the first row.
    """

    def __init__(
        self, source: Source, mapping: FileMapping, fields: Mapping[str, FieldSpec]
    ) -> None:
        self.source = source
        self.mapping = mapping
        self.parse = parser(mapping.kind.name, fields)
        self.cells: CellReader | None = None
        if source.headers is not None:
            self.cells = CellReader(source.headers, mapping, fields)
        elif mapping.parts:
            message = _(
                "Rows of JSON Lines name their fields themselves; their mapping may declare "
                "custom fields, but no columns."
            )
            raise MappingInvalid([Fault("record", "", message)])

    def entry(self, row: Row) -> Entry:
        if row.fault:
            return Entry(row.line, faults=(RowFault(row.line, "", "", row.fault),))
        if self.cells is not None:
            return self._from_cells(row, self.cells)
        try:
            return Entry(row.line, record=self.parse(row.data))
        except RecordInvalid as invalid:
            return Entry(row.line, faults=tuple(in_row(row.line, one) for one in invalid.faults))

    def _from_cells(self, row: Row, cells: "CellReader") -> Entry:
        data, faults = cells.data(row)
        wrong = {fault.path for fault in faults}
        record = None
        try:
            record = self.parse(data)
        except RecordInvalid as invalid:
            faults += [fault for fault in invalid.faults if fault.path not in wrong]
        if faults:
            named = tuple(in_row(row.line, one, cells.column_of(one.path)) for one in faults)
            return Entry(row.line, faults=named)
        return Entry(row.line, record=record)

    def entries(self) -> Iterator[Entry]:
        return map(self.entry, self.source.rows())


def in_row(line: int, fault: Fault, column: str = "") -> RowFault:
    return RowFault(line, column or fault.path, fault.value, fault.message)


class CellReader:
    """Fills the fields of a record from the cells of a row."""

    def __init__(
        self, headers: Sequence[str], mapping: FileMapping, fields: Mapping[str, FieldSpec]
    ) -> None:
        self.columns = Columns(headers, mapping.lookups)
        self.empty_clears = mapping.empty_clears
        self.parts: list[tuple[Part, str, list[Get]]] = []
        self.faults: list[Fault] = []
        types = {f"attributes.{key}": spec.type for key, spec in fields.items()}
        for part in mapping.parts:
            kind = part.type or types.get(part.target, "")
            if not kind:
                message = _("This custom field is not declared; declare it under fields.")
                self.faults.append(Fault(f"record.{part.target}", "", message))
            gets = [self._column(part, name) for name in part.names]
            self.parts.append((part, kind, gets))
        if self.faults:
            raise MappingInvalid(self.faults)
        self.columns.load()

    def _column(self, part: Part, name: str) -> Get:
        try:
            return self.columns.get(name)
        except Wrong as wrong:
            self.faults.append(Fault(f"record.{part.target}", name, str(wrong)))
            return lambda cells: ""

    def data(self, row: Row) -> tuple[dict[str, Any], list[Fault]]:
        """The record of a row as JSON would have it, and what could not be read."""
        data: dict[str, Any] = {}
        faults: list[Fault] = []
        for part, kind, gets in self.parts:
            texts: list[str] = []
            try:
                texts = [get(row.cells) for get in gets]
                value = filled(part, kind, texts)
            except Wrong as wrong:
                faults.append(Fault(part.target, shown(" ".join(texts)), str(wrong)))
                continue
            if value is not None or self.empty_clears:
                put(data, part.target, value)
        return data, faults

    def column_of(self, path: str) -> str:
        """The columns from which the value at this path of the record came."""
        names = [
            name
            for part, _kind, _gets in self.parts
            if re.match(re.escape(path) + r"(\.|$)", part.target)
            or re.match(re.escape(part.target) + r"(\[|$)", path)
            for name in part.names
        ]
        return ", ".join(dict.fromkeys(names))


def put(data: dict[str, Any], target: str, value: Value) -> None:
    outer, _dot, inner = target.partition(".")
    if inner:
        data.setdefault(outer, {})[inner] = value
    else:
        data[outer] = value


def filled(part: Part, kind: str, texts: Sequence[str]) -> Value:
    """What one part makes of the cells that it names; None where they are empty."""
    if part.template:
        return from_template(part, kind, texts)
    if not part.columns:
        listed = kind == "tags" and isinstance(part.constant, str)
        return tags(part, [str(part.constant)]) if listed else part.constant
    if kind == "tags":
        return tags(part, texts)
    for text in texts:
        if not is_empty(part, text):
            return translated(part, kind, text)
    return None


def is_empty(part: Part, text: str) -> bool:
    return not text.strip() or (bool(part.empty) and normalise(text) in part.empty)


def from_template(part: Part, kind: str, texts: Sequence[str]) -> Value:
    """The text with its columns put in; None where one of them is empty."""
    if any(is_empty(part, text) for text in texts):
        return None
    left = iter(texts)
    text = PLACEHOLDER.sub(lambda _found: next(left).strip(), part.template)
    return translated(part, kind, text)


def translated(part: Part, kind: str, text: str) -> Value:
    if part.values or part.others != "keep":
        key = normalise(text)
        if key in part.values:
            return part.values[key]
        if part.others == "empty":
            return None
        if part.others == "refuse":
            raise Wrong(_("The mapping does not name this value; add it under values."))
    return CONVERTERS[kind](text, part.habits)


def tags(part: Part, texts: Sequence[str]) -> Value:
    """The tags of all columns together; None where there is none at all."""
    found: list[str] = []
    for text in texts:
        for tag in pieces(text, part.habits.separator):
            if not is_empty(part, tag) and (name := translated(part, "text", tag.strip())):
                found.append(str(name))
    return found or None


def pieces(text: str, separator: str) -> list[str]:
    """What stands between separators; some exports put each piece in quotation marks."""
    if '"' not in text or len(separator) != 1:
        return text.split(separator)
    return next(csv.reader([text], delimiter=separator, skipinitialspace=True), [])


@dataclass(slots=True)
class Columns:
    """Finds a column of the file, or ``NAME.COLUMN`` of a file that is looked up."""

    headers: Sequence[str]
    lookups: Sequence[Lookup]
    places: dict[str, int] = field(init=False)
    wanted: dict[str, list[str]] = field(init=False)
    tables: dict[str, Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = {header: place for place, header in enumerate(self.headers)}
        self.wanted = {lookup.name: [] for lookup in self.lookups}

    def get(self, name: str, seen: tuple[str, ...] = ()) -> Get:
        """How to read a column. Raises Wrong where there is none of this name."""
        if (place := self.places.get(name)) is not None:
            return lambda cells: cells[place]
        prefix, _dot, column = name.partition(".")
        for lookup in self.lookups:
            if lookup.name == prefix and column and prefix not in seen:
                self.wanted[prefix].append(column)
                return self._looked_up(lookup, column, self.get(lookup.by, (*seen, prefix)))
        raise Wrong(self._missing(name))

    def _looked_up(self, lookup: Lookup, column: str, by: Get) -> Get:
        def get(cells: Cells) -> str:
            if not (key := by(cells).strip()):
                return ""
            table = self.tables[lookup.name]
            if key not in table.rows:
                message = _("%(file)s has no row whose %(column)s is this.")
                raise Wrong(message % {"file": lookup.file.name, "column": lookup.key})
            return table.rows[key][table.columns[column]]

        return get

    def load(self) -> None:
        """Read the look-up files, of which only the columns asked for are kept."""
        for lookup in self.lookups:
            self.tables[lookup.name] = read_table(lookup, self.wanted[lookup.name])

    def _missing(self, name: str) -> str:
        same = [header for header in self.headers if normalise(header) == normalise(name)]
        if same:
            message = _('The file has no column of this name; did you mean "%(name)s"?')
            return message % {"name": same[0]}
        names = ", ".join(self.headers[:50])
        return _("The file has no column of this name; it has: %(names)s.") % {"names": names}

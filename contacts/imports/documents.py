"""Mapping documents: what people write (docs/imports.md), read into a ``Mapping``."""

import re
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from contacts.imports.convert import EPOCHS, Habits
from contacts.imports.faults import MappingInvalid
from contacts.imports.kinds import KINDS, Kind
from contacts.imports.mapping import PLACEHOLDER, Constant, Lookup, Mapping, NewField, Part
from contacts.imports.sources.csvfile import DELIMITERS, ENCODINGS
from contacts.imports.sources.opening import FileFormat
from contacts.models import CustomField
from contacts.normalise import normalise
from contacts.records import Fault, FieldSpec, shown
from contacts.values import KEY
from contacts.yamlfile import YamlInvalid, read_yaml

HABIT_KEYS: Final = ("format", "time_zone", "decimal_comma", "grouping", "separator")
WAYS: Final = ("column", "columns", "constant", "template")
PART_KEYS: Final = (*WAYS, "values", "others", "empty", "type", *HABIT_KEYS)
FILE_KEYS: Final = ("encoding", "delimiter", "sheet")
KEYS: Final = (
    *("format", "kind", "name", "fields", "lookups", "record", "empty", "empty_cells"),
    *("headers", "date_format", "time_zone", "decimal_comma", "grouping", "separator"),
    *FILE_KEYS,
)


def load_mapping(path: Path, kind: str, beside: Path) -> Mapping:
    """Read a mapping file; look-up files lie beside it or ``beside`` the imported file.

    Raises MappingInvalid.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        message = _("The mapping cannot be opened: %(reason)s.") % {"reason": error.strerror}
        raise MappingInvalid([Fault("", str(path), message)]) from None
    return read_mapping(content, kind, [path.parent, beside.parent])


def read_mapping(content: bytes, kind: str, folders: Sequence[Path] = ()) -> Mapping:
    try:
        return parse_mapping(read_yaml(content), kind, folders)
    except YamlInvalid as invalid:
        raise MappingInvalid([Fault("", "", str(invalid))]) from None


def parse_mapping(data: object, kind: str, folders: Sequence[Path] = ()) -> Mapping:
    """A mapping from plain data. ``folders``: of look-up files; without any there are none."""
    return MappingReader(KINDS[kind], folders).read(data)


@dataclass(slots=True)
class MappingReader:
    """Reads one document and gathers every fault in it."""

    kind: Kind
    folders: Sequence[Path]
    faults: list[Fault] = field(default_factory=list)

    def read(self, data: object) -> Mapping:
        document = self.keys("", data, KEYS)
        self.one_of("kind", document.get("kind", self.kind.name), [self.kind.name])
        self.one_of("format", document.get("format", 1), [1])
        clears = self.one_of("empty_cells", document.get("empty_cells", "keep"), ["keep", "clear"])
        fields = self.fields(document.get("fields"))
        habits = self.habits("", {**document, "format": document.get("date_format")}, Habits())
        empty = self.texts("empty", document.get("empty"))
        mapping = Mapping(
            kind=self.kind,
            fields=fields,
            lookups=self.lookups(document.get("lookups")),
            parts=self.parts(
                document.get("record"), fields, habits, frozenset(map(normalise, empty))
            ),
            form=self.form(document),
            empty_clears=clears == "clear",
            name=self.text("name", document.get("name")),
            headers=self.texts("headers", document.get("headers")),
            document=document,
        )
        if self.faults:
            raise MappingInvalid(self.faults)
        return mapping

    def fault(self, path: str, value: object, message: str) -> None:
        self.faults.append(Fault(path, shown(value), message))

    def keys(self, path: str, data: object, allowed: Sequence[str] | None) -> dict[str, Any]:
        if data is None:
            return {}
        if not isinstance(data, dict):
            self.fault(path, data, _("This must have keys and values."))
            return {}
        for key in data:
            if allowed is not None and key not in allowed:
                message = _("There is no such key; there are: %(allowed)s.")
                self.fault(inside(path, key), "", message % {"allowed": ", ".join(allowed)})
        return data

    def one_of(self, path: str, value: object, allowed: Sequence[object]) -> object:
        if value not in allowed or isinstance(value, bool):
            message = _("This must be one of: %(allowed)s.")
            self.fault(path, value, message % {"allowed": ", ".join(map(str, allowed))})
        return value

    def text(self, path: str, value: object) -> str:
        if value is not None and not isinstance(value, str):
            self.fault(path, value, _("This must be text, in quotation marks."))
            return ""
        return value or ""

    def flag(self, path: str, value: object) -> bool:
        if value is not None and not isinstance(value, bool):
            self.fault(path, value, _("This must be true or false, without quotation marks."))
        return value is True

    def texts(self, path: str, value: object) -> tuple[str, ...]:
        """One text, or a list of texts."""
        listed = value if isinstance(value, list) else [] if value is None else [value]
        return tuple(self.text(f"{path}[{place}]", one) for place, one in enumerate(listed))

    def form(self, document: dict[str, Any]) -> FileFormat:
        form = FileFormat(**{key: self.text(key, document.get(key)) for key in FILE_KEYS})
        if form.encoding:
            self.one_of("encoding", form.encoding, ENCODINGS)
        if form.delimiter:
            self.one_of("delimiter", form.delimiter, list(DELIMITERS))
        return form

    def habits(self, path: str, given: dict[str, Any], default: Habits) -> Habits:
        formats = self.texts(inside(path, "format"), given.get("format"))
        for form in formats:
            self.check_format(inside(path, "format"), form)
        zone = self.text(inside(path, "time_zone"), given.get("time_zone"))
        self.check_zone(inside(path, "time_zone"), zone)
        comma = given.get("decimal_comma")
        return Habits(
            formats=formats or default.formats,
            time_zone=zone or default.time_zone,
            decimal_comma=default.decimal_comma
            if comma is None
            else self.flag(inside(path, "decimal_comma"), comma),
            grouping=self.text(inside(path, "grouping"), given.get("grouping")) or default.grouping,
            separator=self.text(inside(path, "separator"), given.get("separator"))
            or default.separator,
        )

    def check_format(self, path: str, form: str) -> None:
        try:
            moment = datetime(2026, 3, 31, 10, 30)
            fits = form in EPOCHS or datetime.strptime(moment.strftime(form), form).year == 2026
        except (ValueError, re.error):
            fits = False
        if not fits:
            message = _("This is no form of a date with a year, such as %%d/%%m/%%Y %%H:%%M.")
            self.fault(path, form, message % {})

    def check_zone(self, path: str, zone: str) -> None:
        try:
            if zone:
                ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fault(path, zone, _("There is no such time zone; write one as Europe/Madrid."))

    def fields(self, data: object) -> tuple[NewField, ...]:
        found: dict[str, NewField] = {}
        if data is not None and not isinstance(data, list):
            self.fault("fields", data, _("This must be a list."))
            return ()
        for place, given in enumerate(cast(list[object], data or [])):
            path = f"fields[{place}]"
            if declared := self.new_field(path, given):
                if declared.key in found:
                    self.fault(f"{path}.key", declared.key, _("This field is declared twice."))
                found[declared.key] = declared
        return tuple(found.values())

    def new_field(self, path: str, data: object) -> NewField | None:
        given = self.keys(path, data, ["key", "label", "type", "choices"])
        key = self.text(f"{path}.key", given.get("key"))
        if not KEY.fullmatch(key):
            message = _("A key has lower-case letters, digits and _, beginning with a letter.")
            self.fault(f"{path}.key", key, message)
        kind = given.get("type")
        self.one_of(f"{path}.type", kind, CustomField.Type.values)
        choices = self.texts(f"{path}.choices", given.get("choices"))
        if (kind == "choice") != bool(choices):
            self.fault(
                f"{path}.choices", "", _("A field of type choice, and only one, has choices.")
            )
        label = self.text(f"{path}.label", given.get("label")) or key.replace("_", " ").capitalize()
        return NewField(key, label[:200], FieldSpec(str(kind), choices))

    def lookups(self, data: object) -> tuple[Lookup, ...]:
        found = []
        for name, about in self.keys("lookups", data, None).items():
            path = inside("lookups", name)
            given = self.keys(path, about, ["file", "key", "by"])
            told = {
                key: self.text(f"{path}.{key}", given.get(key)) for key in ("file", "key", "by")
            }
            for key, value in told.items():
                if not value:
                    self.fault(f"{path}.{key}", "", _("This is missing."))
            if not self.folders:
                self.fault(path, "", _("Files can be looked up by the commands only, not here."))
                continue
            files = [file for folder in self.folders if (file := folder / told["file"]).is_file()]
            if files:
                found.append(Lookup(name, files[0], told["key"], told["by"]))
            elif told["file"]:
                message = _("There is no such file beside the mapping or the imported file.")
                self.fault(f"{path}.file", told["file"], message)
        return tuple(found)

    def parts(
        self, data: object, fields: Sequence[NewField], habits: Habits, empty: frozenset[str]
    ) -> tuple[Part, ...]:
        types = {f"attributes.{each.key}": each.spec.type for each in fields}
        given = self.keys("record", data, None)
        parts = [self.part(target, about, types, habits, empty) for target, about in given.items()]
        for group in self.kind.required:
            if given and not any(target in given for target in group):
                message = _("Something must fill %(targets)s.")
                self.fault("record", "", message % {"targets": _(" or ").join(group)})
        return tuple(part for part in parts if part)

    def part(
        self,
        target: str,
        about: object,
        types: Dict[str, str],
        habits: Habits,
        empty: frozenset[str],
    ) -> Part | None:
        path = inside("record", target)
        given = {"column": about} if isinstance(about, str) else self.keys(path, about, PART_KEYS)
        ways = [way for way in WAYS if way in given]
        if len(ways) != 1:
            self.fault(
                path, "", _("This needs exactly one of: column, columns, constant, template.")
            )
            return None
        columns = self.texts(f"{path}.{ways[0]}", given.get("columns", given.get("column")))
        template = self.text(f"{path}.template", given.get("template"))
        if (ways[0] == "template" and not PLACEHOLDER.search(template)) or (
            ways[0] in ("column", "columns") and not all([columns, *columns])
        ):
            self.fault(f"{path}.{ways[0]}", "", _("This names no column."))
        return Part(
            target=target,
            type=self.type_of(path, target, given.get("type"), types),
            columns=columns,
            constant=self.constant(f"{path}.constant", given.get("constant")),
            template=template,
            values=self.translations(f"{path}.values", given.get("values")),
            others=str(
                self.one_of(
                    f"{path}.others", given.get("others", "keep"), ["keep", "empty", "refuse"]
                )
            ),
            empty=empty
            | {normalise(word) for word in self.texts(f"{path}.empty", given.get("empty"))}
            | {normalise(word) for word in empty},
            habits=self.habits(path, given, habits),
        )

    def type_of(self, path: str, target: str, told: object, types: Dict[str, str]) -> str:
        """The type of a target; that of a property is told, text where it is not."""
        if known := self.kind.targets.get(target) or types.get(target):
            if told is not None:
                self.fault(
                    f"{path}.type", told, _("The type of this field is known; leave it out.")
                )
            return known
        prefix, _dot, key = target.partition(".")
        if self.kind.open != f"{prefix}." or not KEY.fullmatch(key):
            message = _("There is no such field; there are: %(allowed)s.")
            allowed = [*self.kind.targets, *([f"{self.kind.open}KEY"] if self.kind.open else [])]
            self.fault(path, "", message % {"allowed": ", ".join(allowed)})
        if self.kind.open == "attributes.":
            return ""
        return str(self.one_of(f"{path}.type", told or "text", ["text", "number", "boolean"]))

    def constant(self, path: str, value: object) -> Constant:
        if isinstance(value, list | dict):
            self.fault(path, value, _("This must be a text, a number, true or false."))
            return None
        return cast(Constant, value)

    def translations(self, path: str, data: object) -> dict[str, Constant]:
        given = self.keys(path, data, None)
        return {
            normalise(word): self.constant(inside(path, word), value)
            for word, value in given.items()
        }


def inside(path: str, key: str) -> str:
    return f"{path}.{shown(key)}" if path else shown(key)

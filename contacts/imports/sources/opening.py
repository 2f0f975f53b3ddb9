"""Which kind of file this is, by its name and its first bytes."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from contacts.imports.faults import SourceInvalid
from contacts.imports.sources.base import Source
from contacts.imports.sources.csvfile import CsvSource
from contacts.imports.sources.jsonfile import JsonLinesSource

CSV: Final = (".csv", ".tsv", ".txt")
XLSX: Final = (".xlsx",)
JSON_LINES: Final = (".jsonl", ".ndjson")
SUFFIXES: Final = CSV + XLSX + JSON_LINES


@dataclass(frozen=True, slots=True)
class FileFormat:
    """What a mapping says of the file itself; empty: to be found out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


def open_source(path: Path, form: FileFormat, name: str = "") -> Source:
    """Open a file by the ending of its name (``name`` where the path has another).

    Raises SourceInvalid: no such file, not of a kind that is read here, not readable.
    """
    suffix = Path(name or path.name).suffix.lower()
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        message = _("The file %(name)s cannot be opened: %(reason)s.")
        facts = {"name": name or path, "reason": error.strerror or error}
        raise SourceInvalid(message % facts) from None
    if suffix in XLSX:
        return xlsx(path, form.sheet)
    if suffix not in SUFFIXES:
        message = _("Files of this kind cannot be imported; save it as one of: %(kinds)s.")
        raise SourceInvalid(message % {"kinds": ", ".join(SUFFIXES)})
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"MZ", b"%PDF", b"\x1f\x8b")):
        raise SourceInvalid(_("This is not a text file, whatever its name says."))
    if suffix in JSON_LINES:
        return JsonLinesSource(path)
    return CsvSource(path, form.encoding, form.delimiter)


def xlsx(path: Path, sheet: str) -> Source:
    """Its module is loaded now: openpyxl takes a tenth of the start of every process."""
    module = import_module("contacts.imports.sources.xlsxfile")
    source: Source = module.XlsxSource(path, sheet)
    return source

"""CSV: encoding and delimiter recognised, every limit named with the line that passes it."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from contacts.imports.faults import SourceInvalid
from contacts.imports.sources.base import (
    CELL_MOST,
    COLUMNS_MOST,
    ROW_MOST,
    Row,
    Source,
    checked_headers,
    fitted,
)

DELIMITERS: Final = ",;\t|"
ENCODINGS: Final = ("utf-8", "utf-16", "cp1252", "iso-8859-1", "iso-8859-15", "mac-roman")
BOMS: Final = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
# The limit is one for the whole process; nothing else here reads CSV.
csv.field_size_limit(CELL_MOST)


class CsvSource(Source):
    """A CSV file; ``encoding`` and ``delimiter`` are found out where they are not given."""

    def __init__(self, path: Path, encoding: str = "", delimiter: str = "") -> None:
        super().__init__(path)
        self.file = path.open("rb")
        start = self.file.read(4)
        self.file.seek(0)
        found = next((name for bom, name in BOMS if start.startswith(bom)), "")
        encoding = found or encoding or "utf-8"
        # What is not UTF-8 comes through as lone surrogates, and is refused with its line.
        errors = "strict" if encoding == "utf-16" else "surrogateescape"
        self.text = TextIOWrapper(self.file, encoding, errors=errors, newline="")
        self.lines = Lines(self.text, encoding)
        self.delimiter = delimiter
        try:
            self.headers: tuple[str, ...] = self._headers()
        except SourceInvalid:
            self.close()
            raise

    def _headers(self) -> tuple[str, ...]:
        first = self.lines.peek()
        if first.lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
            self.delimiter = self.delimiter or first[4]
            next(self.lines)
            first = self.lines.peek()
        if not first:
            raise SourceInvalid(_("The file is empty."))
        self.delimiter = self.delimiter or delimiter_of(first)
        self.reader = csv.reader(self.lines, delimiter=self.delimiter, strict=True)
        return checked_headers(self._next(), self.lines.number)

    def _next(self) -> list[str]:
        """The cells of the next row; StopIteration at the end."""
        self.lines.row_size = 0
        begins = self.lines.number + 1
        try:
            cells = next(self.reader)
        except csv.Error as error:
            raise SourceInvalid(csv_message(error), begins) from None
        if len(cells) > COLUMNS_MOST:
            message = _("The row has more than %(most)d columns.")
            raise SourceInvalid(message % {"most": COLUMNS_MOST}, begins)
        return cells

    def rows(self) -> Iterator[Row]:
        width = len(self.headers)
        while True:
            try:
                cells = self._next()
            except StopIteration:
                return
            if row := fitted(cells, width, self.lines.number):
                yield row

    @property
    def position(self) -> int:
        return 0 if self.file.closed else self.file.tell()

    def close(self) -> None:
        self.text.close()


@dataclass(slots=True)
class Lines:
    """The lines of a text file, counted and checked, none of them longer than a row may be."""

    text: TextIOWrapper
    encoding: str
    number: int = 0
    row_size: int = 0
    ahead: str | None = None

    def peek(self) -> str:
        if self.ahead is None:
            self.ahead = self._read()
        return self.ahead

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line, self.ahead = self.peek(), None
        if not line:
            raise StopIteration
        self.number += 1
        self.row_size += len(line)
        if self.row_size > ROW_MOST:
            raise SourceInvalid(too_long(), self.number)
        return line

    def _read(self) -> str:
        try:
            line = self.text.readline(ROW_MOST + 1)
        except UnicodeError:
            message = _("The file is not %(encoding)s throughout.")
            raise SourceInvalid(message % {"encoding": self.encoding}, self.number + 1) from None
        if len(line) > ROW_MOST:
            raise SourceInvalid(too_long(), self.number + 1)
        if "\0" in line:
            message = _("The line holds the character U+0000: this is not a text file.")
            raise SourceInvalid(message, self.number + 1)
        if not line.isascii():
            self._check_encoding(line)
        return line

    def _check_encoding(self, line: str) -> None:
        try:
            line.encode()
        except UnicodeEncodeError as error:
            byte = len(line[: error.start].encode(self.encoding, "surrogateescape")) + 1
            message = _(
                "Byte %(byte)d of the line is not %(encoding)s; save the file as UTF-8, or name "
                "its encoding in the mapping (encoding: cp1252)."
            )
            facts = {"byte": byte, "encoding": self.encoding.upper().removesuffix("-SIG")}
            raise SourceInvalid(message % facts, self.number + 1) from None


def too_long() -> str:
    return _("The row is longer than %(most)d MB.") % {"most": ROW_MOST // 1024**2}


def delimiter_of(line: str) -> str:
    """The delimiter that cuts this first line into most pieces, quoted ones left whole."""
    bare = "".join(piece for place, piece in enumerate(line.split('"')) if place % 2 == 0)
    return max(DELIMITERS, key=bare.count)


def csv_message(error: csv.Error) -> str:
    if "field limit" in str(error):
        return _("A cell is longer than %(most)d MB.") % {"most": CELL_MOST // 1024**2}
    if "unexpected end" in str(error):
        return _("A quotation mark is opened in this row and never closed.")
    return _("The quotation marks of this row do not match (%(reason)s).") % {"reason": error}

"""XLSX, read row by row after a look at the archive that never unpacks it."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError  # noqa: S405 - only the name of an error

from defusedxml.common import DefusedXmlException
from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from contacts.imports.faults import SourceInvalid
from contacts.imports.sources.base import (
    CELL_MOST,
    COLUMNS_MOST,
    Row,
    Source,
    checked_headers,
    fitted,
)

BLANK_MOST: Final = 100_000
UNPACKED_MOST: Final = 512 * 1024 * 1024
TEXTS_MOST: Final = 128 * 1024 * 1024
RATIO_MOST: Final = 200
SMALL: Final = 1024 * 1024
ENTRIES_MOST: Final = 10_000
BROKEN: Final = (
    *(zipfile.BadZipFile, InvalidFileException, DefusedXmlException, ParseError),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, EOFError),
    *(NotImplementedError, RuntimeError),
)


class XlsxSource(Source):
    """The first sheet of a workbook, or the one named ``sheet``; formulas by their last value."""

    def __init__(self, path: Path, sheet: str = "") -> None:
        super().__init__(path)
        check_archive(path)
        self.done = 0
        # Opened here, for openpyxl leaves the file of a damaged workbook open.
        self.file = path.open("rb")
        try:
            self.book = load_workbook(self.file, read_only=True, data_only=True, keep_links=False)
        except BROKEN as error:
            self.file.close()
            raise damaged(error) from error
        try:
            self.sheet = self._sheet(sheet)
            first = next(self._cells(COLUMNS_MOST + 1), ())
            self.headers: tuple[str, ...] = checked_headers([as_text(cell) for cell in first])
        except SourceInvalid:
            self.close()
            raise

    def _sheet(self, name: str) -> Any:
        sheets = {sheet.title: sheet for sheet in self.book.worksheets}
        if not sheets or (name and name not in sheets):
            message = _('The file has no sheet "%(name)s"; there are: %(names)s.')
            raise SourceInvalid(message % {"name": name, "names": ", ".join(sheets)})
        sheet: Any = sheets[name] if name else next(iter(sheets.values()))
        # What the file says of its own size may be wrong, or meant to exhaust the memory.
        sheet.reset_dimensions()
        return sheet

    def _cells(self, width: int) -> Iterator[Sequence[object]]:
        try:
            yield from self.sheet.iter_rows(max_col=width, values_only=True)
        except BROKEN as error:
            raise damaged(error) from error

    def rows(self) -> Iterator[Row]:
        width = len(self.headers)
        blank = 0
        for line, values in enumerate(self._cells(width + 1), start=1):
            self.done = line
            blank = blank + 1 if values.count(None) == len(values) else 0
            # A sheet of some bytes may say that it has rows without end.
            if blank > BLANK_MOST:
                message = _("There are more than %(most)d empty rows together; delete them.")
                raise SourceInvalid(message % {"most": BLANK_MOST}, line)
            if line > 1 and not blank and (row := self._row(values, width, line)):
                yield row

    def _row(self, values: Sequence[object], width: int, line: int) -> Row | None:
        cells = [as_text(value) for value in values]
        if len(cells) <= width or not cells[width]:
            cells = cells[:width] + [""] * (width - len(cells))
        for cell in cells:
            if len(cell) > CELL_MOST:
                return Row(line, fault=_("A cell is longer than %(most)d MB.") % {"most": 1})
        return fitted(cells, width, line)

    @property
    def position(self) -> int:
        """A guess, for the archive is read by an other order than its bytes."""
        return min(self.size, self.done * 60)

    def close(self) -> None:
        self.book.close()
        self.file.close()


def check_archive(path: Path) -> None:
    """Refuse what is no plain workbook of bearable size, by the archive's own list."""
    if path.stat().st_size > settings.IMPORT_MAX_BYTES:
        message = _("The file is larger than %(most)d MB; save it as CSV, which has no limit.")
        raise SourceInvalid(message % {"most": settings.IMPORT_MAX_BYTES // 1024**2})
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise SourceInvalid(
            _("This is not an XLSX file, whatever its name says; save it as XLSX or CSV.")
        ) from error
    names = {entry.filename.lower() for entry in entries}
    if not names & {"[content_types].xml"} or len(entries) > ENTRIES_MOST:
        raise SourceInvalid(_("This archive is not an XLSX file."))
    if any(re.search(r"vbaproject|macrosheets|activex", name) for name in names):
        raise SourceInvalid(_("The file holds macros; save it as XLSX without macros, or as CSV."))
    if any("externallinks/" in name for name in names):
        raise SourceInvalid(_("The file has links to other files; save it as CSV."))
    if any(entry.flag_bits & 1 for entry in entries):
        raise SourceInvalid(_("The file is protected by a password; save it without."))
    check_sizes(entries)


def check_sizes(entries: Sequence[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    texts = sum(entry.file_size for entry in entries if "sharedstrings" in entry.filename.lower())
    inflated = any(
        entry.file_size > SMALL and entry.file_size > RATIO_MOST * max(entry.compress_size, 1)
        for entry in entries
    )
    if unpacked > UNPACKED_MOST or texts > TEXTS_MOST or inflated:
        raise SourceInvalid(
            _("The file would unpack to far more than it is; save it as CSV, which has no limit.")
        )


def damaged(error: Exception) -> SourceInvalid:
    if isinstance(error, DefusedXmlException):
        return SourceInvalid(_("The file holds XML entities, which no table needs."))
    return SourceInvalid(_("The file is damaged; open it and save it anew as XLSX or CSV."))


def as_text(value: object) -> str:
    """A cell as a CSV of the same table would have it: whole numbers without point, ISO dates."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Excel keeps 15 significant digits; what stands behind them is noise of the format.
        exact = float(f"{value:.15g}")
        return str(int(exact)) if exact.is_integer() and abs(exact) < 1e15 else repr(exact)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)

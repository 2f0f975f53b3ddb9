"""A workbook of the matrix, read back: every sheet as it was filled in, or the file's faults.

Nothing of the file is believed: it is looked at from outside before it is opened, read row by
row within limits, and each cell goes through the reader that the page has.
"""

import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override
from openpyxl import load_workbook

from contacts.imports.faults import SourceInvalid
from contacts.imports.sources.xlsxfile import BROKEN, as_text, check_archive, damaged
from contacts.normalise import normalise
from scoring.agreement.qualification.degrees import SCORED, Degree
from scoring.agreement.qualification.grids import ROWS_MOST, Typed, TypedRow
from scoring.agreement.qualification.models import PERSONAS_MOST, Persona
from scoring.agreement.qualification.sheets import FILE_MOST, Sheet, read_sheet
from scoring.agreement.qualification.ways import WAYS
from scoring.agreement.qualification.workbook import COLUMNS, FORMAT, MARK
from scoring.criteria.fields import Catalogue

UNPACKED_MOST: Final = 20 * 1024 * 1024
ROWS_LOOKED_AT: Final = 400
SHEETS_MOST: Final = PERSONAS_MOST + 10
MERGED: Final = re.compile(rb"<(?:\w+:)?mergeCell\b")
LINES: Final = ("name", *Persona.PARTS)
DEGREES: Final = {degree.value: place for place, degree in enumerate(Degree, start=4)}
POINTS: Final = {degree.value: place for place, degree in enumerate(SCORED, start=8)}


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """One persona of the file. ``faults`` name sheet and cell; ``key`` is empty where it is new."""

    title: str
    key: str
    sheet: Sheet
    faults: Sequence[str]


@dataclass(slots=True)
class Cells:
    """What stands in a sheet by place, and where each place is: ``rows[0].high`` -> ``D14``."""

    title: str
    key: str = ""
    for_all: bool = False
    lines: dict[str, str] = field(default_factory=dict)
    points: dict[str, str] = field(default_factory=dict)
    mark: TypedRow = field(default_factory=TypedRow)
    rows: list[TypedRow] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def read_workbook(path: Path, catalogue: Catalogue) -> list[ReadSheet]:
    """Every persona of the file; raises SourceInvalid where it is no workbook of the matrix."""
    check_file(path)
    words = Words(catalogue)
    with path.open("rb") as file:
        try:
            book = load_workbook(file, read_only=True, data_only=False, keep_links=False)
            if len(book.worksheets) > SHEETS_MOST:
                message = _("The file has more than %(most)d sheets.")
                raise SourceInvalid(message % {"most": SHEETS_MOST})
            found = [cells for page in book.worksheets if (cells := read_page(page, words))]
        except BROKEN as error:
            raise damaged(error) from error
    if not found:
        raise foreign()
    return list(checked(found, catalogue))


def foreign() -> SourceInvalid:
    return SourceInvalid(
        _("No sheet of this file is one of the matrix. Export the matrix, fill that file in, "
          "and bring it in again.")
    )  # fmt: skip


def check_file(path: Path) -> None:
    if path.stat().st_size > FILE_MOST:
        message = _("The file is larger than %(most)d MB, which no matrix is.")
        raise SourceInvalid(message % {"most": FILE_MOST // 1024**2})
    if not zipfile.is_zipfile(path):
        # A table of another kind, which imports of contacts read, and this one does not.
        raise foreign()
    check_archive(path)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > UNPACKED_MOST:
                raise SourceInvalid(_("The file would unpack to far more than any matrix is."))
            pages = [each for each in entries if "worksheets/" in each.filename.lower()]
            if any(MERGED.search(archive.read(page)) for page in pages):
                raise SourceInvalid(
                    _("The file has merged cells, in which values would be lost: unmerge them.")
                )
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, RuntimeError) as error:
        raise damaged(error) from error


class Words:
    """What fields and comparisons are called, in every language of the product."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.fields: dict[str, str] = {}
        self.ways: dict[str, str] = {}
        for code, _name in settings.LANGUAGES:
            with override(code):
                for each in catalogue.fields:
                    # Of two fields of one name the first, which is one that everybody has.
                    self.fields.setdefault(normalise(str(each.label)), each.id)
                for way in WAYS.values():
                    self.ways.setdefault(normalise(str(way.title)), way.name)
        self.fields |= {each.id: each.id for each in catalogue.fields}
        self.ways |= {name: name for name in WAYS}

    def field(self, text: str) -> str:
        return self.fields.get(normalise(text), text)

    def way(self, text: str) -> str:
        return self.ways.get(normalise(text), text)


def read_page(page: Any, words: Words) -> Cells | None:
    """None where the sheet is none of the matrix."""
    # What the file says of its own size may be wrong, or meant to exhaust the memory.
    page.reset_dimensions()
    rows = page.iter_rows(max_row=ROWS_LOOKED_AT + 1, max_col=len(COLUMNS))
    first = [text_of(cell) for cell in next(rows, ())]
    if len(first) < len(COLUMNS):
        first += [""] * (len(COLUMNS) - len(first))
    if first[0] != MARK:
        return None
    cells = Cells(page.title, key=first[2], for_all=first[3] == "all")
    if first[1] != FORMAT:
        raise SourceInvalid(
            _("Sheet “%(title)s” was made by another version of this product: export it anew.")
            % {"title": page.title}
        )
    next(rows, ())
    in_grid = False
    for number, row in enumerate(rows, start=3):
        note_formulas(cells, row, number)
        texts = [text_of(cell) for cell in row]
        texts += [""] * (len(COLUMNS) - len(texts))
        in_grid = read_row(cells, texts, number, words, in_grid=in_grid)
        if len(cells.rows) > ROWS_MOST or number > ROWS_LOOKED_AT:
            message = _(
                "Sheet “%(title)s” has more rows than a matrix has: at most %(most)d criteria."
            )
            raise SourceInvalid(message % {"title": page.title, "most": ROWS_MOST})
    return cells


def read_row(
    cells: Cells, texts: Sequence[str], number: int, words: Words, *, in_grid: bool
) -> bool:
    """Note what a row holds; gives whether the rows after it are criteria."""
    key = texts[0]
    if in_grid and key != "points":
        if any(text.strip() for text in texts[1:]):
            add_criterion(cells, texts, number, words)
    elif key in LINES:
        cells.lines[key] = texts[2]
        cells.places[key] = f"C{number}"
    elif key == "mark":
        values = {"mark": texts[4]}
        cells.mark = TypedRow(words.field(texts[2]), words.way(texts[3]), values)
        for place, letter in (("field", "C"), ("way", "D"), ("values", "E")):
            cells.places[f"mark.{place}"] = f"{letter}{number}"
    elif key == "points":
        for column, degree in enumerate(SCORED, start=3):
            cells.points[degree] = texts[column]
            cells.places[f"points.{degree}"] = f"{'ABCDEFGHIJ'[column]}{number}"
    return in_grid or key == "head"


def add_criterion(cells: Cells, texts: Sequence[str], number: int, words: Words) -> None:
    place = f"rows[{len(cells.rows)}]"
    values = {degree: texts[column - 1] for degree, column in DEGREES.items()}
    points = {degree: texts[column - 1] for degree, column in POINTS.items()}
    cells.rows.append(TypedRow(words.field(texts[1].strip()), words.way(texts[2]), values, points))
    names = {
        "field": 2,
        "way": 3,
        **DEGREES,
        **{f"points.{degree}": column for degree, column in POINTS.items()},
    }
    for name, column in names.items():
        cells.places[f"{place}.{name}"] = f"{'ABCDEFGHIJ'[column - 1]}{number}"


def note_formulas(cells: Cells, row: Sequence[Any], number: int) -> None:
    for column, cell in enumerate(row):
        if cell.value is not None and cell.data_type == "f":
            where = {"title": cells.title, "cell": f"{'ABCDEFGHIJ'[column]}{number}"}
            said = _("Sheet %(title)s, cell %(cell)s: there is a formula; write its value.")
            cells.faults.append(said % where)


def text_of(cell: Any) -> str:
    return as_text(cell.value)


def checked(found: Sequence[Cells], catalogue: Catalogue) -> Iterator[ReadSheet]:
    """Each by the rules of the page; a sheet that was copied is a new persona."""
    keys: set[str] = set()
    names: set[str] = set()
    for cells in found:
        typed = Typed(cells.points, cells.mark, tuple(cells.rows))
        sheet = read_sheet(cells.lines, typed, catalogue, for_all=cells.for_all, taken=names)
        key = "" if cells.key in keys else cells.key
        keys.add(cells.key)
        names.add(normalise(sheet.name))
        yield ReadSheet(cells.title, key, sheet, [*cells.faults, *located(cells, sheet.faults)])


def located(cells: Cells, faults: Mapping[str, Collection[str]]) -> Iterator[str]:
    for place, messages in faults.items():
        for message in messages:
            where = {"title": cells.title, "message": message}
            if cell := cells.places.get(place):
                said = _("Sheet %(title)s, cell %(cell)s: %(message)s")
                yield said % {**where, "cell": cell}
            else:
                yield _("Sheet %(title)s: %(message)s") % where

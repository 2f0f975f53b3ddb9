"""A workbook: the figures, a sheet for each table, and one that defines the measures."""

import io
import textwrap
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from scoring.reports.exports.base import Made
from scoring.reports.exports.grids import Grid, Row, figures_of, tables_of
from scoring.reports.sheet_names import JOIN, sheet_names
from scoring.reports.values import Kind, Value

FORMATS: Final = {
    Kind.COUNT: "#,##0",
    Kind.NUMBER: "#,##0.00",
    Kind.SHARE: "0.0%",
    Kind.POINTS: "0.0%",
    Kind.MONEY: "#,##0.00",
    Kind.DURATION: '#,##0.0" h"',
    Kind.DAY: "yyyy-mm-dd",
    Kind.INSTANT: "yyyy-mm-dd hh:mm",
}
# With its name: without one a bold font is another one in some programs.
PLAIN: Final = Font(name="Calibri", size=11)
BOLD: Final = Font(name="Calibri", size=11, bold=True)
# Away from the text of the next column.
TO_THE_RIGHT: Final[Mapping[str, Any]] = {"horizontal": "right", "indent": 1}
TO_THE_LEFT: Final[Mapping[str, Any]] = {"horizontal": "left"}
# Of columns, in letters.
NARROWEST: Final = 9
WIDEST: Final = 60
# Of a row, in points; a row has no more than some 400.
LINE: Final = 15
LINES_MOST: Final = 27


def written(made: Made) -> bytes:
    book = Workbook(write_only=True)
    grids = sheets_of(made)
    paths = [*(grid.path for grid in grids), [gettext("Definitions")]]
    *names, definitions = sheet_names(paths)
    for grid, name in zip(grids, names, strict=True):
        write_grid(book, grid, made, name)
    write_measures(book, made, definitions)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sheets_of(made: Made) -> list[Grid]:
    """A sheet for all figures, where the first of them stands among the tables."""
    found: list[Grid] = []
    figures = figures_of(made.report, made.sections)
    for section in made.sections:
        if figures not in found and figures_of(made.report, [section]).rows:
            found.append(figures)
        found += tables_of([section])
    return found


def write_grid(book: Any, grid: Grid, made: Made, name: str) -> None:
    lines = [*grid.rows, *([grid.total] if grid.total else [])]
    widths = widths_of(grid.heads, lines, made)
    sheet = begun(book, name, widths)
    sheet.freeze_panes = "B4"
    sheet.print_title_rows = "3:3"
    sheet.append([line_cell(sheet, f"{made.report.title}: {', '.join(made.facts)}")])
    # In full, for the name of a sheet has little room.
    sheet.append([line_cell(sheet, JOIN.join(grid.path), BOLD)])
    numeric = [any(row[place].is_number for row in lines) for place in range(len(grid.heads))]
    make_room(sheet, 3, grid.heads, widths)
    sheet.append(
        [head_cell(sheet, head, right) for head, right in zip(grid.heads, numeric, strict=True)]
    )
    for number, row in enumerate(lines, 4):
        font = PLAIN if number < 4 + len(grid.rows) else BOLD
        make_room(sheet, number, [read(value, made) for value in row], widths)
        sheet.append([cell(sheet, value, made, font) for value in row])


def write_measures(book: Any, made: Made, name: str) -> None:
    widths = [36, 100]
    sheet = begun(book, name, widths)
    for number, measure in enumerate(made.report.measures, 1):
        title, words = str(measure.title), str(measure.definition)
        make_room(sheet, number, [title, words], widths)
        sheet.append([text_cell(sheet, title, BOLD), text_cell(sheet, words)])


def begun(book: Any, name: str, widths: Sequence[int]) -> Any:
    """Printed across, as wide as a page."""
    sheet = book.create_sheet(name)
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return sheet


def widths_of(heads: Sequence[str], lines: Sequence[Row], made: Made) -> list[int]:
    """As wide as what stands there; longer texts go on in a further line of their cell."""
    found = []
    for place, head in enumerate(heads):
        texts = [read(row[place], made) for row in lines]
        lengths = [len(line) for text in texts for line in text.splitlines()]
        words = [len(word) for word in head.split()]
        found.append(min(max([NARROWEST, *words, *lengths]) + 3, WIDEST))
    return found


def make_room(sheet: Any, number: int, texts: Sequence[str], widths: Sequence[int]) -> None:
    """A row as high as its longest text needs: not every program sees to that by itself."""
    high = max(
        sum(len(textwrap.wrap(line, width - 3)) or 1 for line in text.splitlines() or [""])
        for text, width in zip(texts, widths, strict=True)
    )
    if high > 1:
        sheet.row_dimensions[number].height = LINE * min(high, LINES_MOST)


def read(value: Value, made: Made) -> str:
    """About what is to be read in its cell."""
    if value.kind in (Kind.TEXT, Kind.CONTACT):
        return made.names(value)
    if isinstance(value.raw, datetime):
        return "2000-01-01 00:00"
    places = 0 if value.kind is Kind.COUNT else 2
    return f"{value.raw:,.{places}f}" if value.is_number and value.raw is not None else ""


def cell(sheet: Any, value: Value, made: Made, font: Font = PLAIN) -> Any:
    if value.kind in (Kind.TEXT, Kind.CONTACT):
        return text_cell(sheet, made.names(value), font)
    raw: Any = value.raw
    if isinstance(raw, datetime):
        raw = timezone.localtime(raw).replace(tzinfo=None)
    found: Any = WriteOnlyCell(sheet, raw)
    is_whole = value.kind is Kind.NUMBER and isinstance(raw, int)
    found.number_format = FORMATS[Kind.COUNT if is_whole else value.kind]
    found.font = font
    found.alignment = Alignment(
        vertical="top", **(TO_THE_RIGHT if value.is_number else TO_THE_LEFT)
    )
    return found


def head_cell(sheet: Any, text: str, to_the_right: bool) -> Any:
    found = text_cell(sheet, text, BOLD)
    side = TO_THE_RIGHT if to_the_right else TO_THE_LEFT
    found.alignment = Alignment(wrap_text=True, vertical="bottom", **side)
    found.border = Border(bottom=Side("thin"))
    return found


def line_cell(sheet: Any, text: str, font: Font = PLAIN) -> Any:
    """Goes on over the empty cells beside it."""
    found = text_cell(sheet, text, font)
    found.alignment = Alignment(wrap_text=False)
    return found


def text_cell(sheet: Any, text: str, font: Font = PLAIN) -> Any:
    """As text, also where it begins like a formula."""
    found: Any = WriteOnlyCell(sheet, printable(text))
    found.data_type = "s"
    found.font, found.alignment = font, Alignment(wrap_text=True, vertical="top")
    return found


def printable(text: str) -> str:
    """Without the control characters that a workbook cannot hold."""
    return "".join(sign for sign in text if sign >= " " or sign in "\t\n")

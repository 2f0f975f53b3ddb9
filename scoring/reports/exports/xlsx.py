"""A workbook: a sheet for each table, with number formats, and one that defines the measures."""

import io
from datetime import datetime
from typing import Any, ClassVar, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from scoring.reports.blocks import Table
from scoring.reports.exports.base import Format, Made, register
from scoring.reports.report import tables_of
from scoring.reports.values import Kind, Value

FORMATS: Final = {
    Kind.COUNT: "#,##0",
    Kind.NUMBER: "#,##0.00",
    Kind.SHARE: "0.0%",
    Kind.MONEY: "#,##0.00",
    Kind.DURATION: "#,##0.0",
    Kind.DAY: "yyyy-mm-dd",
    Kind.INSTANT: "yyyy-mm-dd hh:mm",
}
# What Excel refuses in the name of a sheet, and how long one may be.
FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
NAME_MOST: Final = 31
BOLD: Final = Font(bold=True)


@register
class Xlsx(Format):
    slug: ClassVar[str] = "xlsx"
    title: ClassVar[str | Promise] = _("Excel")
    icon: ClassVar[str] = "table"
    mime: ClassVar[str] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    order: ClassVar[int] = 20

    def write(self, made: Made) -> bytes:
        book = Workbook(write_only=True)
        names: set[str] = set()
        for table in tables_of(made.sections):
            write_table(book, table, made, names)
        write_measures(book, made, names)
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()


def write_table(book: Any, table: Table, made: Made, names: set[str]) -> None:
    sheet = book.create_sheet(sheet_name(table.title, names))
    sheet.freeze_panes = "B3"
    for place in range(len(table.columns)):
        sheet.column_dimensions[get_column_letter(place + 1)].width = 18 if place else 36
    sheet.append([text_cell(sheet, f"{made.report.title}: {', '.join(made.facts)}")])
    sheet.append([text_cell(sheet, column.title, BOLD) for column in table.columns])
    for row in table.rows:
        sheet.append([cell(sheet, value, made) for value in row])
    if table.total:
        sheet.append([cell(sheet, value, made, BOLD) for value in table.total])


def write_measures(book: Any, made: Made, names: set[str]) -> None:
    sheet = book.create_sheet(sheet_name(gettext("Definitions"), names))
    sheet.column_dimensions["A"].width = 36
    sheet.column_dimensions["B"].width = 110
    for measure in made.report.measures:
        words = text_cell(sheet, str(measure.definition))
        words.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append([text_cell(sheet, str(measure.title), BOLD), words])


def sheet_name(title: str, names: set[str]) -> str:
    """Unlike those that are there, as Excel compares them."""
    stem = title.translate(FORBIDDEN).strip()[:NAME_MOST] or "-"
    name, number = stem, 1
    while name.casefold() in names:
        number += 1
        name = f"{stem[: NAME_MOST - len(str(number)) - 1]} {number}"
    names.add(name.casefold())
    return name


def cell(sheet: Any, value: Value, made: Made, font: Font | None = None) -> Any:
    if value.kind in (Kind.TEXT, Kind.CONTACT):
        return text_cell(sheet, made.names(value), font)
    raw: Any = value.raw
    if isinstance(raw, datetime):
        raw = timezone.localtime(raw).replace(tzinfo=None)
    found: Any = WriteOnlyCell(sheet, raw)
    found.number_format = FORMATS[value.kind]
    if font:
        found.font = font
    return found


def text_cell(sheet: Any, text: str, font: Font | None = None) -> Any:
    """As text, also where it begins like a formula."""
    found: Any = WriteOnlyCell(sheet, printable(text))
    found.data_type = "s"
    if font:
        found.font = font
    return found


def printable(text: str) -> str:
    """Without the control characters that a workbook cannot hold."""
    return "".join(sign for sign in text if sign >= " " or sign in "\t\n")

"""The matrix as an Excel workbook, to be filled in by a team at a table.

A sheet for each persona. Hidden keys say what each row and column is, so a workbook comes back
whatever language its words are in. Every text is written as text: none becomes a formula.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from scoring.agreement.qualification.changes import capital
from scoring.agreement.qualification.degrees import SCORED, TITLES, Degree
from scoring.agreement.qualification.grids import Typed, TypedRow
from scoring.agreement.qualification.models import Persona
from scoring.agreement.qualification.sheets import LINES, Sheet
from scoring.agreement.qualification.ways import WAYS, ways_of
from scoring.criteria.fields import Catalogue

MARK: Final = "#matrix"
FORMAT: Final = "1"
LISTS: Final = "#lists"
# The columns of a sheet. The first is hidden and says what its row is.
COLUMNS: Final = (
    "key", "field", "way", *(degree.value for degree in Degree),
    *(f"points_{degree}" for degree in SCORED),
)  # fmt: skip
WIDTHS: Final = (4, 26, 18, 34, 34, 34, 34, 12, 12, 12)
EMPTY_ROWS: Final = 15
TITLE_MOST: Final = 31
NOT_IN_TITLES: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))

FILLS: Final[Mapping[str, str]] = {
    "head": "FF1E3A5F",
    Degree.HIGH: "FFDCFCE7",
    Degree.MEDIUM: "FFFEF9C3",
    Degree.LOW: "FFFFEDD5",
    Degree.EXCLUDED: "FFFEE2E2",
}
LINE: Final = Side(style="thin", color="FFBFC7D1")
WRAPPED: Final = Alignment(wrap_text=True, vertical="top")


def write_workbook(
    personas: Iterable[tuple[Persona, Sheet]], catalogue: Catalogue, title: str
) -> bytes:
    book = Workbook()
    first: Any = book.active
    first.title = title_of(_("How to fill it in"), set())
    explain(first, title)
    used = {first.title.casefold()}
    lists = write_lists(book, catalogue)
    for persona, sheet in personas:
        page: Any = book.create_sheet(title_of(sheet.name, used), len(book.sheetnames) - 1)
        used.add(page.title.casefold())
        write_persona(page, persona, sheet, catalogue, lists)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def title_of(name: str, used: set[str]) -> str:
    """A title that Excel takes for a sheet, and that no other sheet has."""
    bare = "".join(c for c in name.translate(NOT_IN_TITLES) if c.isprintable())
    stem = " ".join(bare.split())[:TITLE_MOST].strip() or "-"
    title, number = stem, 1
    while title.casefold() in used:
        number += 1
        title = f"{stem[: TITLE_MOST - 5].strip()} ({number})"
    return title


def put(page: Any, row: int, column: int, text: str, **style: Any) -> Any:
    """A cell that holds just this text, whatever it begins with."""
    cell = page.cell(row, column)
    # Control characters cannot stand in a workbook at all.
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    # In Excel the text stays one when somebody edits the cell.
    cell.quotePrefix = text[:1] in ("=", "+", "-", "@")
    cell.number_format = "@"
    cell.alignment = WRAPPED
    for name, value in style.items():
        setattr(cell, name, value)
    return cell


def explain(page: Any, title: str) -> None:
    page.column_dimensions["A"].width = 110
    put(page, 1, 1, title, font=Font(bold=True, size=16))
    for number, text in enumerate(instructions(), start=3):
        put(page, number, 1, text)


def instructions() -> Sequence[str]:
    return (
        _("Each sheet is one buyer persona; one of them may stand for every contact."),
        _("The rows are criteria. Choose the criterion and how it is compared from the lists."),
        _("In the columns High, Medium, Low and Excluded write which values have that degree."),
        _("Several texts are parted by commas. What has a comma itself stands in quotation marks."),
        _("Numbers are ranges such as 50 to 200, from 201, up to 10; several are parted by “;”."),
        _("A value has one degree only. In each row the highest degree of a contact counts."),
        _("Whoever has an excluded value is taken out of the scoring."),
        _("The points of a degree stand above its column; a row may have points of its own."),
        _("New criteria go into the empty rows. To remove one, delete its row."),
        _("For another persona copy a sheet, and give it another name in its first rows."),
        _("Leave the hidden column and rows as they are, and merge no cells."),
        _("Then bring the file in again: you are shown every change before anything is stored."),
    )


def write_lists(book: Workbook, catalogue: Catalogue) -> Mapping[str, str]:
    """A hidden sheet of what can be chosen; gives the range of each list."""
    page: Any = book.create_sheet("Lists")
    page.sheet_state = "hidden"
    put(page, 1, 1, LISTS)
    labels = [capital(str(f.label)) for f in catalogue.fields if ways_of(f.kind)]
    titles = [str(way.title) for way in WAYS.values()]
    for column, texts in ((2, labels), (3, titles)):
        for row, text in enumerate(texts, start=2):
            put(page, row, column, text)
    quoted = f"'{page.title}'"
    return {
        "field": f"{quoted}!$B$2:$B${len(labels) + 1}",
        "way": f"{quoted}!$C$2:$C${len(titles) + 1}",
    }


def write_persona(
    page: Any, persona: Persona, sheet: Sheet, catalogue: Catalogue, lists: Mapping[str, str]
) -> None:
    for column, width in enumerate(WIDTHS, start=1):
        page.column_dimensions[get_column_letter(column)].width = width
    page.column_dimensions["A"].hidden = True
    kind = "all" if sheet.for_all else "persona"
    for column, text in enumerate((MARK, FORMAT, str(persona.key), kind), start=1):
        put(page, 1, column, text)
    for column, text in enumerate(COLUMNS, start=1):
        put(page, 2, column, text)
    page.row_dimensions[1].hidden = page.row_dimensions[2].hidden = True
    row = write_lines(page, sheet, catalogue)
    write_head(page, row, sheet.typed)
    end = write_rows(page, row + 2, sheet.typed.rows, catalogue)
    page.freeze_panes = page.cell(row + 2, 3)
    offer(page, lists["field"], f"B{row + 2}:B{end}")
    offer(page, lists["way"], f"C{row + 2}:C{end}")
    if not sheet.for_all:
        offer(page, lists["field"], f"C{row - 2}")
        offer(page, lists["way"], f"D{row - 2}")


def write_lines(page: Any, sheet: Sheet, catalogue: Catalogue) -> int:
    """Name, description and mark from row 3 on; gives the row in which the grid begins."""
    bold = Font(bold=True)
    row = 3
    shown = {"name": _("Name")} | ({} if sheet.for_all else dict(LINES))
    for key, label in shown.items():
        put(page, row, 1, key)
        put(page, row, 2, str(label), font=bold)
        put(page, row, 3, sheet.lines[key])
        row += 1
    if not sheet.for_all:
        mark = sheet.typed.mark
        put(page, row, 1, "mark")
        put(page, row, 2, _("Counts for (field, comparison, values)"), font=bold)
        put(page, row, 3, label_of(mark.field, catalogue))
        put(page, row, 4, str(WAYS[mark.way].title) if mark.way else "")
        put(page, row, 5, mark.values.get("mark", ""))
        row += 1
    return row + 1


def write_head(page: Any, row: int, typed: Typed) -> None:
    heads = [_("Criterion"), _("Compared"), *(str(title) for title in TITLES.values())]
    heads += [_("Points: %(degree)s") % {"degree": TITLES[degree]} for degree in SCORED]
    put(page, row, 1, "head")
    white = Font(bold=True, color="FFFFFFFF")
    for column, text in enumerate(heads, start=2):
        put(page, row, column, text, font=white, fill=filled("head"))
    put(page, row + 1, 1, "points")
    put(page, row + 1, 2, _("Points of the column"), font=Font(italic=True))
    for column, degree in enumerate(SCORED, start=4):
        put(page, row + 1, column, typed.points.get(degree, ""), fill=filled(degree))
    put(page, row + 1, 7, _("out of the scoring"), fill=filled(Degree.EXCLUDED))


def write_rows(page: Any, row: int, rows: Sequence[TypedRow], catalogue: Catalogue) -> int:
    """The criteria and some empty rows; gives the last row."""
    blank = [TypedRow()] * EMPTY_ROWS
    for number, each in enumerate([*rows, *blank], start=row):
        put(page, number, 1, each.field)
        put(page, number, 2, label_of(each.field, catalogue), font=Font(bold=True))
        put(page, number, 3, str(WAYS[each.way].title) if each.way else "")
        for column, degree in enumerate(Degree, start=4):
            put(page, number, column, each.values.get(degree, ""), fill=filled(degree))
        for column, degree in enumerate(SCORED, start=8):
            put(page, number, column, each.points.get(degree, ""))
        for column in range(2, len(COLUMNS) + 1):
            page.cell(number, column).border = Border(LINE, LINE, LINE, LINE)
    return row + len(rows) + EMPTY_ROWS - 1


def label_of(field: str, catalogue: Catalogue) -> str:
    return capital(str(catalogue.field(field).label)) if field in catalogue else field


def filled(kind: str) -> PatternFill:
    return PatternFill("solid", fgColor=FILLS[kind])


def offer(page: Any, source: str, cells: str) -> None:
    choice = DataValidation(type="list", formula1=f"={source}", allow_blank=True)
    choice.showErrorMessage = False
    page.add_data_validation(choice)
    choice.add(cells)

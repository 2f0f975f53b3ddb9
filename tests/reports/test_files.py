"""What the files of a report hold: every figure and every table, intervals in their columns."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

import pytest
from openpyxl import load_workbook

from scoring.reports.blocks import Column, Figure, Figures, Section, Table, Words
from scoring.reports.exports import FORMATS, Made
from scoring.reports.naming import Names
from scoring.reports.report import Measure, Report
from scoring.reports.sheet_names import sheet_names
from scoring.reports.values import Kind, Value, count, money, text
from tests.reports.reporting import question

pytestmark = pytest.mark.once

HALF = Value(Kind.SHARE, 0.5, 0.25, 0.75, 8)
LONG = "What became of those who were handed over"


class Tried(Report):
    slug = "tried"
    title = "Tried"
    purpose = "To try"
    icon = "star"
    order = 1
    measures = (Measure("deals", "Deals", "Deals that began."),)

    def make(self, question: Any) -> Sequence[Section]:
        mean = money(Decimal("64.5569620253164556962025"))
        columns = [Column("who"), Column("won"), Column("worth")]
        rows = [[text("=1+1"), HALF, mean], [text("b"), Value(Kind.SHARE, None), money(None)]]
        items = [
            Figure("Deals", count(7), "deals", count(4), "so far"),
            Figure("-Won", HALF),
        ]
        return [
            Section("Week", [Figures("", items), Words("Said.")]),
            Section(LONG, [Table("one", "By source", columns, rows, rows[0])]),
            Section(LONG, [Table("two", "By source", columns[:1], [[text("c")]])]),
        ]


def written(kind: str) -> bytes:
    asked, report = question(), Tried()
    sections = report.make(asked)
    made = Made(report, asked, sections, ["March"], cast(Names, str))
    return FORMATS[kind].write(made)


HEADS = ["Section", "Figure", "Value", "Interval from", "Interval to", "Before", "What is counted"]
WON = ["who", "won", "won: interval from", "won: interval to", "worth"]


def test_a_csv_file_has_the_figures_and_tables_in_their_places() -> None:
    assert list(csv.reader(io.StringIO(written("csv").decode("utf-8-sig")))) == [
        ["Tried", "March"],
        [],
        ["Week"],
        HEADS,
        ["Week", "Deals", "7", "", "", "4", "so far. Deals that began."],
        ["Week", "'-Won", "0.5", "0.25", "0.75", "", ""],
        [],
        [LONG, "By source"],
        WON,
        ["'=1+1", "0.5", "0.25", "0.75", "64.56"],
        ["b", "", "", "", ""],
        ["'=1+1", "0.5", "0.25", "0.75", "64.56"],
        [],
        [LONG, "By source"],
        ["who"],
        ["c"],
    ]


def test_a_workbook_begins_with_the_figures_and_names_its_sheets_by_section() -> None:
    book = load_workbook(io.BytesIO(written("xlsx")))
    assert book.sheetnames == [
        "Figures", "What became of… – By source", "What became of… – By source 2", "Definitions",
    ]  # fmt: skip
    figures, table = (list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets[:2])
    assert figures[2:] == [
        tuple(HEADS),
        ("Week", "Deals", 7, None, None, 4, "so far. Deals that began."),
        ("Week", "-Won", 0.5, 0.25, 0.75, None, None),
    ]
    assert table[1][0] == f"{LONG} – By source"
    assert table[2:4] == [tuple(WON), ("=1+1", 0.5, 0.25, 0.75, 64.56)]
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if str(cell.value)[:1] in "=-"} == {"s"}
    assert book.worksheets[0]["D5"].number_format == "0.0%"


def test_a_sheet_is_laid_out_to_be_read_and_printed() -> None:
    book = load_workbook(io.BytesIO(written("xlsx")))
    sheet, definitions = book.worksheets[1], book.worksheets[-1]
    assert sheet["A6"].font.b
    assert not sheet["A4"].font.b
    widths = {letter: sheet.column_dimensions[letter].width for letter in "ABCDE"}
    assert widths == {"A": 12, "B": 12, "C": 12, "D": 12, "E": 12}
    # "won: interval from" takes three lines of a column so narrow.
    assert sheet.row_dimensions[3].height == 45
    assert [sheet[cell].alignment.horizontal for cell in ("A3", "B3", "A4", "B4")] == [
        "left", "right", None, "right",
    ]  # fmt: skip
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.print_title_rows == "$3:$3"
    assert definitions["B1"].alignment.wrap_text


def test_the_figures_stand_where_the_first_of_them_does_among_the_tables() -> None:
    table = Table("one", "Minutes", [Column("point"), Column("minutes")], [[text("a"), count(3)]])
    figures = Figures("", [Figure("Deals", count(7))])
    sections = [Section("Agenda", [table]), Section("Week", [figures]), Section("", [figures])]
    made = Made(Tried(), question(), sections, ["March"], cast(Names, str))
    book = load_workbook(io.BytesIO(FORMATS["xlsx"].write(made)))
    assert book.sheetnames == ["Agenda – Minutes", "Figures", "Definitions"]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ([], "-"),
        (["Won/lost"], "Won lost"),
        (["Leads", "By owner"], "Leads – By owner"),
        (["W" * 40], "W" * 30 + "…"),
        (["One and two and three", "Four and five and six"], "One and two… – Four and five…"),
        (["Head"], "Head 2"),
    ],
)
def test_a_sheet_is_named_by_its_section_within_31_letters(path: list[str], named: str) -> None:
    assert sheet_names([["head"], path])[1] == named
    assert len(named) <= 31


@pytest.mark.parametrize(
    ("paths", "named"),
    [
        (
            [["Over time", "leads that become customers"], ["Over time", "leads that become SQL"]],
            ["Over time – …customers", "Over time – …SQL"],
        ),
        (
            [["What became of those won", "By source"], ["What became of those lost", "By source"]],
            ["…won – By source", "…lost – By source"],
        ),
        (
            [["Over time", "leads that become"], ["Over time", "leads that become hot again"]],
            ["Over time – leads that become", "Over time – leads that become…"],
        ),
        ([["Same"], ["Same"]], ["Same", "Same 2"]),
        ([["Fair 2026"], ["Fair  2026"]], ["Fair 2026", "Fair 2026 2"]),
    ],
)
def test_sheets_whose_names_would_be_cut_alike_are_named_by_where_they_differ(
    paths: list[list[str]], named: list[str]
) -> None:
    assert sheet_names(paths) == named

"""Files as rows: what is recognised, and what is refused with its line."""

import time
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from contacts.imports.convert import CONVERTERS, Habits
from contacts.imports.faults import SourceInvalid
from contacts.imports.sources import FileFormat, Row, open_source
from contacts.values import Wrong

pytestmark = pytest.mark.once


def rows_of(path: Path, form: FileFormat = FileFormat()) -> list[Row]:  # noqa: B008
    with open_source(path, form) as source:
        return list(source.rows())


def cells_of(path: Path, form: FileFormat = FileFormat()) -> list[list[str]]:  # noqa: B008
    return [list(row.cells) for row in rows_of(path, form)]


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    def save(content: bytes | str, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return save


TABLE = "email,city\nana@acme.example,Málaga\n"
WRITTEN_AS = {
    "UTF-8": TABLE.encode(),
    "UTF-8 with BOM": TABLE.encode("utf-8-sig"),
    "UTF-16, little end first": b"\xff\xfe" + TABLE.encode("utf-16-le"),
    "UTF-16, big end first": b"\xfe\xff" + TABLE.encode("utf-16-be"),
    "CRLF": TABLE.replace("\n", "\r\n").encode(),
    "CR": TABLE.replace("\n", "\r").encode(),
    "mixed line ends": b"email,city\r\nana@acme.example,M\xc3\xa1laga\n",
    "no last line end": TABLE.strip().encode(),
    "semicolons": TABLE.replace(",", ";").encode(),
    "tabs": TABLE.replace(",", "\t").encode(),
    "bars": TABLE.replace(",", "|").encode(),
    "sep line": b"sep=;\n" + TABLE.replace(",", ";").encode(),
    "quoted": b'"email","city"\n"ana@acme.example","M\xc3\xa1laga"\n',
    "blank lines": TABLE.replace("\n", "\n\n,\n").encode(),
    "blanks around headers": b" email , city\nana@acme.example,M\xc3\xa1laga\n",
    "empty columns at the end": b"email,city,,\nana@acme.example,M\xc3\xa1laga,,\n",
}


@pytest.mark.parametrize("content", WRITTEN_AS.values(), ids=WRITTEN_AS.keys())
def test_the_same_table_is_read_however_it_is_written(
    saved: Callable[..., Path], content: bytes
) -> None:
    path = saved(content)
    with open_source(path, FileFormat()) as source:
        assert source.headers == ("email", "city")
        assert [list(row.cells) for row in source.rows()] == [["ana@acme.example", "Málaga"]]


def test_latin_1_is_read_where_the_mapping_names_it(saved: Callable[..., Path]) -> None:
    path = saved(TABLE.encode("cp1252"))
    assert cells_of(path, FileFormat(encoding="cp1252")) == [["ana@acme.example", "Málaga"]]


def test_cells_are_kept_as_typed(saved: Callable[..., Path]) -> None:
    path = saved('a,b,c\n"x;""y""","two\r\nlines"," =1+1 "\n')
    assert cells_of(path) == [['x;"y"', "two\r\nlines", " =1+1 "]]


REFUSED: dict[str, tuple[bytes, int, str]] = {
    "empty": (b"", 0, "empty"),
    "only a BOM": (b"\xef\xbb\xbf", 0, "empty"),
    "no header": (b",,\n1,2,3\n", 1, "name the columns"),
    "a header missing": (b"a,,c\n1,2,3\n", 1, "Column 2"),
    "a header twice": (b"a,b,A \n1,2,3\n", 1, "same name"),
    "Latin-1": ("a,b\nx,y\nñ,y\n".encode("latin-1"), 3, "Byte 1 "),
    "half a character": (b"a,b\nx,\xc3", 2, "Byte 3 "),
    "UTF-16 cut off": (b"\xff\xfea\x00,\x00b", 1, "utf-16"),
    "NUL": (b"a,b\nx,y\nx,\0\n", 3, "text file"),
    "a quotation mark never closed": (b'a,b\n1,2\n"x,y\n1,2\n', 3, "never closed"),
    "a quotation mark inside": (b'a,b\n"x"y,z\n', 2, "quotation marks"),
    "a cell of 10 MB": (b"a,b\nx," + b"y" * 9_000_000 + b"\n", 2, "1 MB"),
    "a line of 11 MB": (b"a,b\nx," + b"y" * 11_000_000 + b"\n", 2, "10 MB"),
    "a row of many lines and 11 MB": (
        b"a,b\n" + b",".join([b'"' + b"y\n" * 500_000 + b'"'] * 11) + b"\n",
        0,
        "10 MB",
    ),
    "1,001 columns": (b",".join(b"c%d" % n for n in range(1001)) + b"\n", 1, "1000 columns"),
    "20,000 cells in a row": (b"a,b\n" + b"," * 20_000 + b"\n", 2, "1000 columns"),
    "a workbook": (b"PK\x03\x04 and so on", 0, "not a text file"),
    "a program": (b"MZ\x90\x00", 0, "not a text file"),
}


@pytest.mark.parametrize(("content", "line", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_a_file_that_is_malformed_is_refused_with_its_line(
    saved: Callable[..., Path], content: bytes, line: int, words: str
) -> None:
    with pytest.raises(SourceInvalid, match=words) as caught:
        rows_of(saved(content))
    assert line in (0, caught.value.line)


def test_a_ragged_row_is_a_fault_of_that_row_only(saved: Callable[..., Path]) -> None:
    rows = rows_of(saved("a,b\n1,2\n1\n1,2,3\n3,4\n"))
    assert [(row.line, bool(row.fault)) for row in rows] == [
        (2, False),
        (3, True),
        (4, True),
        (5, False),
    ]
    assert "1 cells" in rows[1].fault
    assert "3 cells" in rows[2].fault


@pytest.mark.parametrize("name", ["file.xls", "file.xlsm", "file.pdf", "file", "file.json"])
def test_other_kinds_of_files_are_refused_naming_those_that_are_read(
    saved: Callable[..., Path], name: str
) -> None:
    with pytest.raises(SourceInvalid, match=r"\.xlsx"):
        rows_of(saved("a,b\n", name))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceInvalid, match="cannot be opened"):
        rows_of(tmp_path / "none.csv")


def test_the_memory_stays_flat_in_the_length_of_a_file(tmp_path: Path) -> None:
    def peak(lines: int) -> int:
        path = tmp_path / f"{lines}.csv"
        path.write_text("a,b\n" + "one cell,another cell\n" * lines)
        tracemalloc.start()
        with open_source(path, FileFormat()) as source:
            assert sum(1 for _row in source.rows()) == lines
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(10)
    assert peak(20_000) < 1.5 * peak(2_000) + 200_000


# --- XLSX --------------------------------------------------------------------------------------


def workbook(*rows: Sequence[object], title: str = "Sheet") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def with_entry(content: bytes, name: str, data: bytes) -> bytes:
    """The workbook with one entry put in the place of the one of this name, or added."""
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, data)
    return out.getvalue()


def test_a_workbook_is_read_as_its_table_would_be_as_csv(saved: Callable[..., Path]) -> None:
    from_cells: list[Sequence[object]] = [
        ["email", "seats", "share", "yes", "day", "formula"],
        ["ana@acme.example", 10, 0.1 + 0.2, True, None, "=1+1"],
        [None, None],
        ["bea@acme.example", 1e3, 49.5, False, None, None],
    ]
    rows = rows_of(saved(workbook(*from_cells), "file.xlsx"))
    assert [row.line for row in rows] == [2, 4]
    assert list(rows[0].cells) == ["ana@acme.example", "10", "0.3", "true", "", ""]
    assert list(rows[1].cells) == ["bea@acme.example", "1000", "49.5", "false", "", ""]


def test_a_row_of_a_workbook_beyond_its_headers_is_a_fault(saved: Callable[..., Path]) -> None:
    rows = rows_of(saved(workbook(["a", "b"], [1, 2, 3]), "file.xlsx"))
    assert "3 cells" in rows[0].fault


def test_a_sheet_that_is_not_there_is_refused_naming_those_that_are(
    saved: Callable[..., Path],
) -> None:
    path = saved(workbook(["a"], [1], title="Leads"), "file.xlsx")
    assert cells_of(path, FileFormat(sheet="Leads")) == [["1"]]
    with pytest.raises(SourceInvalid, match="Leads"):
        rows_of(path, FileFormat(sheet="Sheet1"))


PLAIN = workbook(["email"], ["ana@acme.example"])
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(
        b'<!ENTITY lol%d "%s">' % (n, b"&lol%d;" % (n - 1) * 10 if n > 1 else b"&lol;" * 10)
        for n in range(1, 10)
    )
    + b']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1" t="inlineStr"><is><t>&lol9;</t></is></c></row></sheetData></worksheet>'
)
FAR_CELL = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>email'
    b'</t></is></c></row><row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData>'
    b"</worksheet>"
)
BOMBS: dict[str, bytes] = {
    "a zip that unpacks to ten thousand times": with_entry(
        PLAIN, "xl/worksheets/sheet1.xml", b" " * 30_000_000
    ),
    "billion laughs": with_entry(PLAIN, "xl/worksheets/sheet1.xml", LAUGHS),
    "billion laughs in the workbook": with_entry(PLAIN, "xl/workbook.xml", LAUGHS),
    "macros": with_entry(PLAIN, "xl/vbaProject.bin", b"code"),
    "an external link": with_entry(PLAIN, "xl/externalLinks/externalLink1.xml", b"<x/>"),
    "a program": b"MZ\x90\x00 this is a program",
    "text": b"email\nana@acme.example\n",
    "nothing": b"",
    "another archive": with_entry(
        b"PK\x05\x06" + b"\0" * 18, "readme.txt", b"This is no workbook."
    ),
    "a damaged sheet": with_entry(PLAIN, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData"),
    "a workbook cut off": PLAIN[: len(PLAIN) // 2],
    "rows without end": with_entry(PLAIN, "xl/worksheets/sheet1.xml", FAR_CELL),
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS.keys())
def test_a_workbook_meant_to_harm_is_refused_at_once(
    saved: Callable[..., Path], content: bytes
) -> None:
    path = saved(content, "file.xlsx")
    began = time.process_time()
    with pytest.raises(SourceInvalid):
        rows_of(path)
    # The processor time of a busy machine, with room; what is unpacked whole takes minutes.
    assert time.process_time() - began < 20


def test_a_workbook_over_the_limit_is_refused_naming_the_limit(
    saved: Callable[..., Path], settings: Any
) -> None:
    settings.IMPORT_MAX_BYTES = 1024 * 1024
    path = saved(PLAIN + b"\0" * 1024 * 1024, "file.xlsx")
    with pytest.raises(SourceInvalid, match="1 MB"):
        rows_of(path)


# --- Cells -------------------------------------------------------------------------------------

SPAIN = Habits(
    formats=("%d/%m/%Y %H:%M", "%d/%m/%Y"), time_zone="Europe/Madrid", decimal_comma=True,
    grouping=".",
)  # fmt: skip
CELLS = [
    ("number", "1234.5", Habits(), 1234.5),
    ("number", "1.234,5", SPAIN, 1234.5),
    ("number", " -7 ", Habits(), -7),
    ("number", "1e3", Habits(), 1000),
    ("boolean", "Sí", Habits(), True),
    ("boolean", "NO", Habits(), False),
    ("boolean", "0", Habits(), False),
    ("instant", "31/03/2026 10:00", SPAIN, "2026-03-31T08:00:00+00:00"),
    ("instant", "01/02/2026", SPAIN, "2026-01-31T23:00:00+00:00"),
    ("instant", "2026-03-31T10:00:00Z", SPAIN, "2026-03-31T10:00:00+00:00"),
    ("instant", "2026-03-31", Habits(time_zone="UTC"), "2026-03-31T00:00:00+00:00"),
    ("instant", "1774951200", Habits(formats=("epoch",)), "2026-03-31T10:00:00+00:00"),
    ("instant", "1774951200000", Habits(formats=("epoch_ms",)), "2026-03-31T10:00:00+00:00"),
    ("date", "31/03/2026", SPAIN, "2026-03-31"),
    ("date", "2026-03-31T00:00:00", Habits(), "2026-03-31"),
    ("country", "España", Habits(), "ES"),
    ("country", "united states", Habits(), "US"),
    ("country", "UK", Habits(), "GB"),
    ("country", "Bosnia and Herzegovina", Habits(), "BA"),
    ("country", "Atlantis", Habits(), "Atlantis"),
    ("tags", "vip; partner;;", Habits(), ["vip", "partner"]),
    ("text", " as typed ", Habits(), " as typed "),
]


@pytest.mark.parametrize(("kind", "cell", "habits", "value"), CELLS)
def test_a_cell_is_read_by_the_habits_of_its_file(
    kind: str, cell: str, habits: Habits, value: object
) -> None:
    assert CONVERTERS[kind](cell, habits) == value


BAD_CELLS = [
    ("number", "1,234.5", Habits()),
    ("number", "1,5", Habits()),
    ("number", "1.5.2", SPAIN),
    ("number", "NaN", Habits()),
    ("number", "٣", Habits()),
    ("number", "1" * 500, Habits()),
    ("boolean", "perhaps", Habits()),
    ("instant", "2026-03-31T10:00:00", Habits()),
    ("instant", "2026-03-31", Habits()),
    ("instant", "03/31/2026", SPAIN),
    ("instant", "2026-03-31T24:00", SPAIN),
    ("instant", "2026-02-30", SPAIN),
    ("instant", "0001-01-01", Habits(time_zone="Asia/Tokyo")),
    ("date", "yesterday", Habits()),
]


@pytest.mark.parametrize(("kind", "cell", "habits"), BAD_CELLS)
def test_a_cell_that_says_something_else_is_refused(kind: str, cell: str, habits: Habits) -> None:
    with pytest.raises(Wrong):
        CONVERTERS[kind](cell, habits)

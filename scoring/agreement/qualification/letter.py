"""The matrix as a Word document, to be read and printed."""

import io
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Cm, Pt

from contacts.numerals import signed
from scoring.agreement.qualification.changes import capital
from scoring.agreement.qualification.degrees import SCORED, Degree
from scoring.agreement.qualification.groups import degree_in_words
from scoring.agreement.qualification.models import Persona
from scoring.agreement.qualification.sheets import LINES, Sheet
from scoring.criteria.fields import Catalogue

# What XML cannot hold: python-docx escapes the rest.
UNPRINTABLE = dict.fromkeys(c for c in range(32) if c not in (9, 10, 13)) | {
    0xFFFE: None,
    0xFFFF: None,
}


def write_document(
    personas: Iterable[tuple[Persona, Sheet]], catalogue: Catalogue, model: str, version: str
) -> bytes:
    document = Document()
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Cm(29.7), Cm(21)
    page.left_margin = page.right_margin = Cm(2)
    document.styles["Normal"].font.size = Pt(10)
    title = _("Qualification matrix: %(model)s") % {"model": model}
    document.core_properties.title = clean(title)
    document.core_properties.author = ""
    document.add_heading(clean(title), level=0)
    day = date_format(timezone.localdate(), "DATE_FORMAT")
    document.add_paragraph(clean(f"{day} · {version}" if version else day))
    for _persona, sheet in personas:
        write_persona(document, sheet, catalogue)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def write_persona(document: Any, sheet: Sheet, catalogue: Catalogue) -> None:
    document.add_heading(clean(sheet.name), level=1)
    for part, title in LINES.items():
        if text := sheet.lines.get(part):
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{clean(str(title))}: ").bold = True
            paragraph.add_run(clean(text))
    if mark := sheet.grid.mark:
        field = catalogue.field(mark.field).label
        said = f"{field} {mark.way.title} {mark.way.written(mark.values)}"
        paragraph = document.add_paragraph()
        paragraph.add_run(_("Counts for: ")).bold = True
        paragraph.add_run(clean(said))
    if not sheet.grid.rows:
        document.add_paragraph(_("No criteria yet."))
        return
    write_grid(document, sheet, catalogue)


def write_grid(document: Any, sheet: Sheet, catalogue: Catalogue) -> None:
    grid = sheet.grid
    table = document.add_table(rows=1, cols=1 + len(Degree))
    table.style = "Table Grid"
    heads = [degree_in_words(degree, grid.points.get(degree, 0)) for degree in Degree]
    for cell, text in zip(table.rows[0].cells, [_("Criterion"), *heads], strict=True):
        cell.paragraphs[0].add_run(clean(text)).bold = True
    for row in grid.rows:
        label = capital(str(catalogue.field(row.field).label))
        cells = table.add_row().cells
        cells[0].paragraphs[0].add_run(clean(label)).bold = True
        cells[0].add_paragraph(clean(str(row.way.title)))
        for cell, degree in zip(cells[1:], Degree, strict=True):
            text = row.way.written(row.values.get(degree, ()))
            if degree in row.points and degree in SCORED:
                text = f"{text} ({signed(row.points[degree])})".strip()
            cell.text = clean(text)


def clean(text: str) -> str:
    return text.translate(UNPRINTABLE)

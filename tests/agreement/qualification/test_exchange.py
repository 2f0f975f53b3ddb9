"""The matrix as a workbook: out, filled in at a table, and back with a look at every change."""

import html
import io
import re
import zipfile
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from docx import Document
from openpyxl import Workbook, load_workbook

from contacts.models import CustomField
from scoring.agreement.qualification.examples import example_sheets
from scoring.agreement.qualification.models import Persona
from scoring.criteria.installed import installed_catalogue
from scoring.criteria.models import ScoringModel
from tests.agreement.qualification.grids import read as grid_of
from tests.agreement.qualification.grids import row, typed
from tests.engine.scored import go_live

pytestmark = pytest.mark.django_db

FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def model(db: None) -> ScoringModel:
    go_live()
    CustomField.objects.create(key="plan", label="Plan", type="choice", choices=["Basic", "Pro"])
    return ScoringModel.objects.get()


@pytest.fixture
def persona(model: ScoringModel) -> Persona:
    """Its texts would be formulas, if a workbook took them for some."""
    grid = grid_of(
        row("job_title", "contains", high='director, "Smith, Sons", +1', low=FORMULA),
        row("company.employees", high="50 to 200", medium="from 201", points={"high": "30"}),
        row("attributes.plan", "in", high="Pro"),
        mark=row("company.industry", "contains", mark="@software"),
    )
    return Persona.objects.create(
        model=model, name="-Buyers: [IT]", who=FORMULA, goals="Two\nlines", grid=grid.data()
    )


@pytest.fixture
def client(marta: User) -> Client:
    found = Client()
    found.force_login(marta)
    return found


def page(name: str, model: ScoringModel) -> str:
    return reverse(f"admin:scoring_scoringmodel_matrix_{name}", args=[model.pk])


def exported(client: Client, model: ScoringModel, language: str = "en") -> Any:
    answer = client.get(page("workbook", model), HTTP_ACCEPT_LANGUAGE=language)
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.content))


def bytes_of(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def sent(client: Client, model: ScoringModel, data: bytes, name: str = "matrix.xlsx") -> Any:
    file = SimpleUploadedFile(name, data)
    return client.post(page("import", model), {"file": file}, HTTP_ACCEPT_LANGUAGE="en")


def text(answer: Any) -> str:
    found = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(html.unescape(found).split())


def confirmed(client: Client, model: ScoringModel, answer: Any) -> Any:
    payload = re.search(r'name="payload" value="([^"]*)"', answer.content.decode())
    assert payload is not None
    return client.post(
        page("import", model), {"confirmed": "1", "payload": payload[1]}, follow=True
    )


def sheet_of(book: Any) -> Any:
    return book.worksheets[1]


def cell(sheet: Any, label: str, column: str) -> Any:
    """The cell of the row that has this label."""
    number = next(each.row for each in sheet["B"] if each.value == label)
    return sheet[f"{column}{number}"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_workbook_that_comes_back_as_it_went_changes_nothing(
    language: str, persona: Persona, client: Client
) -> None:
    with override(language):
        book = exported(client, persona.model, language)
    answer = sent(client, persona.model, bytes_of(book))
    assert "there is nothing to store" in text(answer)


def test_no_text_becomes_a_formula(persona: Persona, client: Client) -> None:
    sheet = sheet_of(exported(client, persona.model))
    kinds = {each.data_type for line in sheet.iter_rows() for each in line}
    assert "f" not in kinds
    assert cell(sheet, "Job title", "F").value == FORMULA
    assert cell(sheet, "Job title", "F").quotePrefix
    assert not any(c in sheet.title for c in "[]:*?/\\")


def test_every_change_is_shown_before_it_is_stored(persona: Persona, client: Client) -> None:
    book = exported(client, persona.model)
    sheet = sheet_of(book)
    cell(sheet, "Job title", "D").value = "director, boss"
    cell(sheet, "Company employees", "H").value = 25
    cell(sheet, "Plan", "D").value = None
    free = sheet.max_row - 3
    sheet[f"B{free}"], sheet[f"C{free}"], sheet[f"D{free}"] = "Country", "is exactly", "es, pt"
    answer = sent(client, persona.model, bytes_of(book))
    shown = text(answer)
    assert 'changed Job title High director, "Smith, Sons", +1 director, boss' in shown
    assert "changed Company employees High, points +30 +25" in shown
    assert "removed Plan High Pro —" in shown
    assert "added Country High — ES, PT" in shown
    persona.refresh_from_db()
    assert persona.revision == 0
    assert "1 persona was changed." in text(confirmed(client, persona.model, answer))
    persona.refresh_from_db()
    fields = [each["field"] for each in persona.grid["rows"]]
    assert fields == ["job_title", "company.employees", "attributes.plan", "country"]
    assert persona.grid["rows"][0]["values"]["high"] == ["director", "boss"]


def test_a_copied_sheet_is_a_new_persona(persona: Persona, client: Client) -> None:
    book = exported(client, persona.model)
    copy = book.copy_worksheet(sheet_of(book))
    cell(copy, "Name", "C").value = "Head of finance"
    answer = sent(client, persona.model, bytes_of(book))
    assert "Head of finance new persona" in text(answer)
    confirmed(client, persona.model, answer)
    names = [each.name for each in persona.model.personas.all()]
    assert names == ["-Buyers: [IT]", "Head of finance"]


def test_a_persona_without_a_sheet_stays(persona: Persona, client: Client) -> None:
    Persona.objects.create(model=persona.model, name="Second")
    book = exported(client, persona.model)
    del book["Second"]
    assert "no sheet for “Second”: it stays as it is" in text(
        sent(client, persona.model, bytes_of(book))
    )


def test_faults_name_sheet_and_cell_and_nothing_can_be_stored(
    persona: Persona, client: Client
) -> None:
    book = exported(client, persona.model)
    sheet = sheet_of(book)
    sheet.title = "Buyers"
    wrong = cell(sheet, "Company employees", "D")
    wrong.value = "many"
    cell(sheet, "Job title", "E").value = "Director"
    cell(sheet, "Plan", "D").value = "=1+1"
    unknown = sheet.max_row
    sheet[f"B{unknown}"] = "Shoe size"
    shown = text(answer := sent(client, persona.model, bytes_of(book)))
    assert f"Sheet Buyers, cell {wrong.coordinate}: “many” is no range of numbers" in shown
    assert "“Director” stands in “High” too" in shown
    assert "there is a formula; write its value." in shown
    assert f"Sheet Buyers, cell B{unknown}: There is no field “Shoe size”" in shown
    assert 'name="payload"' not in answer.content.decode()
    persona.refresh_from_db()
    assert persona.revision == 0


def macro() -> bytes:
    file = io.BytesIO(bytes_of(Workbook()))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return file.getvalue()


def bomb() -> bytes:
    file = io.BytesIO(bytes_of(Workbook()))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", b"\0" * 40_000_000)
    return file.getvalue()


WRONG = [
    (b"", "The submitted file is empty|Choose the workbook|No sheet of this file"),
    (b"name;points\nx;1\n", "No sheet of this file"),
    (b"PK\x03\x04 broken", "No sheet of this file"),
    (bytes_of(Workbook()), "No sheet of this file"),
    (macro(), "holds macros"),
    (bomb(), "unpack to far more"),
    (b"x" * (3 * 1024 * 1024), "larger than 2 MB"),
]


@pytest.mark.parametrize(("data", "said"), WRONG, ids=[said for _data, said in WRONG])
def test_a_wrong_file_gives_one_clear_error(
    data: bytes, said: str, persona: Persona, client: Client
) -> None:
    answer = sent(client, persona.model, data)
    assert answer.status_code == 200
    assert re.search(said, text(answer))
    assert 'name="payload"' not in answer.content.decode()


def test_merged_cells_are_refused(persona: Persona, client: Client) -> None:
    book = exported(client, persona.model)
    sheet_of(book).merge_cells("D20:E21")
    assert "merged cells" in text(sent(client, persona.model, bytes_of(book)))


def test_no_file_is_no_error_of_the_server(persona: Persona, client: Client) -> None:
    answer = client.post(page("import", persona.model))
    assert "Choose the workbook that was filled in." in text(answer)


def test_what_was_changed_meanwhile_is_not_overwritten(persona: Persona, client: Client) -> None:
    book = exported(client, persona.model)
    cell(sheet_of(book), "Job title", "D").value = "boss"
    answer = sent(client, persona.model, bytes_of(book))
    Persona.objects.filter(pk=persona.pk).update(revision=5)
    assert "Somebody has changed the matrix meanwhile" in text(
        confirmed(client, persona.model, answer)
    )
    persona.refresh_from_db()
    assert persona.grid["rows"][0]["values"]["high"][0] == "director"


def test_only_what_was_shown_can_be_confirmed(persona: Persona, client: Client) -> None:
    sheet = {"confirmed": "1", "payload": "made:up:here"}
    answer = client.post(page("import", persona.model), sheet, follow=True)
    assert "The preview is too old" in text(answer)


def test_the_word_document_holds_the_personas_and_escapes_their_texts(
    persona: Persona, client: Client
) -> None:
    persona.pains = "<w:p>&amp; \x0b \x1f"
    persona.save()
    answer = client.get(page("document", persona.model), HTTP_ACCEPT_LANGUAGE="en")
    document = Document(io.BytesIO(answer.content))
    said = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "Qualification matrix: Small model" in said
    assert "version 1" in said
    assert "What troubles them: <w:p>&amp;" in said
    table = [[each.text for each in line.cells] for line in document.tables[0].rows]
    assert table[0] == [
        "Criterion", "High, +20", "Medium, +10", "Low, −5", "Excluded: out of the scoring",
    ]  # fmt: skip
    assert table[2] == [
        "Company employees\nis in the range", "50 to 200 (+30)", "from 201", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_example_is_sound_in_either_language(language: str, model: ScoringModel) -> None:
    with override(language):
        sheets = example_sheets(installed_catalogue())
    assert [sheet.faults for sheet in sheets] == [{}, {}, {}]
    assert typed().rows == ()

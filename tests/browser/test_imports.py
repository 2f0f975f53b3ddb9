"""Importing a file in a real browser, from the upload to the stored contacts."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from contacts.imports.jobs import import_uploads
from contacts.models import Contact

CSV = (
    "Correo,Nombre,Empresa,Alta\n"
    "ana@acme.example,Ana,Acme,31/03/2026\n"
    "bea@acme.example,Bea,Acme,01/04/2026\n"
    "nobody,Eva,Acme,02/04/2026\n"
)


def test_a_file_is_uploaded_mapped_refused_put_right_and_imported(
    page_of_ada: Page, base_url: str, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    page = page_of_ada
    file = tmp_path / "leads.csv"
    file.write_text(CSV, encoding="utf-8")
    page.goto(f"{base_url}/admin/contacts/importjob/add/")
    page.set_input_files("input[name=file]", str(file))
    page.get_by_role("button", name="Upload", exact=True).click()

    expect(page.get_by_label("What “Correo” becomes")).to_have_value("email")
    expect(page.locator("#preview-summary")).to_have_text("Of the first 3 rows, 1 are bad.")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#import-progress")).to_contain_text("Waiting for a worker")
    import_uploads()
    # The page finds out by itself.
    expect(page.get_by_role("cell", name="nobody")).to_be_visible()
    assert not Contact.objects.exists()

    page.get_by_role("button", name="Change the mapping").click()
    page.get_by_label("Leave out bad rows").check(force=True)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator("#import-progress")).to_be_visible()
    import_uploads()
    expect(page.locator("#import-summary")).to_contain_text("2 created")
    assert Contact.objects.get(email_key="ana@acme.example").first_name == "Ana"

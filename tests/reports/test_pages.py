"""The pages of the reports: who sees which, what is asked, the leads behind a figure, files."""

import csv
import io
import zlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact
from scoring.reports.asking import ask
from scoring.reports.blocks import Column, Section, Table, Words
from scoring.reports.exports import Impossible, pdf
from scoring.reports.jobs import work_out_reports
from scoring.reports.kinds.movement import Movement
from scoring.reports.models import KeptReport
from scoring.reports.report import REPORTS, Report
from scoring.reports.values import contact, count, text
from tests.conftest import REQUIRE_ALL
from tests.engine.scored import go_live, person, visit

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
SLUGS = sorted(REPORTS)


class Slow(Report):
    """Worked out by the worker; with a text that a spreadsheet would take for a formula."""

    slug = "slow"
    title = "Slow"
    purpose = "To try"
    icon = "hourglass"
    order = 99
    measures = ()
    is_slow = True

    def make(self, question: Any) -> Sequence[Section]:
        rows = [[contact(row.pk), text("=1+1"), count(1, "all")] for row in Contact.objects.all()]
        columns = [Column("who"), Column("what"), Column("how many")]
        return [Section("All", [Table("all", "All", columns, rows), Words("Done.")])]

    def behind(self, question: Any, key: str) -> Any:
        return Contact.objects.all() if key == "all" else None


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    found = Slow()
    monkeypatch.setitem(REPORTS, "slow", found)
    return found


@pytest.fixture
def leads(saul: User) -> list[Contact]:
    """One of Saul's, one of the pool, and one of a colleague's that he may not see."""
    found = [
        person("own", first_name="Olga", owner="saul", job_title="Director"),
        person("pool", first_name="Pia"),
        person("other", first_name="Geheimnis", owner="peter", job_title="Director"),
    ]
    go_live()
    visit(found[0], DAY)
    return found


def page(client: Client, name: str, *args: Any, **query: Any) -> Any:
    return client.get(reverse(f"admin:{name}", args=args), query)


@pytest.mark.parametrize("person_name", ["marta", "saul", "mona", "ada"])
def test_every_role_sees_the_reports(
    person_name: str, client: Client, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(person_name))
    assert page(client, "reports").status_code == 200
    assert page(client, "report", "movement").status_code == 200


def test_whoever_has_no_role_sees_none(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    for answer in (
        page(client, "reports"),
        page(client, "report", "movement"),
        page(client, "report_leads", "movement", of="now:hot"),
        page(client, "report_file", "movement", "csv"),
    ):
        assert answer.status_code == 403


def test_a_stranger_is_asked_to_log_in(client: Client) -> None:
    assert page(client, "report", "movement").status_code == 302


@pytest.mark.parametrize("slug", SLUGS)
def test_an_empty_system_has_a_page_of_each_report(slug: str, client: Client, ada: User) -> None:
    client.force_login(ada)
    answer = page(client, "report", slug)
    assert answer.status_code == 200
    assert str(REPORTS[slug].title) in answer.content.decode()


@pytest.mark.parametrize("slug", SLUGS)
def test_each_measure_of_a_report_is_defined_once(slug: str) -> None:
    keys = [measure.key for measure in REPORTS[slug].measures]
    assert len(keys) == len(set(keys))
    assert all(str(measure.definition).endswith(".") for measure in REPORTS[slug].measures)


WRONG = [
    {"span": "own", "first": "2026-03-31", "last": "2026-03-01"},
    {"span": "own", "first": "yesterday"},
    {"span": "own", "first": "0001-01-01"},
    {"span": "own", "first": "1990-01-01", "last": "2026-01-01"},
    {"span": "'; DROP TABLE"},
    {"model": "99999999999999999999"},
    {"campaign": "\0"},
    {"segment": "nothing"},
    {"owner": "nobody"},
    {"country": "x" * 300},
    {"grain": "century"},
]


@pytest.mark.parametrize("query", WRONG, ids=str)
def test_what_is_asked_wrongly_is_said_and_the_usual_is_shown(
    query: dict[str, str], client: Client, ada: User
) -> None:
    client.force_login(ada)
    answer = page(client, "report", "movement", **query)
    assert answer.status_code == 200
    if query != {"segment": "nothing"}:
        assert 'role="alert"' in answer.content.decode() or query.keys() == {"model"}
    assert page(client, "report_file", "movement", "csv", **query).status_code == 200


def test_the_address_of_a_question_asks_the_same_again(leads: list[Contact]) -> None:
    asked = {"span": "own", "first": "2026-03-01", "last": "2026-03-31", "owner": "saul"}
    form = ask(asked, Movement.asks, 90)
    query = form.question().query()
    assert "first=2026-03-01" in query
    assert "last=2026-03-31" in query
    assert "owner=saul" in query
    assert "span=last_month" in ask({"span": "last_month"}, Movement.asks, 90).question().query()


def test_the_leads_behind_a_figure_are_those_that_one_may_see(
    leads: list[Contact], client: Client, saul: User, mona: User
) -> None:
    client.force_login(mona)
    seen = page(client, "report_leads", "movement", of="now:warm").content.decode()
    assert "Geheimnis" in seen
    client.force_login(saul)
    seen = page(client, "report_leads", "movement", of="now:warm").content.decode()
    assert "Geheimnis" not in seen
    assert "1 more belongs to a colleague." in seen
    assert page(client, "report_leads", "movement", of="nonsense").status_code == 404
    assert page(client, "report_leads", "movement").status_code == 404


def test_a_page_asks_a_number_of_queries_that_does_not_grow(
    leads: list[Contact],
    client: Client,
    mona: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client.force_login(mona)
    with django_assert_max_num_queries(25):
        page(client, "report", "movement")
    with django_assert_max_num_queries(25):
        page(client, "report_leads", "movement", of="now:warm")


def test_a_slow_report_is_worked_out_by_the_worker_and_kept(
    slow: Slow, leads: list[Contact], client: Client, saul: User
) -> None:
    client.force_login(saul)
    assert "A worker is working this out" in page(client, "report", "slow").content.decode()
    assert KeptReport.objects.backlog().count == 1
    assert page(client, "report_file", "slow", "csv").status_code == 302
    assert work_out_reports() == 1
    assert work_out_reports() == 0
    shown = page(client, "report", "slow").content.decode()
    assert "Olga" in shown
    assert "Geheimnis" not in shown
    assert "a colleague&#x27;s lead" in shown
    assert "worked out" in shown
    again = client.post(reverse("admin:report_again", args=["slow"]))
    assert again.status_code == 302
    assert KeptReport.objects.get().state == KeptReport.State.ASKED
    assert "until then you see the one of before" in page(client, "report", "slow").content.decode()


def test_a_slow_report_that_breaks_says_so_and_can_be_asked_again(
    slow: Slow, client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(ada)
    page(client, "report", "slow")

    def breaks(*_args: Any) -> Any:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(slow, "make", breaks, raising=False)
    with pytest.raises(RuntimeError):
        work_out_reports()
    assert "It could not be worked out" in page(client, "report", "slow").content.decode()
    monkeypatch.undo()


def test_only_a_slow_report_is_asked_anew(client: Client, ada: User) -> None:
    client.force_login(ada)
    address = reverse("admin:report_again", args=["movement"])
    assert client.post(address).status_code == 404
    assert client.get(address).status_code == 405


def test_a_file_has_no_formula_and_no_name_that_one_may_not_see(
    slow: Slow, leads: list[Contact], client: Client, saul: User
) -> None:
    client.force_login(saul)
    page(client, "report", "slow")
    work_out_reports()
    read = page(client, "report_file", "slow", "csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(read)))
    assert ["Olga", "'=1+1", "1"] in rows
    assert ["a colleague's lead", "'=1+1", "1"] in rows
    book = load_workbook(io.BytesIO(page(client, "report_file", "slow", "xlsx").content))
    cells = [cell for row in book["All"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value == "=1+1"} == {"s"}
    assert "Geheimnis" not in {cell.value for cell in cells}


def has_pango() -> bool:
    try:
        pdf.loaded()
    except Impossible:
        return False
    return True


@pytest.mark.skipif(not REQUIRE_ALL and not has_pango(), reason="Pango is not installed")
def test_a_pdf_is_tagged_and_opens_in_the_language_of_the_reader(
    leads: list[Contact], client: Client, mona: User
) -> None:
    client.force_login(mona)
    answer = page(client, "report_file", "movement", "pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith('attachment; filename="movement-')
    assert answer.content.startswith(b"%PDF-")
    written = b"".join(map(unpacked, answer.content.split(b"stream")))
    assert b"/StructTreeRoot" in written
    assert b"/Lang" in written


def unpacked(part: bytes) -> bytes:
    """Of the pieces of a PDF, those that are compressed; nothing of the others."""
    try:
        return zlib.decompressobj().decompress(part.strip(b"\r\n"))
    except zlib.error:
        return b""


def test_without_its_libraries_a_pdf_says_what_to_install(
    client: Client, mona: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_name: str) -> Any:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(pdf, "import_module", missing)
    client.force_login(mona)
    answer = client.get(reverse("admin:report_file", args=["movement", "pdf"]), follow=True)
    assert "apt-get install libpango-1.0-0" in answer.content.decode()


def test_an_unknown_report_or_kind_of_file_is_not_found(client: Client, ada: User) -> None:
    client.force_login(ada)
    assert page(client, "report", "nothing").status_code == 404
    assert page(client, "report_file", "movement", "exe").status_code == 404

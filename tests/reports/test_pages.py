"""The pages of the reports: who sees which, what is asked, the leads behind a figure, files."""

import csv
import io
import zlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import get_language, override
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries, Settings

from contacts.models import Contact
from scoring.engine.proportions import Proportion
from scoring.reports import jobs
from scoring.reports.asking import ask
from scoring.reports.blocks import Column, Figure, Figures, Section, Table, Words
from scoring.reports.exports import Impossible, pdf
from scoring.reports.jobs import work_out_reports
from scoring.reports.kinds.movement import Movement
from scoring.reports.models import LEASE, KeptReport
from scoring.reports.pages import TITLE_MOST
from scoring.reports.report import REPORTS, Report, WorkedOut
from scoring.reports.values import Value, contact, count, text
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
def slow(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Slow:
    """Read in English only: each language more is a report more to work out."""
    settings.LANGUAGES = [("en", "English")]
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


def test_a_long_page_says_what_is_on_it_and_what_can_be_folded_up(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = [Column(str(at)) for at in range(9)]

    def rows(number: int) -> list[list[Any]]:
        return [[text("x")] * 9 for _row in range(number)]

    sections = [
        Section("Head", [Table("head", "Long", columns, rows(20))]),
        Section("Two", [Table("short", "Short", columns, rows(2)),
                        Table("second", "Second", columns, rows(1)),
                        Table("none", "None", columns, [])]),
        Section("Three", [Table("long", "Long", columns, rows(20))]),
        Section("", [Words("Said.")]),
    ]  # fmt: skip
    monkeypatch.setattr(Movement, "make", lambda _self, _question: sections)
    client.force_login(ada)

    def folded_and_listed() -> tuple[list[str], list[str]]:
        found = page(client, "report", "movement").context
        tables = [shown for section in found["sections"] for shown in section["blocks"]]
        folded = [shown["block"].key for shown in tables if shown.get("is_folded")]
        return folded, [title for _anchor, title in found["contents"]]

    # What comes first is what the page is about; of the rest what is second or long is folded up.
    assert folded_and_listed() == (["second", "long"], [])
    # Printed on pages that lie on their side, heading and all.
    shown = page(client, "report", "movement").context["sections"]
    assert [section["is_wide"] for section in shown] == [True, True, True, False]
    sections.append(Section("Four", []))
    assert folded_and_listed()[1] == ["Head", "Two", "Three", "Four"]
    said = page(client, "report", "movement").content.decode()
    for anchor in ("section-1", "section-5"):
        assert f'href="#{anchor}"' in said
        assert f'id="{anchor}"' in said
    assert "1 row<" in said
    assert "20 rows<" in said


def test_narrow_tables_with_the_same_heads_stand_beside_one_another(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def table(key: str, *heads: str) -> Table:
        return Table(key, key, [Column(head) for head in heads], [[text("x")] * len(heads)])

    wide = ("a", "b", "c", "d")
    blocks = [table("one", "a", "b"), table("two", "a", "b"), table("other", "a", "c"),
              table("wide", *wide), table("as wide", *wide)]  # fmt: skip
    monkeypatch.setattr(Movement, "make", lambda _self, _question: [Section("S", blocks)])
    client.force_login(ada)
    found = page(client, "report", "movement")
    [section] = found.context["sections"]
    beside = [shown["block"].key for shown in section["blocks"] if shown.get("is_beside")]
    folded = [shown["block"].key for shown in section["blocks"] if shown["is_folded"]]
    assert (beside, folded) == (["one", "two"], ["other", "wide", "as wide"])
    assert found.content.decode().count('class="report-beside"') == 2


# What is asked of the forecast, and which parts of its form then stay open on a phone.
ASKED: list[tuple[dict[str, str], list[bool]]] = [
    ({}, [True, False, False]),
    ({"grain": "day", "source": "", "volume": "100"}, [True, False, False]),
    ({"source": "Fair"}, [True, True, False]),
    ({"volume": "150"}, [True, False, True]),
    ({"volume": "x"}, [True, False, True]),
]


@pytest.mark.parametrize(("asked", "used"), ASKED)
def test_parts_of_a_form_that_ask_for_something_stay_open(
    asked: dict[str, str], used: list[bool]
) -> None:
    report = REPORTS["forecast"]
    form = ask(asked, report.asks, report.days, report.numbers)
    assert [part.is_used for part in form.parts] == used
    assert [field.name for part in form.parts for field in part.fields] == list(form.fields)


def test_a_number_that_is_no_what_if_stands_beside_the_period() -> None:
    report = REPORTS["pilot"]
    [part] = ask({"pilot": "2"}, report.asks, report.days, report.numbers).parts
    assert "pilot" in [field.name for field in part.fields]


def test_the_steps_that_are_shown_are_those_that_are_chosen(client: Client, ada: User) -> None:
    client.force_login(ada)
    for span, grain in (("7", "day"), ("90", "week"), ("365", "month")):
        form = page(client, "report", "movement", span=span).context["form"]
        assert form["grain"].value() == grain


WRONG = [
    {"span": "730", "grain": "day"},
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
    said = answer.content.decode()
    assert 'role="alert"' in said or query.keys() == {"model"}
    assert "You see the usual" in said or query.keys() == {"model"}


def test_a_file_of_what_is_asked_wrongly_is_refused_with_the_field_that_is_wrong(
    client: Client, ada: User
) -> None:
    client.force_login(ada)
    for slug, query, said in (
        ("activity", {"segment": "nothing"}, "Segment: What was chosen here is gone"),
        ("movement", {"span": "730", "grain": "day"}, "Steps: That would be"),
    ):
        address = reverse("admin:report_file", args=[slug, "xlsx"])
        answer = client.get(address, query, follow=True)
        assert answer.redirect_chain
        assert answer.request["PATH_INFO"] == reverse("admin:report", args=[slug])
        assert f"There is no file, for this cannot be asked. {said}" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"segment": "999", "owner": "saul"}, "cannot be narrowed (Segment, Owner)"),
        ({"campaign": " "}, None),
        ({"nonsense": "1"}, None),
    ],
)
def test_a_report_that_cannot_be_narrowed_says_that_it_is_about_everybody(
    query: dict[str, str], said: str | None, client: Client, ada: User
) -> None:
    client.force_login(ada)
    shown = page(client, "report", "goals", **query).content.decode()
    assert ("cannot be narrowed" in shown) == bool(said)
    assert (said or "") in shown


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


def test_the_heading_of_a_list_is_cut_and_its_numbers_are_written_as_figures_are(
    leads: list[Contact], client: Client, mona: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(REPORTS, "shared", Shared())
    Contact.objects.bulk_create(Contact(email=f"{at}@many.example") for at in range(1158))
    client.force_login(mona)
    asked = {"of": "directors", "among": "all", "part": "all", "title": "x" * 500}
    seen = page(client, "report_leads", "shared", **asked)
    said = seen.content.decode()
    assert "1,161 leads that you may see." in said
    assert len(seen.context["subtitle"]) == TITLE_MOST
    assert "x" * (TITLE_MOST + 1) not in said


class Shared(Report):
    """One share of the leads that are there: two directors of three, or nobody of three."""

    slug = "shared"
    title = "Shared"
    purpose = "To try"
    icon = "percent"
    order = 99
    measures = ()

    def make(self, question: Any) -> Sequence[Section]:
        shares = [Value.share(Proportion(2, 3), "directors", "all"),
                  Value.share(Proportion(0, 3), "nobody", "all"),
                  Value.share(Proportion(2, 3), "directors")]  # fmt: skip
        return [Section("", [Figures("", [Figure(str(at), one) for at, one in enumerate(shares)])])]

    def behind(self, question: Any, key: str) -> Any:
        everybody = Contact.objects.all()
        directors = everybody.filter(job_title="Director")
        return {"directors": directors, "nobody": everybody.none(), "all": everybody}.get(key)


def test_a_share_opens_into_those_that_it_counts_and_into_all_that_it_is_of(
    leads: list[Contact], client: Client, saul: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(REPORTS, "shared", Shared())
    client.force_login(saul)
    report = page(client, "report", "shared")
    urls = [item["cell"].url for item in report.context["sections"][0]["blocks"][0]["items"]]

    def shown(url: str) -> tuple[list[tuple[str, int, bool]], list[str], int]:
        found = client.get(url).context
        parts = [
            (str(title), number, is_shown) for title, number, _query, is_shown in found["parts"]
        ]
        return parts, sorted(lead.first_name for lead in found["leads"]), found["hidden"]

    counted, nobody, alone = map(shown, urls)
    assert counted == ([("Counted", 2, True), ("All of them", 3, False)], ["Olga"], 1)
    assert nobody == ([("Counted", 0, False), ("All of them", 3, True)], ["Olga", "Pia"], 1)
    assert alone == ([("Counted", 2, True)], ["Olga"], 1)
    # From one to the other and back, the title and the question with them.
    [_here, there] = client.get(urls[0]).context["parts"]
    assert shown(f"{reverse('admin:report_leads', args=['shared'])}?{there[2]}") == (
        [("Counted", 2, False), ("All of them", 3, True)], ["Olga", "Pia"], 1
    )  # fmt: skip
    assert "No lead is behind it." in client.get(urls[1].replace("part=all", "")).content.decode()
    said = client.get(urls[0]).content.decode()
    assert "All of them <b>(3)</b>" in said
    assert "Geheimnis" not in said
    assert "All of them" not in client.get(urls[2]).content.decode()


def test_leads_that_are_kept_are_read_once_for_both_lists_of_a_share(
    leads: list[Contact], client: Client, saul: User, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [contact.pk for contact in leads]
    kept = WorkedOut(slow.make(None), {"directors": [ids[0], ids[2]], "everybody": ids})
    monkeypatch.setattr(slow, "keeps_leads", True, raising=False)
    monkeypatch.setattr(slow, "work_out", lambda _question: kept, raising=False)
    client.force_login(saul)
    page(client, "report", "slow")
    work_out_reports()
    for part in ("counted", "all"):
        with CaptureQueriesContext(connection) as asked:
            found = page(
                client, "report_leads", "slow", of="directors", among="everybody", part=part
            )
        assert [number for _title, number, *_rest in found.context["parts"]] == [2, 3]
        read = [query for query in asked if "keptreport" in query["sql"]]
        assert len(read) == 1


def test_all_that_a_share_is_of_are_for_whom_the_share_is(
    leads: list[Contact], client: Client, saul: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Shared()
    monkeypatch.setitem(REPORTS, "shared", report)
    client.force_login(saul)
    asked = {"of": "directors", "among": "all", "part": "all"}
    assert page(client, "report_leads", "shared", **asked).status_code == 200
    assert page(client, "report_leads", "shared", **asked | {"among": "x"}).status_code == 404
    assert page(client, "report_leads", "shared", **asked | {"of": "x"}).status_code == 404

    def permission(key: str) -> str:
        return "scoring.view_team_reports" if key == "all" else Report.permission

    monkeypatch.setattr(report, "permission_behind", permission, raising=False)
    assert page(client, "report_leads", "shared", of="directors").status_code == 200
    assert page(client, "report_leads", "shared", **asked).status_code == 403


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


def test_a_slow_report_is_worked_out_once_in_each_language_that_of_its_reader_first(
    slow: Slow, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.LANGUAGES = [("en", "English"), ("es", "Spanish")]
    made: list[str | None] = []

    def make(_question: Any) -> list[Section]:
        made.append(get_language())
        return []

    monkeypatch.setattr(slow, "make", make, raising=False)
    for asked_in, worked_out in (("es", ["es", "en"]), ("en", ["en", "es"])):
        made.clear()
        with override(asked_in):
            KeptReport.objects.ask("slow", "")
        assert [work_out_reports() for _time in range(3)] == [1, 1, 0]
        assert made == worked_out
    assert sorted(KeptReport.objects.values_list("language", "state")) == [
        ("en", "done"), ("es", "done"),
    ]  # fmt: skip


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


def test_one_that_was_kept_before_its_leads_were_is_worked_out_anew_and_once(
    slow: Slow, leads: list[Contact], client: Client, saul: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(saul)
    page(client, "report", "slow")
    work_out_reports()
    monkeypatch.setattr(slow, "keeps_leads", True, raising=False)
    KeptReport.objects.update(tries=0)
    for _time in range(2):
        assert "A worker is working this out" in page(client, "report", "slow").content.decode()
    assert work_out_reports() == 1
    # It may well be that nobody is behind any figure: that is no reason to begin for ever.
    assert "Olga" in page(client, "report", "slow").content.decode()
    assert work_out_reports() == 0


def test_a_report_that_ends_each_worker_is_given_up_and_holds_up_no_other(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    KeptReport.objects.ask("slow", "kills=1")
    other = KeptReport.objects.ask("slow", "")
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "work_out", killed)
        for _time in range(2):
            with pytest.raises(SystemExit):
                work_out_reports()
            KeptReport.objects.filter(state="at_work").update(begun_at=F("begun_at") - 2 * LEASE)
    assert [work_out_reports() for _time in range(2)] == [1, 0]
    states = dict(KeptReport.objects.values_list("query", "state"))
    assert states == {"kills=1": "failed", other.query: "done"}
    # Who asks for it again is heard: what was wrong may be mended.
    KeptReport.objects.ask("slow", "kills=1")
    assert work_out_reports() == 1
    assert not KeptReport.objects.exclude(state="done").exists()


def killed(_row: KeptReport) -> None:
    raise SystemExit


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

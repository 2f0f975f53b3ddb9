"""Reports by e-mail: who gets which, when, what stands in it, and what is said when it fails."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from contacts.models import Calendar, Campaign, Preferences
from scoring.automations.outbox.delivery import dispatch_files
from scoring.automations.outbox.messages import Message
from scoring.reports.blocks import Column, Section, Table, Words
from scoring.reports.exports import pdf
from scoring.reports.jobs import work_out_reports
from scoring.reports.mailing import files, sending
from scoring.reports.mailing.forms import ReportScheduleForm
from scoring.reports.mailing.jobs import send_reports
from scoring.reports.mailing.letters import main_lines
from scoring.reports.mailing.models import ReportRun, ReportSchedule
from scoring.reports.mailing.sending import HELD, WAITS, Ready, Sending, begin_due
from scoring.reports.mailing.standing import standings
from scoring.reports.models import KeptReport
from scoring.reports.report import REPORTS, WorkedOut
from scoring.reports.saved.models import ReportView
from scoring.reports.values import count, text
from tests.conftest import REQUIRE_ALL
from tests.engine.scored import go_live, person, visit
from tests.reports.test_pages import Slow, has_pango

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
# By the clock of Madrid eight, on a Monday.
DUE = datetime(2026, 11, 30, 7, tzinfo=UTC)
PAST = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def live(settings: Settings) -> None:
    settings.DELIVERY = "live"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    found = Slow()
    monkeypatch.setitem(REPORTS, "slow", found)
    return found


@pytest.fixture
def leads(saul: User) -> None:
    person("own", first_name="Olga", owner="saul", job_title="Director")
    visit(person("other", first_name="Geheimnis", owner="peter"), timedelta(days=1))
    go_live()


def schedule(*people: User, slug: str = "movement", **more: Any) -> ReportSchedule:
    """On Mondays at eight in Madrid, as CSV."""
    Calendar.objects.update(time_zone="Europe/Madrid")
    given = {"at": time(8), "weekday": 0, "kind": "csv", "since": PAST, **more}
    row = ReportSchedule.objects.create(slug=slug, made_by=people[0], **given)
    row.recipients.set(people)
    return row


def carry_on(at: datetime) -> int:
    return sending.carry_on(lambda: at)


def come_round(at: datetime = DUE) -> int:
    begin_due(at)
    return carry_on(at)


def keys() -> list[str]:
    return sorted(Message.objects.values_list("key", flat=True))


def texts() -> list[str]:
    found = Message.objects.order_by("recipient")
    return [str(message.content["text"]) for message in found]


# --- When ----------------------------------------------------------------------------------


def test_it_leaves_once_at_the_hour_of_the_wall(marta: User, saul: User) -> None:
    row = schedule(marta, saul, since=DUE - timedelta(days=7))
    assert come_round(DUE - MINUTE) == 0
    assert come_round(DUE) == 1
    assert come_round(DUE + MINUTE) == 0
    run = ReportRun.objects.get()
    assert (run.name, run.done_at) == ("2026-11-30", DUE)
    assert keys() == sorted(f"report:{run.pk}:{user.pk}" for user in (marta, saul))
    working = Calendar.objects.default().working_time()
    row.refresh_from_db()
    assert row.next_at(DUE, working, ()) == DUE + timedelta(days=7)


def test_a_day_has_one_letter_also_when_its_hour_is_changed_and_the_page_says_so(
    marta: User,
) -> None:
    schedule(marta, every="day")
    come_round(DUE)
    ReportSchedule.objects.update(at=time(15), since=DUE + MINUTE)
    afternoon = DUE + timedelta(hours=7)
    for day in range(3):
        now = afternoon + timedelta(days=day)
        (standing,) = standings(ReportSchedule.objects.all(), marta, now - MINUTE)
        sent = come_round(now)
        # What the page promises is what comes.
        assert (standing.next_at == now) == bool(sent) == (day > 0)


def test_what_was_missed_or_paused_is_sent_once_or_not_at_all(marta: User) -> None:
    row = schedule(marta, every="day")
    assert come_round(DUE) == 1
    row.pause()
    assert come_round(DUE + timedelta(days=3)) == 0
    row.resume()
    assert come_round(timezone.now()) == 0
    assert len(keys()) == 1


def test_two_workers_and_a_crash_send_one_letter(marta: User) -> None:
    schedule(marta)
    begin_due(DUE)
    ReportSchedule.objects.update(since=PAST)
    begin_due(DUE)
    assert ReportRun.objects.count() == 1
    # One holds it and dies; the next one waits until that is sure.
    ReportRun.objects.update(held_until=DUE + timedelta(minutes=10))
    assert carry_on(DUE) == 0
    assert carry_on(DUE + timedelta(minutes=10)) == 1
    # As if the first had posted and died before it said so.
    ReportRun.objects.update(done_at=None)
    carry_on(DUE + timedelta(minutes=20))
    assert len(keys()) == 1


# --- To whom and what ----------------------------------------------------------------------


def test_each_gets_it_in_their_language_and_with_the_names_that_they_may_see(
    slow: Slow, leads: None, marta: User, saul: User
) -> None:
    Preferences.objects.create(user=saul, language="es")
    schedule(marta, saul, slug="slow")
    come_round()
    assert keys() == []
    while work_out_reports():
        pass
    come_round(DUE + MINUTE)
    assert [text.splitlines()[0] for text in texts()] == ["Hello, marta.", "Hola, saul:"]
    assert not any(re.search("Olga|Geheimnis", text) for text in texts())
    assert dispatch_files() == 2
    letters = {letter.to[0]: letter for letter in mail.outbox}
    sheets = {to: str(letter.attachments[0][1]) for to, letter in letters.items()}
    assert "Geheimnis" in sheets["marta@example.com"]
    assert "Olga" in sheets["saul@example.com"]
    assert "Geheimnis" not in sheets["saul@example.com"]
    assert letters["saul@example.com"].attachments[0][0].startswith("slow-")


def test_the_letter_says_the_figures_the_days_and_where_the_rest_is(
    leads: None, marta: User
) -> None:
    view = ReportView.objects.create(
        slug="movement", name="Last month", query="span=last_month&grain=day", author=marta
    )
    schedule(marta, view=view)
    come_round()
    (text,) = texts()
    (message,) = Message.objects.all()
    assert message.subject.startswith("Bands over time: Last month, ")
    assert "\n- rose to hot: 0\n" in text
    query = ReportRun.objects.get().query
    assert "span=own&first=" in query
    assert f"/admin/reports/movement/?{query}" in text
    assert f"/admin/reports/movement/files/csv/?{query}" in text
    assert "marta had this sent: Monday at 08:00." in text
    assert message.content["attachment"]["query"] == query


def test_a_table_speaks_where_there_are_no_figures_unless_it_names_leads(
    slow: Slow, leads: None
) -> None:
    sections = slow.make(None)
    assert list(main_lines(sections)) == ["", "All", "Done."]
    counts = Table("few", "Few", [Column("who"), Column("how many")], [[text("Ana"), count(2)]])
    assert list(main_lines([*sections, Section("", [counts])]))[-2:] == [
        "Few",
        "- Ana: how many: 2",
    ]


@pytest.mark.parametrize("slug", sorted(slug for slug, each in REPORTS.items() if each.is_slow))
def test_every_slow_report_has_its_file_in_the_letter(slug: str, marta: User) -> None:
    go_live()
    schedule(marta, slug=slug)
    come_round()
    work_out_reports()
    come_round(DUE + MINUTE)
    dispatch_files()
    assert len(mail.outbox[0].attachments) == 1


def test_whoever_may_not_see_it_or_left_gets_none_also_when_it_was_posted(
    marta: User, saul: User, mona: User
) -> None:
    schedule(marta, saul, mona, slug="service")
    User.objects.filter(pk=mona.pk).update(email="")
    come_round()
    (message,) = Message.objects.all()
    assert message.recipient == "marta@example.com"
    marta.groups.clear()
    dispatch_files()
    message.refresh_from_db()
    assert (message.state, mail.outbox) == ("cancelled", [])
    User.objects.filter(pk=marta.pk).update(is_active=False)
    come_round(DUE + timedelta(days=7))
    assert ReportRun.objects.first().fault == "nobody"  # type: ignore[union-attr]


def test_what_a_view_asks_for_and_is_gone_is_said(marta: User) -> None:
    campaign = Campaign.objects.create(name="Fair")
    view = ReportView.objects.create(
        slug="movement", name="Fair", query=f"span=28&campaign={campaign.pk}", author=marta
    )
    schedule(marta, view=view)
    campaign.delete()
    come_round()
    assert "The view asks for something that is gone" in texts()[0]
    assert ReportRun.objects.get().fault == "gone"


# --- Slow and broken -----------------------------------------------------------------------


def test_a_slow_report_is_worked_out_anew_first(slow: Slow, marta: User) -> None:
    row = schedule(marta, slug="slow")
    begin_due(DUE)
    run = ReportRun.objects.get()
    old = KeptReport.objects.ask("slow", run.query)
    old.keep(WorkedOut([Section("", [Words("Of yesterday.")])]))
    KeptReport.objects.update(
        done_at=run.begun_at - timedelta(hours=5), asked_at=run.begun_at - timedelta(hours=5)
    )
    assert carry_on(run.begun_at) == 0
    assert carry_on(run.begun_at + MINUTE) == 0
    assert KeptReport.objects.get().state == "asked"
    assert carry_on(run.begun_at + WAITS) == 1
    assert "Of yesterday." in texts()[0]
    assert "this is from 6\xa0hours ago." in texts()[0]
    row.begin("2026-12-07")
    work_out_reports()
    assert carry_on(timezone.now()) == 1
    assert "Done." in texts()[1]


def test_a_report_that_breaks_holds_up_no_other_and_says_so(
    slow: Slow, marta: User, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    def breaks(_question: Any) -> Sequence[Section]:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(slow, "make", breaks, raising=False)
    monkeypatch.setattr(Slow, "is_slow", False)
    broken, good = schedule(marta, slug="slow"), schedule(marta)
    begin_due(DUE)
    assert carry_on(timezone.now()) == 1
    assert (broken.runs.get().fault, good.runs.get().fault) == ("failed", "")
    # Not at once again, before all others.
    monkeypatch.setattr(slow, "make", lambda _question: pytest.fail("too early"))
    assert carry_on(timezone.now() + MINUTE) == 0
    monkeypatch.setattr(slow, "make", breaks)
    assert carry_on(timezone.now() + WAITS + MINUTE) == 1
    client.force_login(marta)
    page = client.get(reverse("admin:report_mails")).content.decode()
    assert "It could not be worked out; the log says why." in page


@pytest.mark.parametrize("deed", ["pause", "delete"])
@pytest.mark.parametrize("is_there", [True, False])
def test_what_is_paused_or_deleted_while_it_is_worked_out_is_not_sent(
    deed: str, is_there: bool, marta: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule(marta)
    begin_due(DUE)

    def ready(_sending: Sending) -> Ready | None:
        getattr(ReportSchedule.objects.get(), deed)()
        return Ready([]) if is_there else None

    monkeypatch.setattr(Sending, "ready", ready)
    assert carry_on(DUE) == 0
    assert not ReportRun.objects.filter(done_at=None).exists()
    assert (carry_on(DUE + WAITS), keys()) == (0, [])


def test_a_slice_ends_and_each_is_held_from_when_it_begins(
    marta: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _row in range(3):
        schedule(marta)
    begin_due(DUE)
    held = []

    def go(self: Sending) -> bool:
        held.append(ReportRun.objects.get(pk=self.run.pk).held_until)
        return True

    monkeypatch.setattr(Sending, "go", go)
    times = iter([DUE, DUE, DUE + HELD])
    monkeypatch.setattr(sending, "monotonic", iter([0.0, 15.0, 25.0]).__next__)
    assert sending.carry_on(times.__next__) == 2
    assert held == [DUE + HELD, DUE + 2 * HELD]
    assert ReportRun.objects.free(DUE).count() == 1


@pytest.mark.skipif(not REQUIRE_ALL and not has_pango(), reason="Pango is not installed")
def test_a_pdf_is_attached(leads: None, saul: User) -> None:
    schedule(saul, kind="pdf")
    come_round()
    dispatch_files()
    name, content, mime = mail.outbox[0].attachments[0]
    assert (str(name)[-4:], content[:5], mime) == (".pdf", b"%PDF-", "application/pdf")


def test_without_the_libraries_the_letter_goes_with_a_link(
    saul: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_name: str) -> Any:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(pdf, "import_module", missing)
    schedule(saul, kind="pdf")
    come_round()
    dispatch_files()
    (letter,) = mail.outbox
    assert letter.attachments == []
    assert "apt-get install libpango-1.0-0" in str(letter.body)
    assert "/reports/movement/files/pdf/?" in str(letter.body).splitlines()[-1]


def test_a_file_that_is_too_large_for_a_letter_is_linked(
    saul: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BYTES_MOST", 10)
    schedule(saul)
    come_round()
    dispatch_files()
    (letter,) = mail.outbox
    assert (letter.attachments, "too large for an e-mail" in str(letter.body)) == ([], True)


# --- The pages -----------------------------------------------------------------------------


GIVEN = {
    **{"every": "month", "weekday": 0, "monthday": 31, "at": "07:30", "kind": "xlsx"},
    "revision": 0,
}


def new(client: Client, slug: str = "movement", **more: Any) -> Any:
    address = reverse("admin:report_mail_new") + f"?report={slug}"
    return client.post(address, {**GIVEN, "token": uuid4(), **more})


@pytest.mark.parametrize(("name", "others"), [("marta", True), ("mona", True), ("saul", False)])
def test_everybody_has_reports_sent_to_themselves_and_some_to_others(
    name: str, others: bool, marta: User, saul: User, request: pytest.FixtureRequest, client: Client
) -> None:
    user = request.getfixturevalue(name)
    client.force_login(user)
    assert new(client, recipients=[user.pk]).status_code == 302
    made = ReportSchedule.objects.get()
    assert (str(made.rhythm), made.kind) == ("on the last day of the month at 07:30", "xlsx")
    assert new(client, recipients=[marta.pk, saul.pk]).status_code == (302 if others else 200)
    assert ReportSchedule.objects.count() == 1 + others


def test_a_click_that_comes_twice_makes_one_and_each_form_its_own(
    marta: User, client: Client
) -> None:
    client.force_login(marta)
    opened = client.get(reverse("admin:report_mail_new") + "?report=movement").context["form"]
    given = {"token": opened["token"].value(), "recipients": [marta.pk]}
    assert new(client, **given).status_code == 302
    # Whoever goes back and sets another hour is told what is stored.
    answer = client.get(new(client, **given, at="09:00").headers["Location"]).content.decode()
    assert "The schedule is saved once: on the last day of the month at 07:30." in answer
    assert ReportSchedule.objects.get().recipients.get() == marta
    assert new(client, recipients=[marta.pk]).status_code == 302
    assert ReportSchedule.objects.count() == 2


WRONG = [
    *({"recipients": []}, {"monthday": 32}, {"at": "25:00"}, {"kind": "exe"}, {"view": 999}),
    *({"token": ""}, {"token": "x"}),
]


@pytest.mark.parametrize("given", WRONG, ids=str)
def test_what_is_set_wrongly_is_said(given: dict[str, Any], marta: User, client: Client) -> None:
    client.force_login(marta)
    answer = new(client, **{"recipients": [marta.pk], **given})
    assert (answer.status_code, ReportSchedule.objects.count()) == (200, 0)
    assert 'role="alert"' in answer.content.decode()


def test_nobody_is_sent_a_report_that_they_may_not_see(
    marta: User, saul: User, client: Client
) -> None:
    client.force_login(marta)
    assert new(client, "service", recipients=[marta.pk, saul.pk]).status_code == 200
    assert not ReportSchedule.objects.exists()
    client.force_login(saul)
    assert new(client, "service", recipients=[saul.pk]).status_code == 403


def test_ones_schedules_are_ones_own_and_managers_see_them_all(
    marta: User, saul: User, mona: User, client: Client
) -> None:
    row = schedule(marta)
    for user, status in ((saul, 404), (mona, 200)):
        client.force_login(user)
        assert client.get(reverse("admin:report_mail", args=[row.pk])).status_code == status
        for name in ("pause", "resume", "try"):
            done = client.post(reverse("admin:report_mail_do", args=[row.pk, name]))
            assert done.status_code == (302 if status == 200 else 404)
    assert client.post(reverse("admin:report_mail_do", args=[row.pk, "x"])).status_code == 404
    client.post(reverse("admin:report_mail_delete", args=[row.pk]))
    assert not ReportSchedule.objects.exists()


def edit(client: Client, row: ReportSchedule, *people: User, **more: Any) -> str:
    address = reverse("admin:report_mail", args=[row.pk])
    given = {**GIVEN, "recipients": [user.pk for user in people], **more}
    return client.post(address, given, follow=True).content.decode()


def test_of_two_editors_the_second_is_told_and_what_happened_meanwhile_stays(
    marta: User, client: Client
) -> None:
    row = schedule(marta, every="day")
    client.force_login(marta)
    assert "The schedule is saved" in edit(client, row, marta, at="09:00")
    assert "Somebody has changed this schedule meanwhile" in edit(client, row, marta, at="10:00")
    form = ReportScheduleForm(marta, {**GIVEN, "recipients": [marta.pk], "revision": 1},
                              instance=ReportSchedule.objects.get())  # fmt: skip
    assert form.is_valid()
    # It is paused while the form is looked at.
    ReportSchedule.objects.get().pause()
    assert form.store()
    row.refresh_from_db()
    assert (row.at, row.active, row.revision) == (time(7, 30), False, 2)
    client.post(reverse("admin:report_mail_delete", args=[row.pk]))
    assert not form.store()
    assert not ReportSchedule.objects.exists()


def test_an_edit_that_is_sent_twice_is_no_change_by_somebody_else(
    marta: User, saul: User, client: Client
) -> None:
    row = schedule(marta, every="day")
    client.force_login(marta)
    for _click in range(2):
        assert "The schedule is saved" in edit(client, row, marta, saul)
    row.refresh_from_db()
    assert row.revision == 1
    assert "Somebody has changed this schedule meanwhile" in edit(client, row, marta)


def test_who_gets_it_already_is_dropped_by_nobody_who_could_not_choose_them(
    marta: User, saul: User, client: Client
) -> None:
    chief = User.objects.create_superuser("chief", email="chief@example.com")
    row = schedule(saul, marta, chief)
    client.force_login(saul)
    page = client.get(reverse("admin:report_mail", args=[row.pk])).content.decode()
    assert page.count("checked") == 3
    assert "The schedule is saved" in edit(client, row, saul, marta, chief)
    client.force_login(marta)
    assert "The schedule is saved" in edit(client, row, chief, revision=1)
    assert [user.username for user in row.recipients.all()] == ["chief"]


def test_whoever_gets_it_sees_it_and_stops_it_for_themselves_alone(
    marta: User, saul: User, mona: User, client: Client
) -> None:
    row = schedule(marta, saul)
    client.force_login(saul)
    leave = reverse("admin:report_mail_leave", args=[row.pk])
    page = client.get(reverse("admin:report_mails")).content.decode()
    assert leave in page
    assert reverse("admin:report_mail", args=[row.pk]) not in page.replace(leave, "")
    assert "is not sent to you any more" in client.post(leave, follow=True).content.decode()
    assert leave not in client.get(reverse("admin:report_mails")).content.decode()
    assert client.post(leave).status_code == 404
    # Who edits it just now does not choose Saul again.
    client.force_login(marta)
    assert "Somebody has changed this schedule" in edit(client, row, marta, saul)
    client.post(leave)
    row.refresh_from_db()
    assert (row.recipients.count(), row.active) == (0, False)
    client.force_login(mona)
    assert client.post(leave).status_code == 404


def test_another_hour_counts_from_now_on(marta: User, client: Client) -> None:
    row = schedule(marta, every="day")
    client.force_login(marta)
    before = timezone.now()
    given = {**GIVEN, "every": "day", "recipients": [marta.pk]}
    client.post(reverse("admin:report_mail", args=[row.pk]), {**given, "at": "08:00"})
    row.refresh_from_db()
    assert row.since == PAST
    client.post(
        reverse("admin:report_mail", args=[row.pk]), {**given, "at": "09:00", "revision": 1}
    )
    row.refresh_from_db()
    assert row.since >= before


def test_a_trial_goes_to_oneself_once_and_is_shown(marta: User, saul: User, client: Client) -> None:
    row = schedule(marta, saul, since=timezone.now() + timedelta(days=1))
    client.force_login(marta)
    address = reverse("admin:report_mail_do", args=[row.pk, "try"])
    for _click in range(2):
        client.post(address)
    assert send_reports() == 1
    (message,) = Message.objects.all()
    assert message.recipient == "marta@example.com"
    dispatch_files()
    page = client.get(reverse("admin:report_mails")).content.decode()
    assert "sent to 1 person" in page
    assert "not sent yet" in page
    User.objects.filter(pk=marta.pk).update(email="")
    said = client.post(address, follow=True).content.decode()
    assert "You have no e-mail address" in said


def test_the_list_says_what_went_wrong_in_few_queries(
    marta: User, saul: User, client: Client
) -> None:
    schedule(marta, saul)
    come_round()
    Message.objects.filter(recipient="saul@example.com").update(
        state="dead", last_error="The mail server refuses the recipient."
    )
    client.force_login(marta)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page = client.get(reverse("admin:report_mails")).content.decode()
        assert "The mail server refuses the recipient." in page
        assert "on its way to 1 person" in page
        return len(found)

    few = queries()
    for _more in range(4):
        schedule(marta, saul)
    come_round()
    assert queries() <= few


def test_the_page_of_the_message_describes_the_file(marta: User, ada: User, client: Client) -> None:
    schedule(marta)
    come_round()
    client.force_login(ada)
    (message,) = Message.objects.all()
    address = reverse("admin:scoring_message_change", args=[message.pk])
    page = client.get(address).content.decode()
    assert "File, made when the message is sent" in page
    assert "Bands over time as CSV, for marta: " in page

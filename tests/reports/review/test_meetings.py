"""The meeting's pages: who writes what, two at once, what a decision becomes, and the letter."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from openpyxl import load_workbook

from contacts.models import Calendar, Company, Contact, Preferences, Task
from scoring.agreement.suggestions.models import Suggestion
from scoring.automations.outbox.messages import Message
from scoring.engine.models import Score, Track
from scoring.reports.blocks import Section, Table, Words
from scoring.reports.exports import Made
from scoring.reports.exports.pdf import Pdf
from scoring.reports.kinds.review import Review
from scoring.reports.models import KeptReport
from scoring.reports.review.jobs import tell_due
from scoring.reports.review.models import Decision, Meeting, MeetingSchedule
from scoring.reports.review.writing import together
from tests.engine.scored import MODEL, go_live, person

pytestmark = pytest.mark.django_db

EVERYBODY = ["marta", "saul", "mona", "ada"]
DAY = timedelta(days=1)


@pytest.fixture
def meeting(db: None) -> Meeting:
    return Meeting.objects.plan(timezone.now())


def post(client: Client, name: str, *args: Any, hx: bool = False, **data: Any) -> Any:
    headers = {"HX-Request": "true"} if hx else {}
    return client.post(reverse(f"admin:{name}", args=args), data, headers=headers)


def page(client: Client, name: str, *args: Any) -> Any:
    return client.get(reverse(f"admin:{name}", args=args))


def login(request: pytest.FixtureRequest, name: str) -> tuple[Client, User]:
    client, user = Client(), request.getfixturevalue(name)
    client.force_login(user)
    return client, user


def scored(track: Track, contact: Contact, total: int) -> None:
    Score.objects.create(
        track=track, contact=contact, revision=1, total=total, fit=0, interest=0, band="warm",
        excluded=False, groups=[], breakdown=[], changed_at=timezone.now(),
    )  # fmt: skip


def permissions(*names: str) -> list[Permission]:
    return list(Permission.objects.filter(codename__in=names))


class TestWho:
    @pytest.mark.parametrize("name", EVERYBODY)
    def test_every_role_sees_the_meeting_and_writes(
        self, name: str, meeting: Meeting, request: pytest.FixtureRequest
    ) -> None:
        client, user = login(request, name)
        item = meeting.items.first()
        assert item is not None
        assert page(client, "review").status_code == 200
        assert page(client, "review_meeting", meeting.pk).status_code == 200
        answer = post(client, "review_note", meeting.pk, item.pk, hx=True, text="So", revision=0)
        assert answer.status_code == 200
        item.refresh_from_db()
        assert (item.text, item.changed_by, item.revision) == ("So", user, 1)

    def test_whoever_has_no_role_sees_and_writes_nothing(
        self, client: Client, meeting: Meeting
    ) -> None:
        client.force_login(User.objects.create_user("nobody", is_staff=True))
        assert page(client, "review").status_code == 403
        assert page(client, "review_meeting", meeting.pk).status_code == 403
        assert post(client, "review_new").status_code == 403
        assert post(client, "review_decide", meeting.pk, text="x").status_code == 403
        assert not Decision.objects.exists()

    @pytest.mark.parametrize(
        ("name", "status"), [("marta", 200), ("saul", 403), ("mona", 200), ("ada", 200)]
    )
    def test_the_schedule_is_not_for_sales(
        self, name: str, status: int, request: pytest.FixtureRequest
    ) -> None:
        client, user = login(request, name)
        assert page(client, "review_schedule").status_code == status
        post(
            client, "review_schedule", active="on", weekday=2, at="10:30", days_before=2,
            recipients=[user.pk], revision=0,
        )  # fmt: skip
        assert MeetingSchedule.objects.filter(weekday=2, at=time(10, 30)).exists() is (
            status == 200
        )

    def test_a_change_needs_a_post(self, client: Client, marta: User, meeting: Meeting) -> None:
        client.force_login(marta)
        assert page(client, "review_state", meeting.pk).status_code == 405
        assert page(client, "review_decide", meeting.pk).status_code == 405

    def test_an_unknown_meeting_or_a_point_of_another_is_not_found(
        self, client: Client, marta: User, meeting: Meeting
    ) -> None:
        client.force_login(marta)
        other = Meeting.objects.plan(timezone.now() + DAY)
        item = other.items.first()
        assert item is not None
        assert page(client, "review_meeting", 999).status_code == 404
        answer = post(client, "review_note", meeting.pk, item.pk, text="x", revision=0)
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("theirs", "mine", "both"),
    [
        ("", "No", "No"),
        ("Not yet", "No", "Not yet\n\nNo"),
        ("13 calls", "3 calls", "13 calls\n\n3 calls"),
        ("One\nTwo", "Two", "One\nTwo"),
        ("Two", "One\nTwo", "One\nTwo"),
    ],
)
def test_of_two_texts_no_line_is_lost_and_none_is_there_twice(
    theirs: str, mine: str, both: str
) -> None:
    assert together(theirs, mine) == both


class TestTwoAtOnce:
    def test_the_second_sees_the_others_text_and_keeps_both(
        self, meeting: Meeting, request: pytest.FixtureRequest
    ) -> None:
        (marta, _m), (mona, _o) = login(request, "marta"), login(request, "mona")
        User.objects.filter(username="marta").update(first_name="Marta", last_name="Ruiz")
        item = meeting.items.first()
        assert item is not None
        post(marta, "review_note", meeting.pk, item.pk, hx=True, text="Hers", revision=0)
        said = post(mona, "review_note", meeting.pk, item.pk, hx=True, text="Mine", revision=0)
        assert "Marta Ruiz wrote here" in said.content.decode()
        assert "Hers" in said.content.decode()
        item.refresh_from_db()
        assert item.text == "Hers"
        both = post(
            mona, "review_note", meeting.pk, item.pk, hx=True, text="Mine", revision=0,
            keep_both="1",
        )  # fmt: skip
        assert both.headers["HX-Refresh"] == "true"
        item.refresh_from_db()
        assert item.text == "Hers\n\nMine"

    def test_without_a_script_both_texts_are_kept(
        self, meeting: Meeting, request: pytest.FixtureRequest
    ) -> None:
        client, _user = login(request, "marta")
        decision = meeting.decisions.create(text="Ours", revision=3)
        args = (meeting.pk, decision.pk)
        post(client, "review_decision", *args, text="Mine", revision=1)
        decision.refresh_from_db()
        assert decision.text == "Ours\n\nMine"
        post(client, "review_decision", *args, text="", revision=4)
        post(client, "review_decision", *args, text="x", revision="y")
        decision.refresh_from_db()
        assert decision.text == "Ours\n\nMine"

    def test_a_meeting_is_begun_and_ended_once(
        self, client: Client, marta: User, meeting: Meeting
    ) -> None:
        client.force_login(marta)
        post(client, "review_state", meeting.pk, end="1")
        meeting.refresh_from_db()
        assert meeting.state == "planned"
        post(client, "review_state", meeting.pk)
        meeting.refresh_from_db()
        begun = meeting.begun_at
        post(client, "review_state", meeting.pk)
        post(client, "review_state", meeting.pk, end="1")
        meeting.refresh_from_db()
        assert (meeting.state, meeting.begun_at) == ("held", begun)

    def test_a_double_click_plans_one_meeting_and_notes_one_decision(
        self, client: Client, marta: User
    ) -> None:
        client.force_login(marta)
        for _click in range(2):
            post(client, "review_new")
        meeting = Meeting.objects.get()
        for _click in range(2):
            post(client, "review_decide", meeting.pk, text="Raise it")
        assert meeting.decisions.count() == 1
        assert sum(item.minutes for item in meeting.items.all()) == 25

    def test_a_decision_of_blanks_is_refused_where_that_is_read(
        self, client: Client, marta: User, meeting: Meeting
    ) -> None:
        client.force_login(marta)
        said = post(client, "review_decide", meeting.pk, text="  ")
        assert "Write what was decided." in said.content.decode()
        assert not meeting.decisions.exists()

    def test_a_decision_that_is_refused_is_still_in_its_field(
        self, client: Client, marta: User, meeting: Meeting
    ) -> None:
        client.force_login(marta)
        said = post(client, "review_decide", meeting.pk, text="Long " + "x" * 2000)
        assert "Long xxx" in said.content.decode()
        assert "at most 2000" in said.content.decode()
        # Of an end of line the browser sends two characters, and counts one.
        post(client, "review_decide", meeting.pk, text="\r\n".join(["x" * 99] * 20))
        assert meeting.decisions.get().text == "\n".join(["x" * 99] * 20)

    def test_the_same_words_about_another_rule_are_another_decision(
        self, client: Client, marta: User, meeting: Meeting
    ) -> None:
        track = go_live(MODEL)
        names = [rule.name for rule in track.version.document_value.rules][:2]
        client.force_login(marta)
        for name in [*names, names[0]]:
            data: dict[str, Any] = {"text": "Switch it off", "rule": name, "model": track.model_id}
            post(client, "review_decide", meeting.pk, **data)
        assert list(meeting.decisions.values_list("rule", flat=True)) == names


class TestDecisions:
    @pytest.fixture
    def decision(self, meeting: Meeting) -> Decision:
        return meeting.decisions.create(text="Call the hot ones within a day")

    def test_it_becomes_a_task_once_about_a_lead_that_one_sees(
        self, client: Client, decision: Decision, saul: User
    ) -> None:
        own, other = person("own", owner="saul"), person("other", owner="peter")
        client.force_login(saul)
        args = ("review_task", decision.meeting_id, decision.pk)
        post(client, *args, assignee=saul.pk, contact=other.pk)
        assert not Task.objects.exists()
        for _click in range(2):
            post(client, *args, assignee=saul.pk, contact=own.pk)
        decision.refresh_from_db()
        assert Task.objects.get() == decision.task
        assert Task.objects.get().assignee == saul

    def test_a_lead_is_found_by_name_and_company_among_those_that_one_sees(
        self, client: Client, saul: User
    ) -> None:
        company = Company.objects.create(name="Papelera")
        own = Contact.objects.create(email="a@x.example", last_name="Ruiz", owner="saul")
        Contact.objects.filter(pk=own.pk).update(company=company)
        Contact.objects.create(email="b@x.example", last_name="Ruiz", owner="peter")
        client.force_login(saul)
        asked = {"app_label": "contacts", "model_name": "task", "field_name": "contact"}
        for typed in ("ruiz", "papel", "a@x.ex"):
            found = client.get(reverse("admin:autocomplete"), {**asked, "term": typed}).json()
            assert [each["id"] for each in found["results"]] == [str(own.pk)], typed

    def test_a_fault_stands_beside_the_field_with_what_was_chosen(
        self, client: Client, decision: Decision, saul: User, mona: User
    ) -> None:
        client.force_login(saul)
        other = decision.meeting.decisions.create(text="Another")
        secret = person("secret", owner="peter")
        args = ("review_task", decision.meeting_id, decision.pk)
        text = post(client, *args, assignee=mona.pk, contact=secret.pk).content.decode()
        here = text[text.index(f'id="decided-{decision.pk}"') :]
        here, there = here.split(f'id="decided-{other.pk}"')
        assert '<details class="review-more" open>' in here
        assert f'<option value="{mona.pk}" selected' in here
        assert "You see no such lead" in here
        assert "secret" not in text
        assert 'review-more" open' not in there

    def test_a_task_about_a_colleagues_lead_is_not_named(
        self, client: Client, decision: Decision, saul: User
    ) -> None:
        secret = Contact.objects.create(email="s@x.example", owner="peter")
        decision.task = Task.objects.create(
            contact=secret, title="Geheimnis", assignee=User.objects.create_user("peter")
        )
        decision.save()
        client.force_login(saul)
        text = page(client, "review_meeting", decision.meeting_id).content.decode()
        assert "Geheimnis" not in text
        assert "task about a colleague" in text

    def test_marketing_makes_one_for_those_of_the_meeting_who_see_the_lead(
        self, client: Client, decision: Decision, marta: User, saul: User
    ) -> None:
        """Who makes no tasks elsewhere shows nobody a lead by one."""
        own, other = person("own", owner="saul"), person("other", owner="peter")
        away = User.objects.create_user("away", is_staff=True)
        away.user_permissions.add(*permissions("change_task", "view_all_contacts"))
        client.force_login(marta)
        args = ("review_task", decision.meeting_id, decision.pk)
        for assignee, contact in ((saul, other), (away, own), (marta, own)):
            assert post(client, *args, assignee=assignee.pk, contact=contact.pk).status_code == 200
            assert not Task.objects.exists()
        assert post(client, *args, assignee=saul.pk, contact=own.pk).status_code == 302
        assert Task.objects.get().assignee == saul

    def test_whoever_sees_no_tasks_makes_none(
        self, client: Client, decision: Decision, saul: User
    ) -> None:
        writer = User.objects.create_user("writer", is_staff=True)
        writer.user_permissions.add(*permissions("view_meeting", "change_meeting"))
        client.force_login(writer)
        args = ("review_task", decision.meeting_id, decision.pk)
        answer = post(client, *args, assignee=saul.pk, contact=person("own").pk)
        assert (answer.status_code, Task.objects.count()) == (403, 0)

    def test_it_becomes_one_suggestion_for_the_live_model(
        self, client: Client, decision: Decision, marta: User
    ) -> None:
        client.force_login(marta)
        args = ("review_suggest", decision.meeting_id, decision.pk)
        post(client, *args)
        assert not Suggestion.objects.exists()
        track = go_live()
        for _click in range(2):
            post(client, *args)
        made = Suggestion.objects.get()
        assert (made.model, made.author) == (track.model, marta)
        assert made.title == "Call the hot ones within a day"


class TestMinutes:
    def test_every_file_begins_with_what_was_noted_and_decided(
        self, client: Client, saul: User, meeting: Meeting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        secret = Contact.objects.create(email="s@x.example", owner="peter")
        peter = User.objects.create_user("peter")
        hidden = Task.objects.create(contact=secret, title="Geheimnis", assignee=peter)
        task = Task.objects.create(contact=person("own", owner="saul"), title="Ring", assignee=saul)
        meeting.items.filter(position=0).update(text="Two\nwaited", changed_by=saul)
        meeting.decisions.create(text="Call first", task=task, changed_by=saul)
        meeting.decisions.create(text="Call later", task=hidden)
        client.force_login(saul)
        made: list[Sequence[Section]] = []

        def write(_pdf: Pdf, what: Made) -> bytes:
            made.append(what.sections)
            return b"%PDF"

        monkeypatch.setattr(Pdf, "write", write)
        assert page(client, "review_file", meeting.pk, "pdf").content == b"%PDF"
        [sections] = made
        assert sections[0].title == "Minutes of the meeting"
        agenda, decided = sections[0].blocks
        assert isinstance(agenda, Table)
        assert isinstance(decided, Table)
        assert [value.raw for value in agenda.rows[0]][1:4] == [3, "Two\nwaited", "saul"]
        assert [row[1].raw for row in decided.rows] == [
            "Task: Ring (Open, saul)",
            "It became a task about a colleague's lead.",
        ]
        lines = page(client, "review_file", meeting.pk, "csv").content.decode()
        assert "Call first" in lines
        assert "Geheimnis" not in lines
        book = load_workbook(BytesIO(page(client, "review_file", meeting.pk, "xlsx").content))
        assert [name.split()[-1] for name in book.sheetnames[:2]] == ["Agenda", "Decisions"]
        assert page(client, "review_file", meeting.pk, "odt").status_code == 404

    def test_of_a_model_that_is_not_there_the_page_keeps_its_days_and_there_is_no_file(
        self, client: Client, saul: User
    ) -> None:
        go_live()
        meeting = Meeting.objects.plan(timezone.now() - 30 * DAY)
        client.force_login(saul)
        for wrong in ("999", "x"):
            shown = client.get(reverse("admin:review_meeting", args=[meeting.pk]), {"model": wrong})
            assert str(meeting.period) in shown.content.decode()
            address = reverse("admin:review_file", args=[meeting.pk, "xlsx"])
            answer = client.get(address, {"model": wrong}, follow=True)
            assert "There is no file, for this cannot be asked. Scoring model:" in (
                answer.content.decode()
            )

    def test_the_printed_page_has_them_as_text(
        self, client: Client, saul: User, meeting: Meeting
    ) -> None:
        item = meeting.items.first()
        assert item is not None
        client.force_login(saul)
        args = (meeting.pk, item.pk)
        said = post(client, "review_note", *args, hx=True, text="Two\nwaited", revision=0)
        printed = '<p class="review-printed">Two<br>waited</p>'
        assert printed in said.content.decode()
        assert printed in page(client, "review_meeting", meeting.pk).content.decode()


class TestEnd:
    @pytest.fixture
    def held(self, client: Client, marta: User, meeting: Meeting) -> Meeting:
        """Ended by marta with one lead near the threshold, one note and one decision."""
        track = go_live(MODEL)
        scored(track, person("near"), 55)
        meeting.decisions.create(text="Call first")
        meeting.items.filter(position=0).update(text="Two waited", revision=1)
        client.force_login(marta)
        post(client, "review_state", meeting.pk)
        post(client, "review_state", meeting.pk, end="1")
        meeting.refresh_from_db()
        return meeting

    def test_it_shows_what_it_saw_to_each_in_their_language_and_as_they_may(
        self, client: Client, held: Meeting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert set(held.figures["seen"]) == {"en", "es"}
        monkeypatch.setattr(Review, "make", lambda *_asked: [Section("", [Words("Of today.")])])
        text = page(client, "review_meeting", held.pk).content.decode()
        assert "as they were when the meeting ended" in text
        assert "within 10 points below hot" in text
        assert "near@x.example" in text
        assert "of=near" in text
        lines = page(client, "review_file", held.pk, "csv").content.decode()
        assert "as it was when the meeting ended" in lines

    def test_nothing_is_written_into_it_until_it_is_opened_again(
        self, client: Client, held: Meeting
    ) -> None:
        item, decision = held.items.all()[0], held.decisions.get()
        tries: list[tuple[str, list[int], dict[str, Any]]] = [
            ("review_note", [item.pk], {"text": "Other", "revision": 1}),
            ("review_decision", [decision.pk], {"text": "Other", "revision": 0}),
            ("review_add_item", [], {"title": "Other", "minutes": 3}),
            ("review_change_item", [item.pk], {"title": "Other", "minutes": 3}),
            ("review_change_item", [held.items.all()[4].pk], {"remove": "1"}),
            ("review_decide", [], {"text": "Other"}),
        ]

        def written() -> list[Any]:
            rows = held.items.values_list("title", "minutes", "text")
            return [*rows, *held.decisions.values_list("text")]

        before = written()
        for name, places, sent in tries:
            said = post(client, name, held.pk, *places, hx=name == "review_note", **sent)
            if name == "review_note":
                assert "The meeting has ended" in said.content.decode()
            assert written() == before, name
        text = page(client, "review_meeting", held.pk).content.decode()
        assert "The meeting has ended" in text
        assert "<textarea" not in text
        assert "Two waited" in text

        post(client, "review_suggest", held.pk, decision.pk)
        assert Suggestion.objects.count() == 1

    def test_who_opened_it_again_is_kept_and_it_ends_with_new_figures(
        self, client: Client, held: Meeting, marta: User, saul: User
    ) -> None:
        client.force_login(saul)
        assert post(client, "review_reopen", held.pk).status_code == 403
        client.force_login(marta)
        for _click in range(2):
            post(client, "review_reopen", held.pk)
        opened = held.reopenings.get()
        assert (opened.by, opened.ended_at) == (marta, held.ended_at)
        args = (held.pk, held.items.all()[0].pk)
        post(client, "review_note", *args, text="Three waited", revision=1)
        Score.objects.all().delete()
        post(client, "review_state", held.pk, end="1")
        text = page(client, "review_meeting", held.pk).content.decode()
        assert "Three waited" in text
        assert "Opened again" in text
        assert "Nobody is so near." in text

    def test_one_that_nobody_has_begun_does_not_hide_the_next(self) -> None:
        now = timezone.now()
        missed = [Meeting.objects.plan(now - days * DAY) for days in (9, 2)]
        assert Meeting.objects.next_one() == missed[1]
        coming = Meeting.objects.plan(now + 5 * DAY)
        Meeting.objects.plan(now + 12 * DAY)
        assert Meeting.objects.next_one() == coming
        missed[0].begin(now)
        assert Meeting.objects.next_one() == missed[0]

    def test_one_that_was_opened_again_is_not_the_next_meeting(
        self, client: Client, held: Meeting
    ) -> None:
        coming = Meeting.objects.plan(timezone.now() + 7 * DAY)
        post(client, "review_reopen", held.pk)
        assert page(client, "review").context["next_one"] == coming
        coming.delete()
        assert page(client, "review").context["next_one"] is None
        post(client, "review_new")
        assert Meeting.objects.next_one() not in (None, held)

    def test_one_that_ended_without_figures_shows_those_of_today(
        self, client: Client, held: Meeting
    ) -> None:
        Meeting.objects.update(figures=None)
        text = page(client, "review_meeting", held.pk).content.decode()
        assert "These figures are of today" in text


class TestAgenda:
    def test_the_usual_points_are_read_in_every_language_until_they_are_changed(
        self, client: Client, marta: User, meeting: Meeting
    ) -> None:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
        client.force_login(marta)
        first, second = meeting.items.all()[:2]
        usual = "Qué ha sido de las últimas decisiones"
        for item, title in ((first, usual), (second, "Ventas")):
            post(client, "review_change_item", meeting.pk, item.pk, title=title, minutes=9)
        text = page(client, "review_meeting", meeting.pk).content.decode()
        assert usual in text
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.title, first.minutes) == ("What became of the last decisions", 9)
        assert second.title == "Ventas"

    def test_points_are_added_changed_and_removed_while_nothing_is_noted(
        self, client: Client, marta: User, meeting: Meeting
    ) -> None:
        client.force_login(marta)
        post(client, "review_add_item", meeting.pk, title="Fair", minutes=5)
        post(client, "review_add_item", meeting.pk, title="Wrong", minutes=0)
        item = meeting.items.last()
        assert item is not None
        args = ("review_change_item", meeting.pk, item.pk)
        post(client, *args, title="The fair", minutes=7)
        item.refresh_from_db()
        assert (item.title, item.minutes) == ("The fair", 7)
        meeting.items.filter(pk=item.pk).update(text="Noted")
        post(client, *args, remove="1")
        assert meeting.items.count() == 6
        meeting.items.update(text="")
        post(client, *args, remove="1")
        assert meeting.items.count() == 5


class TestPeriod:
    def test_each_day_belongs_to_one_meeting(self, db: None) -> None:
        first = Meeting.objects.plan(datetime(2026, 3, 2, 10, tzinfo=UTC))
        first.begin(datetime(2026, 3, 2, 10, tzinfo=UTC))
        second = Meeting.objects.plan(datetime(2026, 3, 9, 10, tzinfo=UTC))
        again = Meeting(held_at=second.held_at, since=date(2026, 3, 9))
        assert (first.period.first, first.period.last) == (date(2026, 2, 23), date(2026, 3, 1))
        assert (second.period.first, second.period.last) == (date(2026, 3, 2), date(2026, 3, 8))
        assert (again.period.first, again.period.last) == (date(2026, 3, 9), date(2026, 3, 9))

    def test_a_second_meeting_of_a_day_looks_at_it_and_the_next_one_goes_on_after_it(
        self, db: None
    ) -> None:
        held = []
        # The first two as planned; the third is begun a day early, the fourth right after it.
        for planned, begun in (
            ((23, 10), (23, 10)), ((24, 10), (23, 11)), ((30, 10), (30, 10)), ((30, 12), (30, 12)),
        ):  # fmt: skip
            meeting = Meeting.objects.plan(datetime(2026, 11, *planned, tzinfo=UTC))
            assert meeting.begin(datetime(2026, 11, *begun, tzinfo=UTC))
            meeting.refresh_from_db()
            held.append((meeting.period.first.day, meeting.period.last.day))
        assert held == [(16, 22), (23, 23), (24, 29), (30, 30)]


class TestLetter:
    @pytest.fixture
    def schedule(self, marta: User, saul: User) -> MeetingSchedule:
        """On Mondays at ten in Madrid, the day before, to Marta and Saul."""
        Calendar.objects.update(time_zone="Europe/Madrid")
        User.objects.filter(pk=marta.pk).update(email="marta@x.example")
        User.objects.filter(pk=saul.pk).update(email="saul@x.example")
        row = MeetingSchedule.objects.create(active=True, weekday=0, at=time(10), days_before=1)
        row.recipients.set([marta, saul])
        return row

    # The clocks go forward on Sunday, 29 March 2026, and back on 25 October.
    @pytest.mark.parametrize(
        ("day", "leaves", "held"),
        [
            ("2026-03-30", "2026-03-29T08:00", "2026-03-30T08:00"),
            ("2026-03-23", "2026-03-22T09:00", "2026-03-23T09:00"),
            ("2026-10-26", "2026-10-25T09:00", "2026-10-26T09:00"),
        ],
    )
    def test_it_leaves_once_at_the_hour_of_the_wall(
        self, schedule: MeetingSchedule, day: str, leaves: str, held: str
    ) -> None:
        due = datetime.fromisoformat(leaves).replace(tzinfo=UTC)
        assert tell_due(due - timedelta(minutes=1)) == 0
        assert not Meeting.objects.exists()
        assert tell_due(due) == 2
        assert tell_due(due + timedelta(hours=3)) == 0
        meeting = Meeting.objects.get()
        assert meeting.held_at == datetime.fromisoformat(held).replace(tzinfo=UTC)
        keys = {f"review:{day}:{user.pk}" for user in schedule.recipients.all()}
        assert set(Message.objects.values_list("key", flat=True)) == keys

    def test_it_has_the_figures_and_the_links_and_asks_for_the_rules(
        self, schedule: MeetingSchedule
    ) -> None:
        go_live()
        assert tell_due(datetime(2026, 3, 22, 9, tzinfo=UTC)) == 2
        message = Message.objects.first()
        assert message is not None
        text = str(message.content["text"])
        assert "- became hot: 0" in text
        assert reverse("admin:review_meeting", args=[Meeting.objects.get().pk]) in text
        asked = "span=own&first=2026-03-16&last=2026-03-22"
        assert f"/reports/review/files/pdf/?{asked}" in text
        file = message.content["attachment"]
        assert (file["report"], file["format"]) == ("review", "pdf")
        assert file["query"].startswith(asked)
        assert KeptReport.objects.filter(slug="rules").count() == 2

    def test_the_figures_are_worked_out_once_for_each_language(
        self, schedule: MeetingSchedule, mona: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        schedule.recipients.add(mona)
        Preferences.objects.create(user=mona, language="es")
        made: list[str] = []

        def make(_report: Review, _question: Any) -> list[Section]:
            made.append(get_language() or "")
            return [Section("", [Words("The same.")])]

        monkeypatch.setattr(Review, "make", make)
        assert tell_due(datetime(2026, 3, 22, 9, tzinfo=UTC)) == 3
        assert sorted(made) == ["en", "es"]
        texts = [str(message.content["text"]) for message in Message.objects.all()]
        greetings = sorted(text.splitlines()[0] for text in texts)
        assert greetings == ["Buenos días, mona:", "Good morning, marta.", "Good morning, saul."]
        assert all("\nThe same.\n" in text for text in texts)

    def test_none_leaves_for_whoever_may_not_see_it_nor_when_switched_off(
        self, schedule: MeetingSchedule, saul: User
    ) -> None:
        User.objects.filter(pk=saul.pk).update(is_active=False)
        assert tell_due(datetime(2026, 3, 22, 9, tzinfo=UTC)) == 1
        MeetingSchedule.objects.update(active=False)
        assert tell_due(datetime(2026, 3, 29, 9, tzinfo=UTC)) == 0

    def test_who_gets_the_letter_already_can_be_kept_by_everybody(
        self, schedule: MeetingSchedule, client: Client, marta: User
    ) -> None:
        chief = User.objects.create_superuser("chief", email="chief@x.example")
        schedule.recipients.add(chief)
        client.force_login(marta)
        sent: dict[str, Any] = {"weekday": 3, "at": "09:00", "days_before": 1}
        post(client, "review_schedule", **sent, recipients=[chief.pk], revision=0)
        assert [user.username for user in schedule.recipients.all()] == ["chief"]

    def test_of_two_who_set_the_schedule_the_second_is_told(
        self, schedule: MeetingSchedule, client: Client, marta: User
    ) -> None:
        client.force_login(marta)
        sent: dict[str, Any] = {"weekday": 3, "at": "09:00", "days_before": 1}
        post(client, "review_schedule", **sent, revision=0)
        post(client, "review_schedule", **{**sent, "weekday": 4}, revision=0)
        schedule.refresh_from_db()
        assert (schedule.weekday, schedule.revision) == (3, 1)


def test_the_page_needs_no_more_queries_for_more_decisions(
    client: Client, mona: User, meeting: Meeting
) -> None:
    go_live()
    client.force_login(mona)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert page(client, "review_meeting", meeting.pk).status_code == 200
        return len(found)

    meeting.decisions.create(text="One", changed_by=mona, task=None)
    few = queries()
    for place in range(5):
        task = Task.objects.create(contact=person(f"p{place}"), title="Do")
        meeting.decisions.create(text=f"More {place}", changed_by=mona, task=task)
    assert queries() <= few + 2

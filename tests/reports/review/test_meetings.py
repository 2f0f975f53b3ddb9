"""The meeting's pages: who writes what, two at once, what a decision becomes, and the letter."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import Calendar, Contact, Task
from scoring.agreement.suggestions.models import Suggestion
from scoring.automations.outbox.messages import Message
from scoring.reports.models import KeptReport
from scoring.reports.review.jobs import tell_due
from scoring.reports.review.models import Decision, Meeting, MeetingSchedule
from tests.engine.scored import go_live, person

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


class TestTwoAtOnce:
    def test_the_second_sees_the_others_text_and_keeps_both(
        self, meeting: Meeting, request: pytest.FixtureRequest
    ) -> None:
        (marta, _m), (mona, _o) = login(request, "marta"), login(request, "mona")
        item = meeting.items.first()
        assert item is not None
        post(marta, "review_note", meeting.pk, item.pk, hx=True, text="Hers", revision=0)
        said = post(mona, "review_note", meeting.pk, item.pk, hx=True, text="Mine", revision=0)
        assert "marta wrote here" in said.content.decode()
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


class TestDecisions:
    @pytest.fixture
    def decision(self, meeting: Meeting) -> Decision:
        return meeting.decisions.create(text="Call the hot ones within a day")

    def test_it_becomes_a_task_once_about_a_lead_that_one_sees(
        self, client: Client, decision: Decision, saul: User
    ) -> None:
        person("own", owner="saul")
        person("other", owner="peter")
        client.force_login(saul)
        args = ("review_task", decision.meeting_id, decision.pk)
        post(client, *args, assignee=saul.pk, contact="other@x.example")
        assert not Task.objects.exists()
        for _click in range(2):
            post(client, *args, assignee=saul.pk, contact="OWN@x.example")
        decision.refresh_from_db()
        assert Task.objects.get() == decision.task
        assert Task.objects.get().assignee == saul

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

    def test_whoever_adds_no_tasks_makes_none(
        self, client: Client, decision: Decision, marta: User, saul: User
    ) -> None:
        person("own", owner="saul")
        client.force_login(marta)
        args = ("review_task", decision.meeting_id, decision.pk)
        answer = post(client, *args, assignee=saul.pk, contact="own@x.example")
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


class TestAgenda:
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
        text = str(Message.objects.first().content["text"])  # type: ignore[union-attr]
        assert "- became hot: 0" in text
        assert reverse("admin:review_meeting", args=[Meeting.objects.get().pk]) in text
        assert "/reports/review/files/pdf/?first=2026-03-16&last=2026-03-22" in text
        assert KeptReport.objects.filter(slug="rules").count() == 2

    def test_none_leaves_for_whoever_may_not_see_it_nor_when_switched_off(
        self, schedule: MeetingSchedule, saul: User
    ) -> None:
        User.objects.filter(pk=saul.pk).update(is_active=False)
        assert tell_due(datetime(2026, 3, 22, 9, tzinfo=UTC)) == 1
        MeetingSchedule.objects.update(active=False)
        assert tell_due(datetime(2026, 3, 29, 9, tzinfo=UTC)) == 0

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

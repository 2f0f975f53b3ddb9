"""Tasks that are put off, handed over and closed with a result; and all of it taken back."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.followers import CONTACTS_TRIED, TASKS_GIVEN
from contacts.models import Absence, Activity, Contact, Member, Pending, Task, Team
from contacts.tasking import Finish, HandOver, Refused, Snooze

pytestmark = pytest.mark.django_db

TASKS = "/admin/contacts/task/"
HOUR = timedelta(hours=1)


@pytest.fixture
def peter(db: None) -> User:
    return User.objects.create_user("peter", first_name="Peter", last_name="Pan")


@pytest.fixture
def lea(db: None) -> Contact:
    return Contact.objects.create(email="lea@example.com", first_name="Lea")


def task(contact: Contact, title: str, assignee: User | None = None, **given: Any) -> Task:
    return Task.objects.create(contact=contact, title=title, assignee=assignee, **given)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(client: Client, address: str, **given: Any) -> list[str]:
    answer = client.post(address, given, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def ask(client: Client, name: str, *tasks: Task, **given: Any) -> list[str]:
    return told(client, f"{TASKS}ask/{name}/", task=[row.pk for row in tasks], **given)


def listed(client: Client, query: str) -> list[str]:
    return [row.title for row in client.get(f"{TASKS}?{query}").context["cl"].result_list]


class TestPuttingOff:
    def test_a_task_leaves_the_list_of_its_person_and_comes_back_by_itself(
        self, saul: User, lea: Contact
    ) -> None:
        row = task(lea, "Call", saul)
        client = client_of(saul)
        until = timezone.now() + 30 * HOUR
        said = ask(client, "snooze", row, until=until.strftime("%Y-%m-%dT%H:%M"))
        assert said[0].startswith("“Call”: put off until ")
        assert listed(client, "whose=mine") == []
        assert listed(client, "whose=mine&due=snoozed") == ["Call"]
        counts = {way["query"]: way["count"] for way in client.get(TASKS).context["ways"]}
        assert counts["whose=mine&state__exact=open"] == 0
        assert counts["whose=mine&due=snoozed"] == 1
        assert list(Task.objects.waiting_for(saul, until + HOUR)) == [row]
        assert not Task.objects.waiting_for(saul, until - HOUR).exists()

    def test_a_quick_choice_is_one_of_the_calendar(self, saul: User, lea: Contact) -> None:
        row = task(lea, "Call", saul)
        form = client_of(saul).get(f"{TASKS}ask/snooze/?task={row.pk}").context["form"]
        chosen, _words = form.choices[-1]
        ask(client_of(saul), "snooze", row, choice=chosen.name)
        row.refresh_from_db()
        assert row.snoozed_until == chosen.at

    def test_it_counts_how_often_and_is_brought_back_at_a_click(
        self, saul: User, lea: Contact
    ) -> None:
        row = task(lea, "Call", saul)
        for days in (1, 2):
            Snooze(Task.objects.filter(pk=row.pk), timezone.now() + days * 24 * HOUR).execute()
        client = client_of(saul)
        assert "put off 2 times" in client.get(f"{TASKS}{row.pk}/change/").content.decode()
        assert told(client, f"{TASKS}{row.pk}/do/wake/") == ["“Call”: back again."]
        row.refresh_from_db()
        assert (row.snoozed_until, row.snoozes) == (None, 2)

    WRONG = [
        ({"choice": "someday"}, "Choose until when."),
        ({}, "Choose until when."),
        ({"until": "2020-01-01T10:00"}, "Choose a time to come, within a year."),
        ({"until": "2126-01-01T10:00"}, "Choose a time to come, within a year."),
        ({"until": "yesterday"}, "Enter a valid date/time."),
    ]

    @pytest.mark.parametrize(("given", "said"), WRONG)
    def test_what_is_no_time_is_asked_again(
        self, saul: User, lea: Contact, given: dict[str, str], said: str
    ) -> None:
        row = task(lea, "Call", saul)
        answer = client_of(saul).post(f"{TASKS}ask/snooze/", {"task": row.pk, **given})
        assert answer.status_code == 200
        assert said in answer.content.decode()
        row.refresh_from_db()
        assert row.snoozed_until is None


class TestHandingOver:
    @pytest.fixture
    def team(self, saul: User, peter: User) -> Team:
        team = Team.objects.get(name="Sales")
        for place, user in enumerate((peter, saul)):
            Member.objects.create(team=team, user=user, position=place)
        return team

    def test_a_person_gets_it_awake_and_is_told(
        self, saul: User, peter: User, lea: Contact, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        heard: list[Any] = []
        monkeypatch.setattr(
            "contacts.tasking.TASKS_GIVEN", [lambda *facts: heard.append(facts), *TASKS_GIVEN]
        )
        row = task(lea, "Call", saul, snoozed_until=timezone.now() + HOUR)
        said = ask(client_of(saul), "hand-over", row, to=f"person-{peter.pk}")
        assert said == ["“Call”: with Peter Pan now."]
        row.refresh_from_db()
        assert (row.assignee, row.snoozed_until) == (peter, None)
        assert heard == [([row], peter, saul)]

    def test_a_team_shares_out_by_turns_and_passes_over_who_has_left_or_is_away(
        self, mona: User, saul: User, peter: User, team: Team, lea: Contact
    ) -> None:
        rows = [task(lea, f"t{place}", mona) for place in range(4)]
        ask(client_of(mona), "hand-over", *rows, to=f"team-{team.pk}")
        assert list(Task.objects.order_by("pk").values_list("assignee__username", flat=True)) == [
            "peter", "saul", "peter", "saul",
        ]  # fmt: skip
        User.objects.filter(pk=peter.pk).update(is_active=False)
        HandOver(Task.objects.all(), mona, team=team).execute()
        assert set(Task.objects.values_list("assignee", flat=True)) == {saul.pk}
        Absence.objects.create(user=saul, first_day=date(2020, 1, 1), last_day=date(2120, 1, 1))
        with pytest.raises(Refused, match="Nobody in the team “Sales” is there today."):
            HandOver(Task.objects.all(), mona, team=team).execute()

    def test_of_two_at_once_the_second_is_told_who_has_it(
        self, saul: User, mona: User, peter: User, lea: Contact
    ) -> None:
        row = task(lea, "Call")
        ask(client_of(mona), "hand-over", row, to=f"person-{peter.pk}")
        given = {"task": row.pk, "to": f"person-{saul.pk}"}
        late = client_of(saul).post(f"{TASKS}ask/hand-over/", given)
        assert late.status_code == 403
        assert "“Call” is with Peter Pan" in late.content.decode()

    @pytest.mark.parametrize("to", ["", "person-999999", "team-999999", "x"])
    def test_nobody_is_asked_again(self, saul: User, lea: Contact, to: str) -> None:
        row = task(lea, "Call", saul)
        answer = client_of(saul).post(f"{TASKS}ask/hand-over/", {"task": row.pk, "to": to})
        assert answer.status_code == 200
        assert answer.context["form"].errors

    def test_managers_see_whose_have_left_and_hand_all_over_at_once(
        self, saul: User, mona: User, peter: User, team: Team, lea: Contact
    ) -> None:
        rows = [task(lea, f"t{place}", peter) for place in range(2)]
        task(lea, "mine", saul)
        User.objects.filter(pk=peter.pk).update(is_active=False)
        page = client_of(mona).get(f"{TASKS}?whose=left")
        assert page.context["left_behind"] == [(peter, 2)]
        assert "Peter Pan, who has left" in page.content.decode()
        assert "Peter Pan has left, with 2 open tasks." in page.content.decode()
        assert client_of(saul).get(TASKS).context["left_behind"] == []
        said = told(client_of(mona), f"{TASKS}ask/hand-over/", left=peter.pk, to=f"team-{team.pk}")
        assert said == ["2 tasks: with saul now."]
        assert {row.assignee for row in Task.objects.filter(pk__in=[r.pk for r in rows])} == {saul}
        assert client_of(mona).get(TASKS).context["left_behind"] == []


class TestFinishing:
    def test_the_result_is_kept_and_shown(self, saul: User, lea: Contact) -> None:
        row = task(lea, "Call", saul)
        said = ask(client_of(saul), "finish", row, result="voicemail", text="try on Friday")
        assert said == ["“Call”: Voicemail."]
        row.refresh_from_db()
        assert (row.state, row.result, row.result_text) == ("done", "voicemail", "try on Friday")
        assert "Voicemail, try on Friday" in (
            client_of(saul).get(f"{TASKS}{row.pk}/change/").content.decode()
        )
        assert not Activity.objects.exists()

    CALLS = [
        ("reached", {"result": "reached", "answered": True}),
        ("voicemail", {"result": "voicemail", "answered": False}),
        ("meeting_booked", {"result": "meeting_booked", "answered": True}),
        ("done", None),
    ]

    @pytest.mark.parametrize(("result", "properties"), CALLS)
    def test_a_call_is_written_where_the_person_says_so(
        self,
        saul: User,
        lea: Contact,
        result: str,
        properties: dict[str, Any] | None,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        heard: list[Any] = []
        monkeypatch.setattr(
            "contacts.tasking.CONTACTS_TRIED",
            [*CONTACTS_TRIED, lambda ids, at: heard.append(list(ids))],
        )
        Pending.objects.all().delete()
        ask(client_of(saul), "finish", task(lea, "Call", saul), result=result, as_call="on")
        call = Activity.objects.get()
        assert (call.type.slug, call.contact, call.properties) == ("call", lea, properties)
        assert Pending.objects.filter(contact=lea).exists()
        assert heard == [[lea.pk]]

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks as a whole")
    def test_the_contacts_of_calls_are_locked_before_the_tasks(
        self, saul: User, lea: Contact
    ) -> None:
        found = Task.objects.filter(pk=task(lea, "Call", saul).pk)
        with CaptureQueriesContext(connection) as asked:
            Finish(found, saul, "reached", as_call=True).execute()
        locks = [each["sql"] for each in asked if " FOR " in each["sql"]]
        tables = [named[1] for sql in locks if (named := re.search(r'FROM "(\w+)"', sql))]
        assert tables[:2] == ["contacts_contact", "contacts_task"]

    def test_a_call_is_not_offered_for_a_contact_that_is_not_seen(
        self, saul: User, peter: User
    ) -> None:
        hidden = Contact.objects.create(email="max@example.com", owner="peter")
        row = task(hidden, "Call", saul)
        page = client_of(saul).get(f"{TASKS}ask/finish/?task={row.pk}")
        assert "as_call" not in page.context["form"].fields
        ask(client_of(saul), "finish", row, result="reached", as_call="on")
        assert not Activity.objects.exists()

    WRONG: list[tuple[dict[str, str], str]] = [
        ({"result": "burnt"}, "Choose what came of it."),
        ({}, "Choose what came of it."),
        ({"result": "not_needed", "as_call": "on"}, "What was not needed was no call."),
    ]

    @pytest.mark.parametrize(("given", "said"), WRONG)
    def test_a_wrong_answer_changes_nothing(
        self, saul: User, lea: Contact, given: dict[str, str], said: str
    ) -> None:
        row = task(lea, "Call", saul)
        answer = client_of(saul).post(f"{TASKS}ask/finish/", {"task": row.pk, **given})
        assert said in answer.content.decode()
        row.refresh_from_db()
        assert row.is_open
        assert not Activity.objects.exists()

    def test_who_comes_second_is_told_who_was_first(
        self, saul: User, mona: User, lea: Contact
    ) -> None:
        row = task(lea, "Call")
        ask(client_of(mona), "finish", row, result="reached")
        said = ask(client_of(saul), "finish", row, result="voicemail")
        assert said == ["mona was faster and has closed “Call”."]
        row.refresh_from_db()
        assert (row.result, row.done_by) == ("reached", mona)


class TestTakingBack:
    DEEDS = [
        ("ask/finish/", {"result": "reached", "as_call": "on"}),
        ("ask/snooze/", {"choice": "tomorrow"}),
        ("ask/hand-over/", {"to": "person-{peter}"}),
        ("{pk}/do/done/", {}),
        ("{pk}/do/cancel/", {}),
    ]

    @pytest.mark.parametrize(("address", "given"), DEEDS)
    def test_everything_is_again_as_it_was(
        self, saul: User, peter: User, lea: Contact, address: str, given: dict[str, str]
    ) -> None:
        row = task(lea, "Call", saul, due_at=timezone.now())
        before = Task.objects.filter(pk=row.pk).values().get()
        client = client_of(saul)
        filled = {name: value.format(peter=peter.pk) for name, value in given.items()}
        client.post(TASKS + address.format(pk=row.pk), {"task": row.pk, **filled})
        assert Task.objects.filter(pk=row.pk).values().get() != before
        assert "Undo" in client.get(TASKS).content.decode()
        assert told(client, f"{TASKS}undo/") == ["1 task is as it was."]
        after = Task.objects.filter(pk=row.pk).values().get()
        assert after | {"changed_at": 0} == before | {"changed_at": 0}
        assert not Activity.objects.exists()
        assert told(client, f"{TASKS}undo/") == ["There is nothing to undo any more."]

    def test_what_somebody_has_done_since_stays(
        self, saul: User, mona: User, peter: User, lea: Contact
    ) -> None:
        row = task(lea, "Call", saul)
        client = client_of(saul)
        ask(client, "snooze", row, choice="tomorrow")
        ask(client_of(mona), "hand-over", row, to=f"person-{peter.pk}")
        assert told(client, f"{TASKS}undo/") == ["Somebody was faster: “Call” is with Peter Pan."]
        row.refresh_from_db()
        assert row.assignee == peter

    def test_many_are_taken_back_at_once(self, saul: User, lea: Contact) -> None:
        rows = [task(lea, f"t{place}", saul) for place in range(3)]
        client = client_of(saul)
        assert ask(client, "finish", *rows, result="not_needed") == ["3 tasks: Not needed."]
        assert told(client, f"{TASKS}undo/") == ["3 tasks are as they were."]
        assert Task.objects.open().count() == 3

    def test_nothing_is_undone_by_looking(self, saul: User) -> None:
        assert client_of(saul).get(f"{TASKS}undo/").status_code == 405


WHO_MAY = [
    ("saul", "saul", 302), ("saul", None, 302), ("saul", "peter", 403), ("mona", "peter", 302),
    ("marta", None, 403),
]  # fmt: skip


@pytest.mark.parametrize(("who", "whose", "status"), WHO_MAY)
def test_only_who_may_change_a_task_is_asked_and_heard(
    who: str, whose: str | None, status: int, request: pytest.FixtureRequest,
    lea: Contact, peter: User, saul: User,
) -> None:  # fmt: skip
    client = client_of(request.getfixturevalue(who))
    row = task(lea, "Call", User.objects.get(username=whose) if whose else None)
    before = Task.objects.filter(pk=row.pk).values().get()
    answers = {
        "finish": {"result": "done"}, "snooze": {"choice": "tomorrow"},
        "hand-over": {"to": f"person-{peter.pk}"},
    }  # fmt: skip
    for name in answers:
        looked = client.get(f"{TASKS}ask/{name}/?task={row.pk}").status_code
        assert looked == (200 if status == 302 else 403)
    for name, given in answers.items():
        Task.objects.filter(pk=row.pk).update(**before)
        assert client.post(f"{TASKS}ask/{name}/", {"task": row.pk, **given}).status_code == status
        if status == 403:
            assert Task.objects.filter(pk=row.pk).values().get() == before


def test_what_is_not_there_is_not_found(saul: User, peter: User) -> None:
    hidden = Contact.objects.create(email="max@example.com", owner="peter")
    row = task(hidden, "Call", peter)
    client = client_of(saul)
    for query in (f"task={row.pk}", "task=999999", "task=x", "task=" + "9" * 30, "", "left=x"):
        assert client.get(f"{TASKS}ask/finish/?{query}").status_code == 404, query
    assert client.get(f"{TASKS}ask/burn/?task={row.pk}").status_code == 404


def test_a_dialog_gets_only_the_form(saul: User, lea: Contact) -> None:
    row = task(lea, "Call", saul)
    address = f"{TASKS}ask/finish/?task={row.pk}"
    part = client_of(saul).get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<form")


def test_ticked_tasks_are_asked_about_together(saul: User, lea: Contact) -> None:
    rows = [task(lea, "a", saul), task(lea, "b")]
    ticked = {"_selected_action": [row.pk for row in rows]}
    client = client_of(saul)
    for action in ("finish", "snooze", "hand_over"):
        page = client.post(TASKS, {"action": action, **ticked})
        assert [row.title for row in page.context["tasks"]] == ["a", "b"]
    Task.objects.all().finish(saul, datetime(2026, 1, 1, tzinfo=UTC))
    assert told(client, TASKS, action="finish", **ticked) == [
        "Tick open tasks that you may change, at most 1000."
    ]


def test_a_time_is_chosen_on_the_form_of_a_task(saul: User, lea: Contact) -> None:
    client = client_of(saul)
    page = client.get(f"{TASKS}add/?contact={lea.pk}")
    times = page.context["adminform"].form.times
    given = {
        "contact": lea.pk, "title": "Call", "assignee": saul.pk, "priority": "normal",
        "due_choice": "monday" if len(times) == 3 else "tomorrow",
    }  # fmt: skip
    assert client.post(f"{TASKS}add/", given).status_code == 302
    assert Task.objects.get().due_at == times[-1].at

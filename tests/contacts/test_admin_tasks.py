"""The pages of tasks: one's own first, and every click a POST that changes only what it may."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact, Member, Task, Team

pytestmark = pytest.mark.django_db

TASKS = "/admin/contacts/task/"
HOUR = timedelta(hours=1)


@pytest.fixture
def peter(db: None) -> User:
    return User.objects.create_user("peter", first_name="Peter", last_name="Pan")


@pytest.fixture
def pool(db: None) -> Contact:
    return Contact.objects.create(email="lea@example.com", first_name="Lea", last_name="Núñez")


@pytest.fixture
def peters(db: None) -> Contact:
    return Contact.objects.create(email="max@example.com", last_name="Geheim", owner="peter")


def task(contact: Contact, title: str, assignee: User | None = None, **given: Any) -> Task:
    return Task.objects.create(contact=contact, title=title, assignee=assignee, **given)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"{TASKS}?{query}")
    assert answer.status_code == 200
    return [row.title for row in answer.context["cl"].result_list]


def told(client: Client, address: str, **given: Any) -> list[str]:
    answer = client.post(address, given, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


class TestTheList:
    @pytest.fixture(autouse=True)
    def tasks(self, saul: User, peter: User, pool: Contact, peters: Contact) -> None:
        now = timezone.now()
        team = Team.objects.get(name="Sales")
        others = Team.objects.create(name="Others", calendar=team.calendar)
        for user in (saul, peter):
            Member.objects.create(team=team, user=user)
        task(pool, "nobody's", due_at=now + 30 * HOUR)
        task(pool, "mine", saul, due_at=now + 48 * HOUR, priority="high")
        task(pool, "mine, late", saul, due_at=now - HOUR)
        task(pool, "peter's", peter)
        task(peters, "hidden", peter)
        task(pool, "of others", None, team=others, due_at=now + 240 * HOUR)
        task(pool, "mine, done", saul, due_at=now - 2 * HOUR)
        Task.objects.filter(title="mine, done").finish(saul, now)

    OPEN = ["mine, late", "mine", "nobody's", "of others", "peter's"]
    FILTERS = [
        ("", [*OPEN, "mine, done"]),
        ("whose=mine", ["mine, late", "mine", "mine, done"]),
        ("whose=nobody", ["nobody's", "of others"]),
        ("whose=team", ["mine, late", "mine", "peter's", "mine, done"]),
        ("whose=nonsense", [*OPEN, "mine, done"]),
        ("due=overdue", ["mine, late"]),
        ("due=week", ["mine, late", "mine", "nobody's"]),
        ("due=never", ["peter's"]),
        ("due=nonsense", [*OPEN, "mine, done"]),
        ("priority__exact=high", ["mine"]),
        ("state__exact=done", ["mine, done"]),
        ("q=nunez+late", ["mine, late"]),
        ("q=geheim", []),
        ("whose=mine&state__exact=open", ["mine, late", "mine"]),
    ]

    @pytest.mark.parametrize(("query", "found"), FILTERS)
    def test_it_shows_my_open_tasks_first_and_filters(
        self, saul: User, query: str, found: list[str]
    ) -> None:
        assert listed(client_of(saul), query) == found

    def test_today_is_from_midnight_to_midnight(self, saul: User, pool: Contact) -> None:
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        Task.objects.all().delete()
        task(pool, "yesterday", saul, due_at=midnight - timedelta(seconds=1))
        task(pool, "tonight", saul, due_at=midnight + 24 * HOUR - timedelta(seconds=1))
        task(pool, "tomorrow", saul, due_at=midnight + 24 * HOUR)
        assert listed(client_of(saul), "due=today") == ["tonight"]

    def test_it_leads_to_what_is_looked_at_most(self, saul: User) -> None:
        ways = client_of(saul).get(TASKS).context["ways"]
        counts = {way["query"]: way["count"] for way in ways}
        assert counts["whose=mine&state__exact=open"] == 2
        assert counts["whose=mine&due=overdue"] == 1
        assert counts["whose=team&state__exact=open"] == 3
        assert counts["whose=nobody&state__exact=open"] == 2
        assert counts["state__exact=open"] == 5
        for way in ways:
            assert len(listed(client_of(saul), way["query"])) == way["count"]

    def test_it_can_be_ordered_otherwise(self, saul: User) -> None:
        titles = listed(client_of(saul), "o=1&state__exact=open")
        assert titles == sorted(self.OPEN)

    def test_it_takes_as_many_queries_for_many_rows(
        self, saul: User, pool: Contact, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        Task.objects.bulk_create(Task(contact=pool, title=f"t{each}") for each in range(60))
        client = client_of(saul)
        client.get(TASKS)
        with django_assert_max_num_queries(20):
            client.get(TASKS)

    def test_an_empty_list_says_what_to_do(self, mona: User) -> None:
        Task.objects.all().delete()
        assert "Nothing to do." in client_of(mona).get(TASKS).content.decode()


WHO_MAY: list[tuple[str, str | None, dict[str, int]]] = [
    # Who, whose task, and what a click answers.
    ("saul", "saul", {"done": 302, "cancel": 302, "take": 302, "reopen": 302}),
    ("saul", None, {"done": 302, "take": 302}),
    ("saul", "peter", {"done": 403, "cancel": 403, "take": 403, "reopen": 403}),
    ("mona", "peter", {"done": 302, "reopen": 302}),
    ("ada", "peter", {"done": 302}),
    ("marta", None, {"done": 403, "take": 403}),
]


@pytest.mark.parametrize(("who", "whose", "answers"), WHO_MAY)
def test_a_click_does_only_what_this_person_may(
    who: str, whose: str | None, answers: dict[str, int], request: pytest.FixtureRequest,
    pool: Contact, peter: User, saul: User,
) -> None:  # fmt: skip
    client = client_of(request.getfixturevalue(who))
    assignee = User.objects.get(username=whose) if whose else None
    for deed, status in answers.items():
        row = task(pool, "Call", assignee)
        before = Task.objects.filter(pk=row.pk).values().get()
        answer = client.post(f"{TASKS}{row.pk}/do/{deed}/")
        assert answer.status_code == status
        if status == 403:
            assert Task.objects.filter(pk=row.pk).values().get() == before


def test_a_task_that_is_not_seen_is_not_there(saul: User, peter: User, peters: Contact) -> None:
    row = task(peters, "Call", peter)
    for address in (f"{TASKS}{row.pk}/do/done/", f"{TASKS}{row.pk}/change/"):
        assert client_of(saul).post(address).status_code == 404
    assert Task.objects.get().is_open


def test_nothing_is_done_by_looking(saul: User, pool: Contact) -> None:
    row = task(pool, "Call", saul)
    client = client_of(saul)
    for deed in ("done", "take", "cancel", "reopen"):
        assert client.get(f"{TASKS}{row.pk}/do/{deed}/").status_code == 405
    assert client.post(f"{TASKS}{row.pk}/do/burn/").status_code == 404
    assert client.post(f"{TASKS}999999/do/done/").status_code == 404
    assert Task.objects.get().is_open


def test_a_stranger_is_asked_to_log_in(client: Client, pool: Contact) -> None:
    row = task(pool, "Call")
    answer = client.post(f"{TASKS}{row.pk}/do/done/")
    assert answer.headers["Location"].startswith("/admin/login/")
    assert Task.objects.get().is_open


def test_a_click_is_told_and_logged(saul: User, pool: Contact) -> None:
    row = task(pool, "Call Lea")
    client = client_of(saul)
    assert told(client, f"{TASKS}{row.pk}/do/take/") == ["“Call Lea”: yours now."]
    assert told(client, f"{TASKS}{row.pk}/do/done/") == ["“Call Lea”: done."]
    assert told(client, f"{TASKS}{row.pk}/do/done/") == ["It is so already: nothing was changed."]
    assert told(client, f"{TASKS}{row.pk}/do/reopen/") == ["“Call Lea”: open again."]
    row.refresh_from_db()
    assert row.is_open
    assert row.assignee == saul
    assert LogEntry.objects.filter(user=saul, object_id=str(row.pk)).count() == 3


def test_of_two_who_click_the_second_learns_that_it_is_taken(
    saul: User, mona: User, pool: Contact
) -> None:
    row = task(pool, "Call")
    client_of(mona).post(f"{TASKS}{row.pk}/do/take/")
    late = client_of(saul).post(f"{TASKS}{row.pk}/do/take/")
    assert late.status_code == 403
    assert "Somebody was faster: “Call” is with mona." in late.content.decode()
    assert Task.objects.get().assignee == mona


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/admin/contacts/task/?whose=mine", "?whose=mine"),
        ("http://evil.example/admin/", TASKS),
        ("", TASKS),
    ],
)
def test_a_click_leads_back_to_where_it_was_made(
    saul: User, pool: Contact, referer: str, back: str
) -> None:
    row = task(pool, "Call")
    answer = client_of(saul).post(f"{TASKS}{row.pk}/do/done/", headers={"Referer": referer})
    assert answer.headers["Location"].endswith(back)
    assert "evil" not in answer.headers["Location"]


def test_ticked_tasks_are_done_and_taken_where_one_may(
    saul: User, peter: User, pool: Contact
) -> None:
    rows = [task(pool, "a", saul), task(pool, "b"), task(pool, "c", peter)]
    client = client_of(saul)
    ticked = {"_selected_action": [row.pk for row in rows]}
    assert told(client, TASKS, action="take_ticked", **ticked) == ["“b”: yours now."]
    assert told(client, TASKS, action="finish_ticked", **ticked) == ["2 tasks: done."]
    assert dict(Task.objects.values_list("title", "state")) == {
        "a": "done",
        "b": "done",
        "c": "open",
    }


class TestThePage:
    def test_a_task_is_added_for_oneself_from_the_page_of_a_contact(
        self, saul: User, pool: Contact
    ) -> None:
        client = client_of(saul)
        page = client.get(f"/admin/contacts/contact/{pool.pk}/change/")
        section = next(one for one in page.context["sections"] if one.parameter == "tasks")
        assert section.rows == []
        form = client.get(section.add_url).context["adminform"].form
        assert form.initial["assignee"] == saul.pk
        given = {"contact": pool.pk, "title": "Call", "assignee": saul.pk, "priority": "normal"}
        assert client.post(f"{TASKS}add/", given).status_code == 302
        made = Task.objects.get()
        assert (made.contact, made.assignee, made.state) == (pool, saul, "open")
        page = client.get(f"/admin/contacts/contact/{pool.pk}/change/")
        section = next(one for one in page.context["sections"] if one.parameter == "tasks")
        assert len(section.rows) == 1

    def test_it_is_not_added_for_a_contact_of_others(self, saul: User, peters: Contact) -> None:
        given = {"contact": peters.pk, "title": "Call", "priority": "normal"}
        answer = client_of(saul).post(f"{TASKS}add/", given)
        assert "contact" in answer.context["adminform"].form.errors
        assert not Task.objects.exists()

    def test_it_says_whom_it_is_about_even_where_the_contact_is_not_seen(
        self, saul: User, peters: Contact
    ) -> None:
        row = task(peters, "Call", saul)
        page = client_of(saul).get(f"{TASKS}{row.pk}/change/").content.decode()
        assert "max@example.com" in page
        assert f"/admin/contacts/contact/{peters.pk}/" not in page
        assert (
            f"/admin/contacts/contact/{peters.pk}/"
            not in client_of(saul).get(TASKS).content.decode()
        )

    def test_a_change_is_saved_where_the_contact_is_not_seen(
        self, saul: User, peters: Contact
    ) -> None:
        row = task(peters, "Call", saul)
        given = {"title": "Write", "assignee": saul.pk, "priority": "low", "text": ""}
        answer = client_of(saul).post(f"{TASKS}{row.pk}/change/", given)
        assert answer.status_code == 302
        row.refresh_from_db()
        assert (row.title, row.priority, row.contact) == ("Write", "low", peters)

    def test_what_a_click_does_cannot_be_typed(self, saul: User, pool: Contact) -> None:
        row = task(pool, "Call", saul)
        given = {
            "title": "Call", "assignee": saul.pk, "priority": "low", "state": "done",
            "origin": "x", "done_by": saul.pk, "contact": 1,
        }  # fmt: skip
        client_of(saul).post(f"{TASKS}{row.pk}/change/", given)
        row.refresh_from_db()
        assert (row.state, row.origin, row.done_by, row.contact) == ("open", None, None, pool)

    def test_of_another_salespersons_task_only_the_text_is_shown(
        self, saul: User, peter: User, pool: Contact
    ) -> None:
        row = task(pool, "Call", peter, text="Ask for <b>Eva</b>")
        page = client_of(saul).get(f"{TASKS}{row.pk}/change/").content.decode()
        assert "Ask for &lt;b&gt;Eva&lt;/b&gt;" in page
        assert 'name="_save"' not in page
        assert "/do/" not in page
        given = {"title": "x", "priority": "low"}
        assert client_of(saul).post(f"{TASKS}{row.pk}/change/", given).status_code == 403

    def test_only_who_can_log_in_is_offered(self, mona: User, pool: Contact, peter: User) -> None:
        User.objects.create_user("gone", is_active=False)
        page = client_of(mona).get(f"{TASKS}add/")
        offered = page.context["adminform"].form.fields["assignee"].queryset
        assert set(offered) == {mona, peter}

    def test_marketing_sees_tasks_on_a_contact_and_adds_none(
        self, marta: User, pool: Contact
    ) -> None:
        task(pool, "Call")
        page = client_of(marta).get(f"/admin/contacts/contact/{pool.pk}/change/")
        section = next(one for one in page.context["sections"] if one.parameter == "tasks")
        assert len(section.rows) == 1
        assert section.add_url == ""

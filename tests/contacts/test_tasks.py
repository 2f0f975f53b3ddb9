"""Tasks: who sees which, and what becomes of one that two people want."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, transaction

from contacts.models import Contact, Pending, Task

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def contact_of(owner: str) -> Contact:
    return Contact.objects.create(email=f"{owner or 'pool'}@example.com", owner=owner)


@pytest.fixture
def peter(db: None) -> User:
    return User.objects.create_user("peter")


@pytest.fixture
def tasks(saul: User, peter: User) -> None:
    """One for each of: whose contact, and for whom; named so."""
    for owner in ("saul", "", "peter"):
        contact = contact_of(owner)
        for assignee in (saul, None, peter):
            who = assignee.username if assignee else "nobody"
            Task.objects.create(
                contact=contact, title=f"{owner or 'pool'}/{who}", assignee=assignee
            )


SEEN = [
    ("saul", {"saul/saul", "saul/nobody", "saul/peter", "pool/saul", "pool/nobody", "pool/peter",
              "peter/saul", "peter/nobody"}),
    ("peter", set()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "seen"), SEEN)
@pytest.mark.usefixtures("tasks")
def test_a_salesperson_sees_their_own_nobodys_and_those_of_their_contacts(
    name: str, seen: set[str]
) -> None:
    visible = Task.objects.visible_to(User.objects.get(username=name))
    assert set(visible.values_list("title", flat=True)) == seen


@pytest.mark.usefixtures("tasks")
def test_who_sees_everybody_sees_every_task_and_a_stranger_none(mona: User, marta: User) -> None:
    assert Task.objects.visible_to(mona).count() == 9
    assert Task.objects.visible_to(marta).count() == 9
    assert not Task.objects.visible_to(AnonymousUser()).exists()


def test_my_open_tasks_come_first_and_of_these_the_soonest_due(saul: User, peter: User) -> None:
    contact = contact_of("saul")
    hour = timedelta(hours=1)
    for title, assignee, due in (
        ("peter's, late", peter, NOON - hour), ("nobody's", None, NOON),
        ("mine, without a time", saul, None), ("mine, later", saul, NOON + hour),
        ("mine, late", saul, NOON - hour), ("mine, done", saul, NOON - 2 * hour),
    ):  # fmt: skip
        Task.objects.create(contact=contact, title=title, assignee=assignee, due_at=due)
    Task.objects.filter(title="mine, done").finish(saul, NOON)
    assert [task.title for task in Task.objects.urgent_first(saul)] == [
        "mine, late",
        "mine, later",
        "mine, without a time",
        "nobody's",
        "peter's, late",
        "mine, done",
    ]
    late = Task.objects.overdue(NOON).order_by("pk")
    assert [task.title for task in late] == ["peter's, late", "mine, late"]


def test_of_two_who_take_a_task_one_gets_it(saul: User, peter: User) -> None:
    task = Task.objects.create(contact=contact_of(""), title="Call")
    rows = Task.objects.filter(pk=task.pk)
    assert [rows.take(peter), rows.take(saul), rows.take(peter)] == [1, 0, 0]
    task.refresh_from_db()
    assert task.assignee == peter


def test_a_task_is_closed_once_and_opened_again(saul: User, peter: User) -> None:
    task = Task.objects.create(contact=contact_of(""), title="Call", due_at=NOON)
    rows = Task.objects.filter(pk=task.pk)
    assert rows.reopen() == 0
    assert task.is_overdue(NOON + timedelta(seconds=1))
    assert [rows.finish(saul, NOON), rows.cancel(peter, NOON), rows.take(saul)] == [1, 0, 0]
    task.refresh_from_db()
    assert (task.state, task.done_by, task.done_at) == (Task.State.DONE, saul, NOON)
    assert not task.is_overdue(NOON + timedelta(seconds=1))
    assert rows.reopen() == 1
    task.refresh_from_db()
    assert (task.state, task.done_by, task.done_at) == (Task.State.OPEN, None, None)
    assert rows.cancel(peter, NOON) == 1


def test_a_closed_task_says_when(saul: User) -> None:
    task = Task.objects.create(contact=contact_of(""), title="Call")
    for wrong in ({"state": "done"}, {"done_at": NOON}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.filter(pk=task.pk).update(**wrong)


def test_what_made_a_task_makes_it_once() -> None:
    contact = contact_of("")
    for _person in range(2):
        Task.objects.create(contact=contact, title="By hand")
    Task.objects.create(contact=contact, title="Call", origin="x:1:0")
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.create(contact=contact, title="Call", origin="x:1:0")


def test_a_task_changes_no_score() -> None:
    contact = contact_of("")
    Pending.objects.all().delete()
    Task.objects.create(contact=contact, title="Call")
    assert not Pending.objects.exists()

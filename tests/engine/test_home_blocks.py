"""The first page: to each role its own work, and no more queries where there is more of it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact, ImportJob, ImportKind, Task
from scoring.agreement.audit import Action, AuditEntry
from scoring.engine.admin.home_blocks import Block
from scoring.engine.troubled import Troubled
from tests.engine.scored import go_live, person

pytestmark = pytest.mark.django_db
HOME = reverse("admin:index")


def blocks(user: User) -> dict[str, Block]:
    client = Client()
    client.force_login(user)
    return {block.slug: block for block in client.get(HOME).context["blocks"]}


def task(user: User, title: str = "Call") -> Task:
    contact = Contact.objects.first() or person("somebody")
    return Task.objects.create(
        contact=contact, title=title, assignee=user, due_at=timezone.now() - timedelta(hours=1)
    )


def test_each_role_has_its_own_work(marta: User, saul: User, mona: User, ada: User) -> None:
    assert "tasks" not in blocks(marta)
    assert {"turn", "tasks"} <= set(blocks(saul))
    assert {"turn", "tasks"} <= set(blocks(mona))
    assert "first-steps" in blocks(ada)


def test_a_person_sees_their_own_tasks(saul: User, mona: User) -> None:
    task(saul, "Call Ana")
    task(mona, "Call Bo")
    [item] = blocks(saul)["tasks"].items
    assert (item.text, item.hint) == ("Call Ana", "overdue")


def test_what_failed_is_told_to_whom_it_concerns(marta: User, saul: User, ada: User) -> None:
    assert "failed" not in blocks(ada)
    ImportJob.objects.create(
        kind=ImportKind.CONTACTS, name="people.csv", state=ImportJob.State.FAILED
    )
    now = timezone.now()
    Troubled.objects.create(contact=person("ana"), since=now, next_at=now, parked_at=now)
    assert [item.text for item in blocks(marta)["failed"].items] == ["people.csv"]
    assert "failed" not in blocks(saul)
    assert len(blocks(ada)["failed"].items) == 2
    assert blocks(ada)["failed"].is_alarm


def test_what_failed_long_ago_is_no_news(marta: User) -> None:
    job = ImportJob.objects.create(
        kind=ImportKind.CONTACTS, name="old.csv", state=ImportJob.State.FAILED
    )
    ImportJob.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(days=30))
    assert "failed" not in blocks(marta)


def test_an_import_under_way_shows_how_far_it_is(marta: User) -> None:
    ImportJob.objects.create(
        kind=ImportKind.CONTACTS,
        name="people.csv",
        state=ImportJob.State.RUNNING,
        done_bytes=30,
        total_bytes=120,
    )
    [item] = blocks(marta)["work"].items
    assert item.percent == 25


def test_the_newest_changes_of_the_models_are_told(marta: User) -> None:
    track = go_live()
    AuditEntry.objects.note(marta, track.model, Action.PROPOSED, track.version)
    text = blocks(marta)["changes"].items[0].text
    assert text == "marta proposed a version: Small model 1"


def test_nobody_without_a_role_is_told_anything() -> None:
    assert blocks(User.objects.create_user("nobody", is_staff=True)) == {}


def test_its_cost_does_not_grow(saul: User) -> None:
    client = Client()
    client.force_login(saul)
    track = go_live()

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(HOME)
        return len(found)

    task(saul)
    AuditEntry.objects.note(saul, track.model, Action.PROPOSED, track.version)
    few = queries()
    for _number in range(12):
        task(saul)
        AuditEntry.objects.note(saul, track.model, Action.PROPOSED, track.version)
    assert queries() <= few

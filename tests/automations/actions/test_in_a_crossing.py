"""The actions of the CRM as a crossing does them: in order, once, and many at a time."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from contacts.models import Contact, Deal, Member, Task, Team
from scoring.automations.actions import ACTIONS
from scoring.automations.firing import lock
from scoring.automations.models import ActionRun, Crossing
from tests.automations.actions.acting import action, occasion
from tests.automations.set_up import HOT, go_live, hot, person, refresh_all, visit

CRM = ["assign_owner", "deal", "lifecycle", "tag", "task"]
TASK = {"kind": "task", "title": "Call {{ contact.email }}: {{ score.band }}", "within_hours": 4}


def team_of(*users: User) -> Team:
    team = Team.objects.get(name="Sales")
    for position, user in enumerate(users):
        Member.objects.create(team=team, user=user, position=position)
    return team


@pytest.mark.django_db
def test_a_hot_lead_gets_owner_task_deal_tag_and_lifecycle(saul: User, mona: User) -> None:
    team_of(saul, mona)
    go_live()
    hot(
        HOT,
        {"kind": "assign_owner", "team": "Sales"},
        TASK,
        {"kind": "deal", "stage": "Sales / Hot Leads"},
        {"kind": "tag", "add": "Hot"},
        {"kind": "lifecycle", "to": "sql", "only_forward": True},
    )
    people = [person(name, job_title="Director") for name in ("ana", "bo", "cy")]
    for who in people:
        visit(who, timedelta())
    refresh_all()
    refresh_all()
    assert Crossing.objects.count() == 3
    failed = ActionRun.objects.exclude(state=ActionRun.State.DONE)
    assert [run.detail for run in failed] == []
    tasks = Task.objects.order_by("pk")
    # The task goes to whom the action before it has made the owner.
    assert [task.assignee for task in tasks] == [saul, mona, saul]
    assert tasks[0].title.endswith(": hot")
    assert all(task.due_at and task.due_at > timezone.now() for task in tasks)
    assert {task.origin for task in tasks} == {each.key(1) for each in Crossing.objects.all()}
    assert Deal.objects.filter(stage__name="Hot Leads", source="automation").count() == 3
    for who in Contact.objects.filter(pk__in=[each.pk for each in people]):
        assert (who.lifecycle, who.tag_names()) == ("sql", ["hot"])
        assert who.deals.get().owner == who.owner != ""


@pytest.mark.django_db
@pytest.mark.parametrize("kind", CRM)
def test_its_form_can_be_shown(kind: str, saul: User) -> None:
    team_of(saul)
    data: dict[str, dict[str, Any]] = {
        "assign_owner": {"team": "Sales", "always": True},
        "deal": {"stage": "Sales / Won", "amount": "12.50"},
        "lifecycle": {"to": "mql", "only_forward": True},
        "tag": {"add": "Hot", "remove": "Cold"},
        "task": {"title": "Call", "assignee": "person", "person": "saul", "team": "Sales"},
    }
    form = ACTIONS[kind].form
    shown = form(initial=form.initial_of(action(kind, **data[kind]).data())).as_div()
    for value in data[kind].values():
        assert "checked" in shown if value is True else f"{value}" in shown


@pytest.mark.django_db(transaction=True)
def test_workers_beside_one_another_take_different_turns(saul: User, mona: User) -> None:
    team_of(saul, mona)
    contact = Contact.objects.create(email="lea@example.com")
    create = action("task", title="Call", assignee="team", team="Sales")
    wrong: list[Exception] = []

    def work(worker: int) -> None:
        try:
            for number in range(10):
                with transaction.atomic():
                    lock([create])
                    create.run(occasion(contact, f"x:{worker}:{number}"))
        except Exception as error:  # noqa: BLE001 - shown by the test
            wrong.append(error)
        finally:
            connection.close()

    workers = [Thread(target=work, args=[number]) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []
    counts = [Task.objects.filter(assignee=user).count() for user in (saul, mona)]
    assert counts == [15, 15]

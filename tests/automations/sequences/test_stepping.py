"""Steps are done in time, in order and once, whatever is changed meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from contacts.models import Calendar, Contact, Holiday, Member, Task, Team
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.enrolling import CannotEnrol, enrol
from scoring.automations.sequences.enrolments import Enrolment, StepRun
from scoring.automations.sequences.models import Sequence, SequenceStep
from scoring.automations.sequences.stepping import do_due
from tests.automations.sequences import making
from tests.automations.sequences.making import (
    MADRID,
    MONDAY,
    STEPS,
    fresh,
    lea,
    put_in,
    run_until,
    sent,
    sequence,
    tasks,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_the_steps_of_a_sequence_are_done_one_after_another() -> None:
    saul = making.owner()
    enrolment = put_in(lea(), sequence())
    run_until(MONDAY + 10 * DAY)
    runs = StepRun.objects.order_by("pk")
    assert [f"{run.at.astimezone(MADRID):%a %H:%M}" for run in runs] == [
        "Mon 10:00",
        "Wed 09:00",
        "Thu 09:00",
    ]
    assert sent() == ["Hello Léa", "A question"]
    task = Task.objects.get()
    assert (task.title, task.assignee, task.priority) == ("Call Léa", saul, "high")
    assert task.due_at == runs[2].at + timedelta(hours=4)
    assert task.origin == f"s:{enrolment.pk}:3"
    done = fresh(enrolment)
    assert (done.state, done.reason, done.step, done.next_at) == ("finished", "", None, None)


def test_an_e_mail_says_from_whom_it_is_and_how_to_stop_it() -> None:
    making.owner()
    enrolment = put_in(lea(), sequence())
    run_until(MONDAY + 3 * DAY)
    first, second = Message.objects.order_by("pk")
    assert first.key == f"s:{enrolment.pk}:1"
    assert (first.channel, first.recipient) == ("email", "lea@example.com")
    assert (first.target, second.target) == ("sequence/welcome/1", "sequence/welcome/2")
    assert first.content["from_name"] == "Saúl"
    assert first.content["text"].startswith("Good to see you, Léa.\n")
    for message in (first, second):
        link = message.content["unsubscribe_url"]
        assert "/unsubscribe/" in link
        assert message.content["text"].count(link) == 1


def test_what_was_missed_waits_for_the_hours_of_the_calendar() -> None:
    put_in(lea(), sequence())
    late = MONDAY + timedelta(hours=12)
    assert do_due(late) == 1
    assert sent() == []
    assert Enrolment.objects.get().next_at == MONDAY.replace(day=4, hour=7)
    run_until(MONDAY + DAY)
    assert sent() == ["Hello Léa"]


def test_a_holiday_that_is_added_later_is_kept() -> None:
    put_in(lea(), sequence())
    Holiday.objects.create(calendar=Calendar.objects.get(name="Madrid"), day="2107-10-03")
    run_until(MONDAY + timedelta(hours=8))
    assert sent() == []


def test_nothing_happens_while_a_sequence_is_off() -> None:
    one = sequence()
    put_in(lea(), one)
    Sequence.objects.update(active=False)
    run_until(MONDAY + DAY)
    assert sent() == []
    Sequence.objects.update(active=True)
    run_until(MONDAY + 2 * DAY, MONDAY + DAY)
    assert sent() == ["Hello Léa"]


# What is done with the steps after the first one was done; what is sent and made in the end.
CHANGES: list[tuple[str, list[str], list[str]]] = [
    ("delete the next", ["Hello Léa"], ["Call Léa"]),
    ("delete the one done", ["Hello Léa", "A question"], ["Call Léa"]),
    ("delete all but the one done", ["Hello Léa"], []),
    ("move the last before the next", ["Hello Léa", "A question"], ["Call Léa"]),
    ("move the one done to the end", ["Hello Léa"], []),
    ("add one before the next", ["Hello Léa", "New", "A question"], ["Call Léa"]),
    ("add one at the end", ["Hello Léa", "A question", "New"], ["Call Léa"]),
]


@pytest.mark.parametrize(("change", "mails", "jobs"), CHANGES)
def test_whoever_is_in_a_sequence_goes_on_whatever_is_changed(
    change: str, mails: list[str], jobs: list[str]
) -> None:
    one = sequence()
    enrolment = put_in(lea(), one)
    run_until(MONDAY + timedelta(hours=1))
    first, second, third = one.steps.order_by("position")
    new = {"sequence": one, "subject": "New", "text": "New"}
    if change == "delete the next":
        second.delete()
    elif change == "delete the one done":
        first.delete()
    elif change == "delete all but the one done":
        one.steps.exclude(pk=first.pk).delete()
    elif change == "move the last before the next":
        SequenceStep.objects.filter(pk=third.pk).update(position=2)
        SequenceStep.objects.filter(pk=second.pk).update(position=3)
    elif change == "move the one done to the end":
        SequenceStep.objects.filter(pk=first.pk).update(position=9)
    elif change == "add one before the next":
        one.steps.exclude(pk=first.pk).update(position=3)
        SequenceStep.objects.filter(pk=third.pk).update(position=4)
        SequenceStep.objects.create(position=2, **new)
    else:
        SequenceStep.objects.create(**new)
    one.renumber()
    Enrolment.objects.update(next_at=MONDAY)
    run_until(MONDAY + 14 * DAY)
    assert (sent(), tasks()) == (mails, jobs)
    assert fresh(enrolment).state == "finished"


def test_a_number_of_a_step_that_was_done_is_never_given_again() -> None:
    one = sequence(steps=STEPS[:1])
    put_in(lea(), one)
    run_until(MONDAY + timedelta(hours=1))
    one.steps.all().delete()
    step = SequenceStep.objects.create(sequence=one, subject="New")
    assert step.number == 2


def test_a_shorter_wait_counts_at_once() -> None:
    one = sequence()
    put_in(lea(), one)
    run_until(MONDAY + timedelta(hours=1))
    one.steps.filter(position=2).update(wait_days=1)
    Enrolment.objects.update(next_at=MONDAY)
    run_until(MONDAY + DAY)
    assert sent() == ["Hello Léa", "A question"]


def test_a_step_that_cannot_be_done_is_told_and_holds_up_nobody() -> None:
    one = sequence(steps=[STEPS[2] | {"wait": "0 days", "due_hours": 1}])
    put_in(lea(), one)
    other = sequence(name="Other", steps=STEPS[:1])
    put_in(lea(email="bob@example.com", first_name="Bob"), other)
    SequenceStep.objects.filter(sequence=one).update(text="{{ broken")
    Calendar.objects.create(name="Never", hours={"mon": [["09:00", "09:01"]]})
    one.calendar = Calendar.objects.get(name="Never")
    one.save()
    Holiday.objects.bulk_create(
        Holiday(calendar=one.calendar, day=MONDAY.date() + week * timedelta(days=7))
        for week in range(530)
    )
    run_until(MONDAY + timedelta(hours=1))
    stuck = Enrolment.objects.get(sequence=one)
    assert stuck.trouble.startswith("NoWorkingTime")
    assert stuck.next_at is not None and stuck.next_at > MONDAY
    assert sent() == ["Hello Bob"]


ASSIGNEES: list[tuple[dict[str, Any], list[str | None]]] = [
    ({"assignee": "owner"}, ["saul", None]),
    ({"assignee": "person", "person": "mona"}, ["mona", "mona"]),
    ({"assignee": "team", "team": "Hunters"}, ["ann", "ben"]),
]


@pytest.mark.parametrize(("given", "names"), ASSIGNEES)
def test_a_task_is_for_somebody(given: dict[str, Any], names: list[str | None]) -> None:
    making.owner()
    User.objects.create_user("mona")
    team = Team.objects.create(name="Hunters", calendar=making.calendar())
    for place, name in enumerate(["ann", "ben"]):
        Member.objects.create(team=team, user=User.objects.create_user(name), position=place)
    step = {"kind": "task", "subject": "Call", "wait": "0 days"} | given
    one = sequence(steps=[step])
    put_in(lea(), one)
    put_in(lea(email="bob@example.com", owner=""), one)
    run_until(MONDAY + timedelta(hours=1))
    found = [task.assignee.username if task.assignee else None
             for task in Task.objects.order_by("contact_id")]  # fmt: skip
    assert found == names


def test_nobody_is_in_a_sequence_twice() -> None:
    one, who = sequence(), lea()
    first, is_new = enrol(one, who)
    second, again = enrol(one, who)
    assert (first, is_new, again) == (second, True, False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.create(sequence=one, contact=who)


def test_whoever_has_finished_may_begin_again() -> None:
    one, who = sequence(steps=STEPS[:1]), lea()
    put_in(who, one)
    run_until(MONDAY + timedelta(hours=1))
    put_in(who, one, MONDAY + DAY)
    run_until(MONDAY + 2 * DAY, MONDAY + DAY)
    assert sent() == ["Hello Léa", "Hello Léa"]


REFUSALS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"unsubscribed": True}, {}, "The contact has unsubscribed."),
    ({"bounced": True}, {}, "The contact's address does not take mail."),
    ({}, {"active": False}, "The sequence is off."),
    (
        {"country": "ES"},
        {"goal": [{"when": {"field": "country", "op": "equals", "value": "ES"}}]},
        "The contact has reached the goal of the sequence already.",
    ),
]


@pytest.mark.parametrize(("fields", "changed", "reason"), REFUSALS)
def test_some_cannot_get_in(fields: dict[str, Any], changed: dict[str, Any], reason: str) -> None:
    one = sequence()
    for name, value in changed.items():
        setattr(one, name, value)
    one.save()
    with pytest.raises(CannotEnrol, match=reason):
        enrol(one, lea(**fields))
    assert not Enrolment.objects.exists()


def test_a_sequence_without_steps_takes_nobody() -> None:
    one = sequence()
    one.steps.all().delete()
    with pytest.raises(CannotEnrol, match="has no steps"):
        enrol(one, lea())


def test_a_deleted_contact_leaves_nothing_behind() -> None:
    who = lea()
    put_in(who, sequence())
    run_until(MONDAY + timedelta(hours=1))
    Contact.objects.all().delete()
    assert not Enrolment.objects.exists()
    assert do_due(MONDAY + 5 * DAY) == 0

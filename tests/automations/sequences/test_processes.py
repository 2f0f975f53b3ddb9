"""Several workers at once, and workers that are killed between two steps, again and again."""

import os
import signal
import subprocess
import sys
from collections import Counter

import pytest
from django.db import connection

from contacts.models import Calendar, Task
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.enrolling import enrol
from scoring.automations.sequences.enrolments import Enrolment, StepRun
from tests.automations.sequences.making import lea, sequence

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 12
NOW = [
    {"kind": "email", "wait": "0 days", "subject": "One", "text": "One"},
    {"kind": "email", "wait": "0 days", "subject": "Two", "text": "Two"},
    {"kind": "task", "wait": "0 days", "subject": "Call"},
    {"kind": "email", "wait": "0 days", "subject": "Three", "text": "Three"},
]
# The test's own database takes the place of the configured one before anything is imported.
START = """
import os, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
django.setup()
from tests.automations.sequences.deeds import work_off
work_off()
"""


def worker(failpoints: str = "") -> "subprocess.Popen[str]":
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "leadscoring.settings",
        "TEST_DATABASE": str(connection.settings_dict["NAME"]),
        "CHAOS_FAILPOINTS": failpoints,
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-c", START]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def everybody_is_in() -> None:
    one = sequence(steps=NOW)
    every = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    Calendar.objects.filter(name="Madrid").update(hours=dict.fromkeys(every, [["00:00", "24:00"]]))
    one.refresh_from_db()
    for number in range(PEOPLE):
        enrol(one, lea(email=f"p{number}@example.com"))


def assert_each_step_was_done_once() -> None:
    assert Counter(Enrolment.objects.values_list("state", flat=True)) == {"finished": PEOPLE}
    assert StepRun.objects.count() == PEOPLE * len(NOW)
    subjects = Counter(Message.objects.values_list("subject", flat=True))
    assert subjects == dict.fromkeys(["One", "Two", "Three"], PEOPLE)
    assert Task.objects.count() == PEOPLE
    order = StepRun.objects.order_by("enrolment", "pk").values_list("number", flat=True)
    assert list(order) == [1, 2, 3, 4] * PEOPLE


def test_two_workers_at_once_do_each_step_once(everybody_is_in: None) -> None:
    workers = [worker(), worker()]
    for each in workers:
        _out, errors = each.communicate(timeout=300)
        assert each.returncode == 0, errors
    assert_each_step_was_done_once()


@pytest.mark.long
def test_workers_that_are_killed_lose_nothing_and_double_nothing(everybody_is_in: None) -> None:
    kills = 0
    for _time in range(60):
        pair = [worker("sequence.before_commit=kill:0.2") for _each in range(2)]
        for each in pair:
            each.communicate(timeout=300)
        kills += sum(each.returncode == -signal.SIGKILL for each in pair)
        if not Enrolment.objects.active().exists():
            break
    assert kills > 0
    assert_each_step_was_done_once()

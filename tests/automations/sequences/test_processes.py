"""Several workers at once, and workers that are killed between two steps, again and again."""

import os
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
"""
# Forks of one process that has no connection yet: to start each anew would take most of the time.
PAIRS = """
def fork():
    if pid := os.fork():
        return pid
    work_off()
    os._exit(0)

kills = 0
for _time in range(60):
    ends = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in [fork(), fork()]]
    kills += ends.count(-9)
    if ends == [0, 0]:
        break
print(kills)
"""


def worker(program: str = "work_off()", failpoints: str = "") -> "subprocess.Popen[str]":
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "leadscoring.settings",
        "TEST_DATABASE": str(connection.settings_dict["NAME"]),
        "CHAOS_FAILPOINTS": failpoints,
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-c", START + program]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True)


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
    kills, errors = worker(PAIRS, "sequence.before_commit=kill:0.2").communicate(timeout=300)
    assert not errors
    assert int(kills) > 0
    assert_each_step_was_done_once()

"""Opens, clicks and answers of each step: people who did something about that very e-mail."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contacts.models import Contact
from contacts.records import ActivityRecord
from contacts.storing import store_activities
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.statistics import numbers_of
from tests.automations.sequences.making import MONDAY, lea, put_in, run_until, sequence

pytestmark = pytest.mark.django_db

LATER = MONDAY + timedelta(days=1)


def act(who: Contact, kind: str, target: str, at: datetime = LATER, **more: Any) -> None:
    record = ActivityRecord(contact=who.email, type=kind, occurred_at=at, target=target, **more)
    store_activities([record])


def test_each_step_has_its_numbers(django_assert_num_queries: Any) -> None:
    one = sequence()
    people = [lea(email=f"p{number}@example.com") for number in range(4)]
    for who in people:
        put_in(who, one)
    run_until(MONDAY + timedelta(hours=1))
    assert Message.objects.filter(target="sequence/welcome/1").update(state="sent") == 4
    last = Message.objects.order_by("pk").last()
    assert last is not None
    Message.objects.filter(pk=last.pk).update(state="dead")
    first, second, third = people[:3]
    hers = "sequence/welcome/1"
    for _time in range(3):
        act(first, "email_open", hers)
    act(second, "email_open", "Sequence/WELCOME/1")
    act(second, "email_click", hers)
    act(third, "email_open", "newsletter/1")  # another message
    act(third, "email_open", "sequence/welcome/2")  # one that was not sent yet
    act(third, "email_open", hers, MONDAY - timedelta(days=1))  # before it was sent
    act(third, "email_click", hers, automated=True)  # a scanner
    act(lea(email="other@example.com"), "email_open", hers)  # forwarded: not in the sequence
    act(first, "email_reply", hers)
    act(first, "unsubscribe", hers)
    # done, sent, waiting, the types, each kind of activity, and the steps
    with django_assert_num_queries(9):
        numbers = numbers_of(one)
    assert [(each.done, each.sent, each.waiting) for each in numbers] == [
        (4, 3, 0),
        (0, 0, 4),
        (0, 0, 0),
    ]
    assert numbers[0].came == {"opens": 2, "clicks": 1, "replies": 1, "unsubscribes": 1}
    assert [numbers[0].rate(kind) for kind in ("opens", "clicks")] == [67, 33]
    assert set(numbers[1].came.values()) == {0}
    assert numbers[1].rate("opens") == 0


def test_a_step_that_is_moved_keeps_its_numbers() -> None:
    one = sequence()
    put_in(lea(), one)
    run_until(MONDAY + timedelta(hours=1))
    act(Contact.objects.get(), "email_open", "sequence/welcome/1")
    one.steps.filter(number=1).update(position=9)
    one.renumber()
    assert [each.came["opens"] for each in numbers_of(one)] == [0, 0, 1]
    assert numbers_of(one)[2].step.target == "sequence/welcome/1"

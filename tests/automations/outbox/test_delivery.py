"""The outbox: posted once, claimed by one, tried again, taken over, never lost."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from contacts.chores import CHORES
from contacts.models import Contact
from scoring.automations.outbox.channel import CHANNELS, Channel, Outcome, Parcel, Result
from scoring.automations.outbox.claims import LEASE, finish, take
from scoring.automations.outbox.delivery import Dispatcher, dispatch
from scoring.automations.outbox.messages import Attempt, Message
from scoring.automations.outbox.personal import Notification
from scoring.automations.outbox.schedule import MOST_ATTEMPTS

State = Message.State
# Messages that are not held up by a slow receiver.
QUICK = 20
pytestmark = pytest.mark.django_db


class Pigeon(Channel):
    """A channel that does what the recipient's name says."""

    name = "pigeon"
    title = "Pigeon"
    icon = "flutter_dash"

    def __init__(self) -> None:
        self.flown: list[str] = []
        self.way_is_free = threading.Event()

    def parcel(self, message: Message, now: datetime) -> Parcel:
        if message.recipient == "unready":
            raise RuntimeError("no pigeon")
        return Parcel("", lambda: self.fly(message))

    def fly(self, message: Message) -> Outcome:
        if message.recipient == "slow":
            self.way_is_free.wait(60)
        self.flown.append(message.key)
        if len(self.flown) == QUICK:
            self.way_is_free.set()
        if message.recipient == "raises":
            raise RuntimeError("shot down")
        return Outcome(Result.RETRY if message.recipient == "fails" else Result.SENT)


@pytest.fixture(autouse=True)
def pigeon(settings: Settings) -> Iterator[Pigeon]:
    settings.DELIVERY = "live"
    CHANNELS["pigeon"] = bird = Pigeon()
    yield bird
    del CHANNELS["pigeon"]


def post(key: str, recipient: str = "anna", not_before: datetime | None = None) -> Message:
    return Message.objects.post(
        key=key, channel="pigeon", recipient=recipient, body={"text": key}, not_before=not_before
    )


def later(**delta: float) -> datetime:
    return timezone.now() + timedelta(seconds=1) + timedelta(**delta)


def at(now: datetime) -> Dispatcher:
    return Dispatcher(clock=lambda: now)


# --- Posting -------------------------------------------------------------------------------


def test_a_key_is_posted_once_and_the_first_body_stands() -> None:
    first = post("x:1:0")
    second = Message.objects.post(key="x:1:0", channel="pigeon", recipient="b", body={"other": 1})
    assert (second.pk, second.content) == (first.pk, {"text": "x:1:0"})
    assert Message.objects.count() == 1


def test_what_is_rolled_back_was_never_posted() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        post("x:1:0")
        raise RuntimeError
    assert not Message.objects.exists()


@pytest.mark.parametrize("key", ["", "a b", "a\r\nb", "ñ", "x" * 201])
def test_a_key_that_no_header_could_hold_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="cannot be the key"):
        post(key)


def test_the_chore_sends_what_is_due(pigeon: Pigeon) -> None:
    post("x:1:0")
    post("x:2:0", not_before=later(hours=1))
    assert CHORES["outbox"].work() == 1
    assert pigeon.flown == ["x:1:0"]
    assert CHORES["outbox"].work() == 0


def test_a_message_that_waits_goes_when_its_time_comes(pigeon: Pigeon) -> None:
    post("x:1:0", not_before=later(hours=1))
    assert at(later(minutes=59)).run() == 0
    assert at(later(minutes=61)).run() == 1
    assert pigeon.flown == ["x:1:0"]


# --- Trying again --------------------------------------------------------------------------


def test_it_is_given_up_after_the_last_attempt_and_each_one_is_recorded(pigeon: Pigeon) -> None:
    message = post("x:1:0", "fails")
    now, waits = later(), []
    while True:
        before = now
        assert at(now).run() == 1
        message.refresh_from_db()
        if message.state != State.PENDING:
            break
        waits.append(message.next_at - before)
        now = message.next_at
    assert message.state == State.DEAD
    assert message.attempts == MOST_ATTEMPTS == len(pigeon.flown) == message.history.count()
    assert timedelta(hours=60) < sum(waits, timedelta(0)) < timedelta(hours=91)
    assert at(later(days=365)).run() == 0


def test_sent_again_by_a_person_the_schedule_begins_anew(pigeon: Pigeon) -> None:
    message = post("x:1:0", "fails")
    Message.objects.update(state=State.DEAD, attempts=MOST_ATTEMPTS)
    assert Message.objects.all().send_again((State.DEAD,)) == 1
    at(later()).run()
    message.refresh_from_db()
    assert (message.state, message.tries, message.attempts) == (State.PENDING, 1, 11)
    assert message.next_at - later() < timedelta(seconds=10)


@pytest.mark.parametrize("recipient", ["raises", "unready"])
def test_one_broken_message_does_not_stop_the_others(recipient: str, pigeon: Pigeon) -> None:
    post("x:1:0", recipient)
    post("x:2:0")
    dispatch()
    states = dict(Message.objects.values_list("key", "state"))
    assert states == {"x:1:0": State.PENDING, "x:2:0": State.SENT}
    assert "RuntimeError" in Message.objects.get(key="x:1:0").last_error


# --- Claims --------------------------------------------------------------------------------


def test_a_claimed_message_is_nobody_elses() -> None:
    post("x:1:0")
    now = later()
    assert len(take(5, now)) == 1
    assert take(5, now) == []
    assert take(5, now + LEASE - timedelta(seconds=1)) == []


def test_what_a_dead_worker_held_is_taken_over_within_90_seconds(pigeon: Pigeon) -> None:
    post("x:1:0")
    now = later()
    take(1, now)
    assert timedelta(seconds=15) < LEASE
    every = timedelta(seconds=CHORES["outbox"].every)
    assert LEASE + every < timedelta(seconds=90)
    assert at(now + LEASE + every).run() == 1
    cut_short, taken = Attempt.objects.all()
    assert (cut_short.finished, taken.finished is not None) == (None, True)
    assert "cut short" in cut_short.error


def test_a_zombie_changes_nothing() -> None:
    message = post("x:1:0")
    now = later()
    (zombie,) = take(1, now)
    assert at(now + LEASE).run() == 1
    sent = Message.objects.get()
    failure = Outcome(Result.DEAD, "late")
    assert not finish(zombie, failure, now + LEASE * 2, head="", kept=False)
    message.refresh_from_db()
    assert (message.state, message.last_error, message.sent_at) == (State.SENT, "", sent.sent_at)
    assert [attempt.error for attempt in message.history.all()][1] == ""


def test_a_zombie_does_not_settle_while_another_is_at_it() -> None:
    post("x:1:0")
    now = later()
    (zombie,) = take(1, now)
    (other,) = take(1, now + LEASE)
    assert not finish(zombie, Outcome(Result.SENT), now + LEASE, head="", kept=False)
    assert Message.objects.get().lease_token == other.token
    assert finish(other, Outcome(Result.SENT), now + LEASE, head="", kept=False)


def test_a_message_that_kills_whoever_takes_it_is_given_up() -> None:
    post("x:1:0")
    now, taken = later(), 0
    for _try in range(MOST_ATTEMPTS + 2):
        taken += len(take(1, now))
        now += LEASE + timedelta(seconds=1)
    assert taken == MOST_ATTEMPTS
    assert Message.objects.get().state == State.DEAD


def test_cancelling_does_not_call_back_what_is_on_its_way() -> None:
    contact = Contact.objects.create(email="ana@example.com")
    body = {"text": "Hi"}
    for key in ("s:1:1", "s:1:2"):
        Message.objects.post(
            key=key, channel="email", recipient="ana@example.com", body=body, contact=contact
        )
    (claimed,) = take(1, later())
    assert Message.objects.cancel_for(contact, "left") == 1
    claimed.message.refresh_from_db()
    assert claimed.message.state == State.PENDING
    assert Message.objects.get(state=State.CANCELLED).last_error == "left"


def test_a_slow_receiver_holds_two_slots_and_the_others_go_on(pigeon: Pigeon) -> None:
    for number in range(6):
        post(f"slow:{number}", "slow")
    for number in range(QUICK):
        post(f"quick:{number}", f"quick-{number % 5}")
    now = later()
    assert len([each for each in take(50, now) if each.message.recipient == "slow"]) == 2
    Message.objects.update(lease_until=None, next_at=now)
    # The slow one does not answer before all of the others are through.
    assert Dispatcher(clock=lambda: now, seconds=60).run() == QUICK + 6
    assert all(key.startswith("quick") for key in pigeon.flown[:QUICK])
    assert all(key.startswith("slow") for key in pigeon.flown[QUICK:])


# --- Sink ----------------------------------------------------------------------------------


def test_in_the_sink_nothing_leaves_and_the_attempt_says_so(
    settings: Settings, pigeon: Pigeon, ada: User
) -> None:
    settings.DELIVERY = "sink"
    message = post("x:1:0")
    Message.objects.post(
        key="x:1:1", channel="inbox", recipient="ada", subject="Hot", body={"text": "Ana"}
    )
    dispatch()
    assert pigeon.flown == []
    message.refresh_from_db()
    assert (message.state, message.kept) == (State.SENT, True)
    assert "Kept here" in message.history.get().error
    inside = Message.objects.get(channel="inbox")
    assert (inside.state, inside.kept) == (State.SENT, False)
    assert Notification.objects.get().title == "Hot"

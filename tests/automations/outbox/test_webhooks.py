"""Webhooks against real servers: what is sent, what is believed, and for how long one waits."""

import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from scoring.automations.outbox.channels import webhook as channel
from scoring.automations.outbox.channels.webhook import headers_of, seconds_of
from scoring.automations.outbox.delivery import Dispatcher, dispatch
from scoring.automations.outbox.messages import Attempt, Message, frozen
from scoring.automations.outbox.personal import Notification
from scoring.automations.outbox.receivers import FAILING_MOST, Endpoint, new_secret
from tests.automations.outbox.receiving import (
    GOOD,
    Behaviour,
    certificate,
    drips,
    is_silent,
    never_ends,
    receiver,
    says,
    status,
    tls_with,
)

State = Message.State
BODY = {"type": "lead.hot", "timestamp": "2026-01-01T00:00:00Z", "data": {"n": 1}, "sequence": 7}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]


def endpoint(url: str) -> Endpoint:
    return Endpoint.objects.create(name="zap", url=url)


def soon() -> datetime:
    """When what is posted by then is due."""
    return timezone.now() + timedelta(seconds=5)


def posted(key: str = "x:1:0", **body: object) -> Message:
    return Message.objects.post(
        key=key, channel="webhook", recipient="zap", subject="lead.hot", body={**BODY, **body}
    )


def delivered(behave: Behaviour, message_key: str = "x:1:0") -> tuple[Message, Attempt]:
    with receiver(behave) as server:
        endpoint(server.url)
        posted(message_key)
        assert dispatch() >= 1
        message = Message.objects.get(key=message_key)
        return message, message.history.get()


# --- What is sent --------------------------------------------------------------------------


def test_a_webhook_arrives_signed_with_its_id_and_the_stored_bytes() -> None:
    with receiver(says(GOOD)) as server:
        row = endpoint(server.url)
        message = posted(name="Zoë — 你好")
        dispatch()
        request = server.requests[0]
    assert request.line == "POST /hook?a=b HTTP/1.1"
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    assert request.headers["webhook-id"] == message.key
    assert request.headers["content-type"].startswith("application/json")
    assert request.body == message.body.encode()
    told = Webhook(row.secret).verify(request.body, request.headers)
    assert told == {**BODY, "name": "Zoë — 你好"}
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.SENT, 1)
    attempt = message.history.get()
    assert (attempt.code, attempt.response, attempt.error) == (200, "ok", "")


def test_id_and_bytes_stay_over_the_attempts_and_the_time_is_each_ones_own() -> None:
    answers = iter([status(500), status(500), says(GOOD)])
    clock = [soon()]
    with receiver(lambda visitor: next(answers)(visitor)) as server:
        endpoint(server.url)
        message = posted()
        for _attempt in range(3):
            Dispatcher(clock=lambda: clock[0]).run()
            clock[0] += timedelta(minutes=10)
        first, *others = server.requests
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.SENT, 3)
    for other in others:
        assert other.body == first.body
        assert other.headers["webhook-id"] == first.headers["webhook-id"]
    assert len({each.headers["webhook-timestamp"] for each in server.requests}) == 3
    assert [attempt.code for attempt in message.history.all()] == [500, 500, 200]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS
BODIES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(BODIES, st.text("abcxyz019:-._", min_size=1, max_size=40))
def test_any_body_verifies_with_the_public_library(data: object, key: str) -> None:
    signed = sign({"data": data}, key, [SECRET], timezone.now())
    assert Webhook(SECRET).verify(*signed) == {"data": data}


SECRET, FORMER = new_secret(), new_secret()
LETTERS = [chr(code) for code in (*range(32, 127), 0x0A, 0xE9, 0x4E2D, 0x1F600)]


def sign(
    body: dict[str, object], key: str, secrets: list[str], now: datetime
) -> tuple[str, dict[str, str]]:
    message = Message(key=key, body=frozen(body))
    return message.body, headers_of(message, secrets, now)


def test_a_thousand_random_bodies_verify_and_changed_ones_do_not() -> None:
    random = Random(7)
    for number in range(1000):
        body: dict[str, object] = {
            "n": number,
            "text": "".join(random.choices(LETTERS, k=random.randint(0, 300))),
            "points": [random.randint(-1000, 1000) for _ in range(random.randint(0, 20))],
        }
        text, headers = sign(body, f"x:{number}:0", [SECRET], timezone.now())
        assert Webhook(SECRET).verify(text, headers) == body
        place = random.randrange(len(text))
        changed = text[:place] + chr((ord(text[place]) + 1) % 0xD000) + text[place + 1 :]
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(changed, headers)


@pytest.mark.parametrize("minutes", [-6, 6, -60 * 24])
def test_an_old_or_future_time_does_not_verify(minutes: int) -> None:
    signed = sign({}, "x:1:0", [SECRET], timezone.now() + timedelta(minutes=minutes))
    with pytest.raises(WebhookVerificationError, match="timestamp"):
        Webhook(SECRET).verify(*signed)


def test_both_secrets_verify_for_a_day_after_a_rotation_and_then_one() -> None:
    row = endpoint("http://127.0.0.1/")
    former, now = row.secret, timezone.now()
    row.rotate()
    row.refresh_from_db()
    both = sign({}, "x:1:0", row.signing_secrets(now), now)
    assert Webhook(former).verify(*both) == Webhook(row.secret).verify(*both) == {}
    later = sign({}, "x:1:0", row.signing_secrets(now + timedelta(hours=25)), now)
    assert Webhook(row.secret).verify(*later) == {}
    with pytest.raises(WebhookVerificationError):
        Webhook(former).verify(*later)
    with pytest.raises(WebhookVerificationError):
        Webhook(FORMER).verify(*both)


# --- What is believed (W2) -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behave", "state", "code"),
    [
        (status(200), State.SENT, 200),
        (status(204), State.SENT, 204),
        (status(299), State.SENT, 299),
        (status(301, "Location: http://127.0.0.1/"), State.PENDING, 301),
        (status(304), State.PENDING, 304),
        (status(307, "Location: /hook"), State.PENDING, 307),
        (status(400), State.PENDING, 400),
        (status(404), State.PENDING, 404),
        (status(410), State.DEAD, 410),
        (status(429), State.PENDING, 429),
        (status(500), State.PENDING, 500),
        (status(503), State.PENDING, 503),
        (says(b"nonsense\r\n\r\n"), State.PENDING, None),
        (says(b""), State.PENDING, None),
        (never_ends, State.SENT, 200),
    ],
)
def test_what_becomes_of_a_message(behave: Behaviour, state: str, code: int | None) -> None:
    message, attempt = delivered(behave)
    assert (message.state, attempt.code) == (state, code)
    assert bool(attempt.error) == (state != State.SENT)
    assert len(attempt.response.encode()) <= 4096


def test_a_redirect_is_not_followed() -> None:
    with receiver(says(GOOD)) as elsewhere:
        message, attempt = delivered(status(302, f"Location: {elsewhere.url}"))
        assert elsewhere.visits == 0
    assert "redirects" in attempt.error
    assert message.state == State.PENDING


@pytest.mark.parametrize(
    "behave",
    [is_silent, drips(GOOD * 50), drips(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500)],
    ids=["silent", "a byte at a time", "headers without end"],
)
def test_nobody_waits_longer_than_the_time_there_is(
    behave: Behaviour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "TOTAL_SECONDS", 1.0)
    begun = time.monotonic()
    message, attempt = delivered(behave)
    assert time.monotonic() - begun < 20
    assert (message.state, attempt.code) == (State.PENDING, None)
    assert "within 1 s" in attempt.error


def test_a_late_yes_is_unknown_and_sent_again_with_the_same_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers: list[Behaviour] = [is_silent, says(GOOD)]
    with receiver(lambda visitor: answers.pop(0)(visitor)) as server:
        endpoint(server.url)
        posted()
        with monkeypatch.context() as hurried:
            hurried.setattr(channel, "TOTAL_SECONDS", 2.0)
            dispatch()
        Dispatcher(clock=lambda: timezone.now() + timedelta(minutes=1)).run()
        assert {each.headers["webhook-id"] for each in server.requests} == {"x:1:0"}
        assert len(server.requests) == 2
    assert Message.objects.get().state == State.SENT


def test_bad_tls_fails(tmp_path: Path) -> None:
    with receiver(says(GOOD), tls_with(*certificate(tmp_path))) as server:
        endpoint(server.url)
        posted()
        dispatch()
        assert server.requests == []
    message = Message.objects.get()
    assert message.state == State.PENDING
    assert "CERTIFICATE_VERIFY_FAILED" in message.last_error


@pytest.mark.parametrize(("name", "taken"), [("127.0.0.1", True), ("other.example", False)])
def test_a_certificate_must_be_for_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, taken: bool
) -> None:
    public, private = certificate(tmp_path, name)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with receiver(says(GOOD), tls_with(public, private)) as server:
        endpoint(server.url)
        posted()
        dispatch()
        assert bool(server.requests) is taken
    assert (Message.objects.get().state == State.SENT) is taken


@pytest.mark.parametrize("wait", ["1000000000", "86400", "99999999999999999999"])
def test_a_receiver_is_left_alone_for_a_day_at_most(wait: str) -> None:
    message, attempt = delivered(status(429, f"Retry-After: {wait}"))
    assert attempt.finished is not None
    assert message.next_at - attempt.finished == timedelta(hours=24)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("0", 0), ("-5", 0), ("soon", 0), ("", 0), ("1.5", 0), ("١٢", 0)],
)
def test_it_reads_how_long_to_wait(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


def test_it_reads_until_when_to_wait() -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert 3590 < seconds_of(until) <= 3600
    assert seconds_of("Wed, 21 Oct 2015 07:28:00 GMT") == 0


def test_what_is_refused_three_times_is_flagged() -> None:
    clock = [soon()]
    with receiver(status(422)) as server:
        endpoint(server.url)
        posted()
        flags = []
        for _attempt in range(3):
            Dispatcher(clock=lambda: clock[0]).run()
            flags.append(Message.objects.get().flagged)
            clock[0] += timedelta(hours=1)
        assert server.visits == 3
    assert flags == [False, False, True]


def test_a_body_that_is_too_large_is_not_sent() -> None:
    with receiver(says(GOOD)) as server:
        endpoint(server.url)
        posted("fits", text="x" * (20 * 1024 - len(frozen({**BODY, "text": ""}))))
        posted("large", text="x" * (20 * 1024 - len(frozen({**BODY, "text": ""})) + 1))
        dispatch()
        assert server.visits == 1
    states = dict(Message.objects.values_list("key", "state"))
    assert states == {"fits": State.SENT, "large": State.DEAD}


@pytest.mark.parametrize(
    ("url", "attempts"),
    [
        ("http://127.1:{}/", 0),
        ("http://user@127.0.0.1:{}/", 0),
        ("gopher://127.0.0.1:{}/", 0),
        ("http://127.0.0.2:{}/", 1),
        ("http://[::ffff:127.0.0.2]:{}/", 1),
        ("http://rebound.example.com:{}/", 1),
    ],
)
def test_an_address_inside_is_blocked_and_not_tried_again(
    url: str, attempts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(says(GOOD)) as server:
        # A name that has come to mean something else, or a row from before it was forbidden.
        monkeypatch.setattr(socket, "getaddrinfo", meaning("127.0.0.2", socket.getaddrinfo))
        Endpoint.objects.create(name="zap", url=url.format(server.port))
        posted()
        dispatch()
        later = Dispatcher(clock=lambda: timezone.now() + timedelta(days=2))
        assert later.run() == 0
        assert server.visits == 0
    message = Message.objects.get()
    assert (message.state, message.history.count()) == (State.BLOCKED, attempts)
    assert message.last_error


def meaning(address: str, real: Callable[..., Any]) -> Callable[..., Any]:
    """A resolver to whom every name means this address."""

    def resolve(host: str, *args: Any, **options: Any) -> Any:
        return real(address if host.endswith(".example.com") else host, *args, **options)

    return resolve


# --- Switching off and on (R16) --------------------------------------------------------------


def test_a_receiver_that_is_gone_is_switched_off_at_once(ada: User) -> None:
    message, _attempt = delivered(status(410))
    row = Endpoint.objects.get()
    assert (row.active, "410" in row.disabled_reason) == (False, True)
    dispatch()
    told = Notification.objects.get(user=ada)
    assert "zap" in told.title
    assert told.link == f"/admin/scoring/endpoint/{row.pk}/change/"
    posted("later")
    dispatch()
    later = Message.objects.get(key="later")
    assert (later.state, later.attempts, later.history.count()) == (State.DEAD, 0, 0)


def test_after_120_hours_of_failure_it_is_off_and_a_replay_delivers_everything(ada: User) -> None:
    clock, begun = [soon()], timezone.now()
    answer = [status(500)]
    with receiver(lambda visitor: answer[0](visitor)) as server:
        row = endpoint(server.url)
        number = 0
        while row.active:
            assert clock[0] - begun <= FAILING_MOST + timedelta(hours=8)
            posted(f"x:{number}:0")
            number += 1
            Dispatcher(clock=lambda: clock[0]).run()
            row.refresh_from_db()
            clock[0] += timedelta(hours=6)
        assert row.disabled_at is not None
        assert row.disabled_at - begun >= FAILING_MOST
        for _slice in range(3):
            Dispatcher(clock=lambda: clock[0]).run()
        assert Notification.objects.filter(user=ada).count() == 1
        assert set(Message.objects.filter(channel="webhook").values_list("state", flat=True)) <= {
            State.DEAD,
            State.PENDING,
        }
        answer[0] = says(GOOD)
        row.switch_on()
        server.requests.clear()
        failed = Message.objects.filter(channel="webhook", state=State.DEAD)
        Message.objects.filter(pk__in=failed).send_again((State.DEAD,))
        clock[0] += timedelta(days=2)
        while Dispatcher(clock=lambda: clock[0]).run():
            pass
        assert {each.headers["webhook-id"] for each in server.requests} == {
            f"x:{each}:0" for each in range(number)
        }
    assert set(Message.objects.filter(channel="webhook").values_list("state", flat=True)) == {
        State.SENT
    }
    row.refresh_from_db()
    assert (row.active, row.failing_since) == (True, None)


def test_one_success_begins_the_120_hours_anew() -> None:
    answers = iter([status(500), says(GOOD), status(500)])
    start = soon()
    with receiver(lambda visitor: next(answers)(visitor)) as server:
        row = endpoint(server.url)
        for number, hours in enumerate((0, 119, 121)):
            posted(f"x:{number}:0")
            Message.objects.exclude(key=f"x:{number}:0").update(state=State.DEAD)
            Dispatcher(clock=clock_at(start + timedelta(hours=hours))).run()
    row.refresh_from_db()
    assert row.active
    assert row.failing_since == start + timedelta(hours=121)


def clock_at(at: datetime) -> Callable[[], datetime]:
    return lambda: at


def test_the_body_says_how_the_score_stands() -> None:
    assert json.loads(frozen(BODY)) == BODY

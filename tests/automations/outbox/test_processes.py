"""Several dispatchers at once on one database, and some that are killed at the worst moment."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import pytest
from django.db import connection
from django.utils import timezone

from scoring.automations.outbox.claims import LEASE
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.receivers import Endpoint
from tests.automations.outbox.receiving import GOOD, Receiver, receiver, says

pytestmark = pytest.mark.django_db(transaction=True)
State = Message.State

# The test's own database takes the place of the configured one before anything is imported.
START = """
import os, sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
django.setup()
from tests.automations.outbox.deeds import run
run(*sys.argv[1:])
"""
# Enough on a machine that has much to do; who is through ends at once.
SECONDS = 240


@contextmanager
def dispatcher(failpoints: str = "") -> Iterator["subprocess.Popen[str]"]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "leadscoring.settings",
        "TEST_DATABASE": str(connection.settings_dict["NAME"]),
        "WEBHOOK_ALLOW_PRIVATE_NETS": "127.0.0.1/32",
        "CHAOS_FAILPOINTS": failpoints,
    }
    command = [sys.executable, "-c", START, str(SECONDS)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def all_begin(children: Sequence["subprocess.Popen[str]"]) -> None:
    """At the same moment, once the slowest has started."""
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()


def post(count: int, url: str) -> list[str]:
    for lane in range(4):
        Endpoint.objects.create(name=f"zap {lane}", url=url)
    keys = [f"x:{number}:0" for number in range(count)]
    for number, key in enumerate(keys):
        Message.objects.post(
            key=key, channel="webhook", recipient=f"zap {number % 4}", body={"n": number}
        )
    return keys


def arrived(server: Receiver) -> Counter[str]:
    return Counter(each.headers["webhook-id"] for each in server.requests)


def test_four_dispatchers_send_every_message_once() -> None:
    with receiver(says(GOOD)) as server, ExitStack() as stack:
        keys = post(200, server.url)
        children = [stack.enter_context(dispatcher()) for _child in range(4)]
        all_begin(children)
        counts = [int(child.communicate(timeout=300)[0]) for child in children]
        assert sum(counts) == len(keys)
        assert sum(count > 0 for count in counts) >= 2
        assert arrived(server) == Counter(keys)
    assert set(Message.objects.values_list("state", "attempts")) == {(State.SENT, 1)}


@pytest.mark.parametrize("place", ["dispatch.after_claim", "dispatch.after_send_before_mark"])
def test_nothing_is_lost_with_dispatchers_that_die(place: str) -> None:
    with receiver(says(GOOD)) as server:
        keys = post(12, server.url)
        deaths = 0
        for _round in range(3):
            with dispatcher(f"{place}=kill:0.5") as child:
                all_begin([child])
                child.wait(timeout=300)
                deaths += child.returncode != 0
            expire_leases()
        with dispatcher() as child:
            all_begin([child])
            child.wait(timeout=300)
        assert deaths
        found = arrived(server)
        assert found.keys() == set(keys)
        # Who dies may have had six messages in hand, of four lanes.
        assert sum(found.values()) <= len(keys) + 6 * deaths
        bodies = {(each.headers["webhook-id"], each.body) for each in server.requests}
        assert len(bodies) == len(keys)
    assert set(Message.objects.values_list("state", flat=True)) == {State.SENT}


def expire_leases() -> None:
    """As if their time had passed: nobody alive holds any."""
    held = Message.objects.filter(lease_until__isnull=False)
    assert not held.filter(lease_until__gt=timezone.now() + LEASE).exists()
    held.update(lease_until=timezone.now(), next_at=timezone.now())


def test_a_slow_receiver_is_called_by_two_at_a_time_whoever_dispatches() -> None:
    together: list[int] = []
    under_way: list[int] = []

    def slow(visitor: object) -> None:
        under_way.append(1)
        together.append(len(under_way))
        time.sleep(0.4)
        under_way.pop()
        visitor.sendall(GOOD)  # type: ignore[attr-defined]

    with receiver(slow) as server, ExitStack() as stack:
        Endpoint.objects.create(name="slow", url=server.url)
        for number in range(16):
            Message.objects.post(key=f"{number}", channel="webhook", recipient="slow", body={})
        children = [stack.enter_context(dispatcher()) for _child in range(3)]
        all_begin(children)
        for child in children:
            child.wait(timeout=300)
        assert len(together) >= 2
        assert max(together) == 2

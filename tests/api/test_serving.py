"""Against a real server: many clients at once, and clients that are slow or leave."""

import json
import random
import re
import socket
import time
from collections import Counter
from pathlib import Path

import pytest

from contacts.models import Activity, Contact, Pending
from scoring.api.models import RateWindow
from tests.api.calls import ACTIVITIES, CONTACTS, Caller, Data, caller, secret_of, visit
from tests.api.servers import HOST, at_once, call, server

pytestmark = pytest.mark.django_db(transaction=True)
# The server gives up after 20 seconds; at a byte a second it would otherwise listen for hours.
PATIENCE = 120
BUSY = ("--threads", "8")


@pytest.fixture
def program() -> Caller:
    return caller()


def test_a10_one_batch_from_eight_clients_at_once_is_stored_once(
    tmp_path: Path, program: Caller
) -> None:
    items = [
        visit(f"v-{number}", contact=f"c{number % 7}@x.example", target=f"/{number % 5}")
        for number in range(60)
    ]

    def send(number: int) -> tuple[int, Data]:
        mixed = random.Random(number).sample(items, len(items))
        status, data, _headers = call(port, "POST", ACTIVITIES, mixed, program.headers)
        return status, data

    with server(tmp_path, *BUSY) as port:
        answers = [answer for _round in range(3) for answer in at_once(8, send)]
    assert {status for status, _data in answers} == {200}
    told = Counter(
        (result["external_id"], result["status"])
        for _status, data in answers
        for result in data["results"]
    )
    for item in items:
        assert told[item["external_id"], "created"] == 1
        assert told[item["external_id"], "duplicate"] == len(answers) - 1
    assert Activity.objects.count() == len(items)
    assert Contact.objects.count() == 7
    assert Pending.objects.values("contact").distinct().count() == 7


def test_new_contacts_from_eight_clients_at_once_are_made_once(
    tmp_path: Path, program: Caller
) -> None:
    people: list[Data] = [
        {
            "email": f"c{number}@x.example",
            "company": {"name": f"Company {number % 5}"},
            "tags": [f"tag {number % 3}", f"tag {number % 4}"],
        }
        for number in range(40)
    ]

    def send(number: int) -> tuple[int, Data]:
        mixed = random.Random(number).sample(people, len(people))
        status, data, _headers = call(port, "POST", CONTACTS, mixed, program.headers)
        return status, data

    with server(tmp_path, *BUSY) as port:
        answers = at_once(8, send)
    assert {status for status, _data in answers} == {200}
    told = Counter(result["status"] for _s, data in answers for result in data["results"])
    assert told == {"created": 40, "unchanged": 280}
    assert Contact.objects.count() == 40


def test_a18_of_200_calls_at_once_exactly_as_many_pass_as_are_allowed(tmp_path: Path) -> None:
    program = caller(calls_a_minute=10)

    def read(number: int) -> tuple[int, dict[str, str]]:
        headers = {**program.headers, "X-Forwarded-For": f"10.0.{number}.1"}
        status, _data, told = call(port, "GET", CONTACTS, None, headers)
        return status, told

    with server(tmp_path, *BUSY) as port:
        begun = time.monotonic()
        answers = at_once(200, read)
        # A slow machine may take so long that the next minute's calls are allowed as well.
        minutes = 1 + (time.monotonic() - begun) // 60
    statuses = Counter(status for status, _headers in answers)
    assert statuses.keys() == {200, 429}
    assert 10 <= statuses[200] <= 10 * minutes
    assert all(headers["Retry-After"] for status, headers in answers if status == 429)
    assert RateWindow.objects.get().used <= 10


def test_a17_a_key_in_the_query_is_in_no_log(tmp_path: Path, program: Caller) -> None:
    secret = secret_of(program.text)
    with server(tmp_path, "--access-logfile", "-", LOG_LEVEL="DEBUG") as port:
        status, data, _headers = call(port, "GET", f"{CONTACTS}?key={program.text}")
        assert (status, data["code"]) == (401, "key_in_query")
    log = (tmp_path / "log").read_text()
    assert CONTACTS in log
    assert secret not in log


def raw(body: bytes, length: int, key: str) -> bytes:
    head = [
        f"POST {ACTIVITIES} HTTP/1.1",
        f"Host: {HOST}",
        f"Authorization: Bearer {key}",
        "Content-Type: application/jsonl",
        f"Content-Length: {length}",
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def test_a20_of_a_client_that_leaves_nothing_is_stored(tmp_path: Path, program: Caller) -> None:
    # Whole lines: what has arrived could be stored, and would be half of what was meant.
    body = json.dumps(visit()).encode() + b"\n"
    with server(tmp_path, "--workers", "1", "--threads", "1") as port:
        with socket.create_connection((HOST, port)) as leaving:
            leaving.sendall(raw(body, len(body) + 10, program.text))
        status, _data, _headers = call(port, "GET", CONTACTS, None, program.headers)
    assert status == 200
    assert not Activity.objects.exists()
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.long
@pytest.mark.once
def test_a20_a_client_that_sends_a_byte_a_second_holds_a_thread_for_30_seconds_at_most(
    tmp_path: Path, program: Caller
) -> None:
    body = json.dumps(visit()).encode() + b"\n"
    whole = raw(body, 10_000, program.text)
    with (
        server(tmp_path, "--workers", "1", "--threads", "2") as port,
        socket.create_connection((HOST, port)) as slow_body,
        socket.create_connection((HOST, port)) as slow_headers,
    ):
        start = time.monotonic()
        slow_body.sendall(whole)
        slow_headers.sendall(whole[:30])
        # Both threads are taken: whoever comes now waits.
        with socket.create_connection((HOST, port)) as third:
            head = f"GET /api/v1/nothing HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
            third.sendall(head.encode())
            third.settimeout(0.5)
            answer = b""
            while not answer and time.monotonic() - start < PATIENCE:
                trickle(slow_body, b" ")
                trickle(slow_headers, b"x")
                try:
                    answer = third.recv(1000)
                except TimeoutError:
                    time.sleep(0.5)
        free_after = time.monotonic() - start
        told = until(slow_body, b"incomplete")
    assert answer.startswith(b"HTTP/1.1 404")
    assert 10 < free_after < PATIENCE
    assert re.match(rb"HTTP/1.1 400 ", told)
    assert b"incomplete" in told
    assert not Activity.objects.exists()


def until(connection: socket.socket, wanted: bytes) -> bytes:
    """An answer as far as these words, which may come in several pieces, or to its end."""
    found = b""
    while wanted not in found and (piece := connection.recv(10_000)):
        found += piece
    return found


def trickle(connection: socket.socket, byte: bytes) -> None:
    try:
        connection.send(byte)
    except OSError:  # the server has hung up
        return

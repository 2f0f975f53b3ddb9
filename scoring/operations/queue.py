"""What lies on the queue, as far as it answers; RQ's failed jobs, to look at and to run again."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

from leadscoring.queue import ALLOWED, AllowedJob, HintWorker, connect, hint_queue

# A page waits no longer for a queue that hangs.
PATIENCE: Final = 2.0
SHOWN: Final = 20
TEXT_MOST: Final = 300


@dataclass(frozen=True, slots=True)
class Failed:
    """A job that came to nothing. Its name and reason are whatever somebody put there."""

    id: str
    name: str
    reason: str
    ended_at: datetime | None
    may_run: bool


@dataclass(frozen=True, slots=True)
class Listener:
    """A process that listens for hints."""

    machine: str
    pid: int
    state: str
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueueState:
    queued: int
    running: int
    failed_count: int
    failed: list[Failed]
    listeners: list[Listener]


class QueueAway(Exception):
    """The queue does not answer: nothing can be said or done about it."""


@contextlib.contextmanager
def queue_connection() -> Iterator[Redis]:
    """Raises QueueAway, also where the queue goes away inside."""
    try:
        with contextlib.closing(connect(retries=0, patience=PATIENCE)) as connection:
            yield connection
    except RedisError as error:
        raise QueueAway from error


def queue_state() -> QueueState | None:
    """None where the queue is away."""
    try:
        with queue_connection() as connection:
            return read_state(connection)
    except QueueAway:
        return None


def read_state(connection: Redis) -> QueueState:
    queue = hint_queue(connection)
    registry = registry_of(connection)
    ids = registry.get_job_ids(0, SHOWN - 1, desc=True)
    jobs = AllowedJob.fetch_many(ids, connection=connection, serializer=JSONSerializer)
    workers = HintWorker.all(connection=connection, job_class=AllowedJob, serializer=JSONSerializer)
    return QueueState(
        queued=queue.count,
        running=queue.started_job_registry.get_job_count(cleanup=False),
        failed_count=registry.get_job_count(cleanup=False),
        failed=[failed(job) for job in jobs if job is not None],
        listeners=sorted(
            (
                Listener(
                    worker.hostname or "?",
                    worker.pid or 0,
                    str(worker.get_state()),
                    aware(worker.last_heartbeat),
                )
                for worker in workers
            ),
            key=lambda each: (each.machine, each.pid),
        ),
    )


def registry_of(connection: Redis) -> FailedJobRegistry:
    return FailedJobRegistry(queue=hint_queue(connection), job_class=AllowedJob)


def failed(job: Any) -> Failed:
    names = job_names(job)
    return Failed(
        id=job.id,
        name=names,
        reason=reason_of(job),
        ended_at=aware(job.ended_at),
        may_run=job.func_name in ALLOWED,
    )


def job_names(job: Any) -> str:
    """What a hint is about; of any other job the function that it names."""
    try:
        words = [str(word) for word in job.args]
    except Exception:  # noqa: BLE001 - bytes of a stranger may fail to be read in any way
        words = []
    if job.func_name in ALLOWED and words:
        return words[0][:TEXT_MOST]
    return str(job.func_name)[:TEXT_MOST]


def reason_of(job: Any) -> str:
    """The last line of what was raised."""
    result = job.latest_result()
    lines = [line for line in str(result.exc_string if result else "").splitlines() if line.strip()]
    return lines[-1].strip()[:TEXT_MOST] if lines else ""


def aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def run_again(job_id: str) -> bool:
    """Put a failed job back on the queue; False where it is no failed job of ours any more."""
    with queue_connection() as connection:
        job = fetch(job_id, connection)
        if job is None or job.func_name not in ALLOWED:
            return False
        try:
            registry_of(connection).requeue(job)
        except InvalidJobOperation:
            return False
        return True


def delete(job_id: str) -> bool:
    with queue_connection() as connection:
        job = fetch(job_id, connection)
        if job is None or job_id not in registry_of(connection):
            return False
        job.delete()
        return True


def fetch(job_id: str, connection: Redis) -> Job | None:
    try:
        found = AllowedJob.fetch(job_id, connection=connection, serializer=JSONSerializer)
    except NoSuchJobError:
        return None
    return found

"""The queue: what may run on it, the worker's settings, and hints.

A hint says "there may be work of this kind in the database". Everything that must happen is a
row there; a hint that is lost costs seconds, not work (contacts/chores.py).
"""

import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import django_rq
from django.conf import settings
from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

logger = logging.getLogger(__name__)

# The only functions that a job may name. Their arguments are ids and names, never code.
ALLOWED = frozenset({"contacts.chores.work_on_hint"})

QUEUE_NAME = "default"
HINT_KEY = "leadscoring:hint:{}"
# A hint that was taken away with its queue or worker is given again after this time.
HINT_SECONDS = 60
# After a failure nobody tries for this long: an import must not wait for a dead server
# once a row.
QUIET_SECONDS = 30.0


class NotAllowed(Exception):
    """Somebody put a job on the queue that this program never puts there."""


class AllowedJob(Job):
    """A job that runs nothing but the functions in ALLOWED, and no callback.

    RQ imports and calls whatever a job names, so without this who can write to the queue can
    run any function of the installation.
    """

    @property
    def func(self) -> Callable[..., Any]:
        if self.func_name not in ALLOWED or self.instance is not None:
            raise NotAllowed(f"Job {self.id!r} names {self.func_name!r}, which may not run.")
        function: Callable[..., Any] = super().func
        return function

    @property
    def success_callback(self) -> None:
        self._refuse_callback(self._success_callback_name)

    @property
    def failure_callback(self) -> None:
        self._refuse_callback(self._failure_callback_name)

    @property
    def stopped_callback(self) -> None:
        self._refuse_callback(self._stopped_callback_name)

    def _refuse_callback(self, name: str | None) -> None:
        # Logged, not raised: RQ asks for them while it settles a job, and must be able to.
        if name:
            logger.error("Job %s names the callback %s, which may not run.", self.id, name)

    def send_webhooks(self, status: Any, *, exc_string: str | None = None) -> None:
        """Sends nothing: RQ's webhooks filter no address."""


class HintWorker(Worker):
    """RQ's worker with times that find a dead one within two minutes (RQ's own: fourteen).

    It is the child of `manage.py worker`; when that one is gone, it stops too.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        times = {"worker_ttl": 60, "maintenance_interval": 30, "job_monitoring_interval": 10}
        super().__init__(*args, **{**kwargs, **times})
        self.parent = os.getppid()

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        super().heartbeat(timeout, pipeline)
        if not self.is_horse and os.getppid() != self.parent:
            os.kill(os.getpid(), signal.SIGTERM)


def connect(retries: int = 3, patience: float | None = None) -> Redis:
    """A connection to the queue's server; nothing is sent before its first use.

    ``patience``: after so many seconds without an answer it gives up. A worker has none, for
    it waits for hints.
    """
    return Redis.from_url(
        str(settings.RQ_QUEUES[QUEUE_NAME]["URL"]),
        socket_connect_timeout=2,
        socket_timeout=patience,
        retry=Retry(ExponentialBackoff(), retries),
    )


def answers() -> bool:
    with contextlib.closing(connect(retries=0, patience=2)) as connection:
        try:
            return bool(connection.ping())
        except RedisError:
            return False


def hint_queue(connection: Redis) -> Queue:
    return django_rq.get_queue(QUEUE_NAME, connection=connection)


def hint_worker(connection: Redis, killed: Callable[..., None] | None = None) -> HintWorker:
    """``killed`` is called with the job and the process id where a job's process was killed."""
    return HintWorker(
        [hint_queue(connection)],
        connection=connection,
        job_class=AllowedJob,
        serializer=JSONSerializer,
        work_horse_killed_handler=killed,
    )


def no_worker_runs() -> bool:
    """Whether the embedded queue is not even started: normal on one machine, and no alarm."""
    return bool(settings.QUEUE_IS_EMBEDDED) and not settings.QUEUE_SOCKET.exists()


class Hints:
    """Gives and takes hints."""

    def __init__(self, connection: Redis) -> None:
        self.connection = connection
        self.quiet_until = 0.0

    def give(self, name: str) -> bool:
        """Whether a hint now lies on the queue; never raises where the queue is away."""
        if time.monotonic() < self.quiet_until:
            return False
        try:
            # One waiting hint of a name is enough. RQ's own unique jobs stay "taken" while one
            # runs: work that arrives behind its back would find no hint.
            if self.connection.set(HINT_KEY.format(name), "1", nx=True, ex=HINT_SECONDS):
                hint_queue(self.connection).enqueue(
                    "contacts.chores.work_on_hint", name, result_ttl=0, failure_ttl=24 * 3600
                )
        except RedisError as error:
            self.quiet_until = time.monotonic() + QUIET_SECONDS
            logger.log(
                logging.DEBUG if no_worker_runs() else logging.WARNING,
                "The queue is away; the worker finds %s in the database: %s",
                name,
                error,
            )
            return False
        return True

    def take(self, name: str) -> None:
        """To be called before looking for work, so that what comes later is hinted at again."""
        self.connection.delete(HINT_KEY.format(name))


# Without retries, and not for long: who gives a hint is answering a person, and a server that
# was stopped still takes connections.
hints = Hints(connect(retries=0, patience=1))

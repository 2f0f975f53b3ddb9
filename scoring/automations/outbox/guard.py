"""What a library may do while it sends for us: where it may connect to, and for how long.

Apprise has 170 services, each with its own way to the network, and SMTP is Python's. So the
check sits where all of them must pass: an audit hook sees every address that this process is
about to dial, names long resolved, and may refuse it. It does nothing unless ``watched`` is on
in the context of the caller, which Apprise's own threads inherit.
"""

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from typing import Any, Final

from scoring.automations.outbox.addresses import Refused, check_public

CALLS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
# Nothing that is sent needs another program.
PROGRAMS: Final = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"})


class Deadline:
    """Ends every connection that it watches after some seconds of wall time.

    A time-out of a socket begins anew with each byte that a slow receiver sends. Here the
    connection is shut down from outside; the handle of its own makes that safe under TLS.
    """

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.expired = False
        self.handles: list[socket.socket] = []
        self.lock = threading.Lock()
        self.timer = threading.Timer(seconds, self.expire)
        self.timer.daemon = True

    @property
    def left(self) -> float:
        """Seconds, never none: a time-out of 0 would mean something else to a socket."""
        return max(self.until - time.monotonic(), 0.01)

    def watch(self, connection: socket.socket) -> None:
        handle = socket.socket(fileno=os.dup(connection.fileno()))
        with self.lock:
            self.handles.append(handle)
            if self.expired:
                self.shut_down()

    def expire(self) -> None:
        with self.lock:
            self.expired = True
            self.shut_down()

    def shut_down(self) -> None:
        for handle in self.handles:
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> "Deadline":
        self.timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.timer.cancel()
        with self.lock:
            for handle in self.handles:
                handle.close()
            self.handles.clear()


class Watch:
    """``checked``: whether the receiver is somebody's choice, and not the operator's own."""

    def __init__(self, deadline: Deadline, checked: bool) -> None:
        self.deadline = deadline
        self.checked = checked
        self.refused: list[str] = []

    def about_to_call(self, connection: socket.socket, address: Any) -> None:
        """Raises Refused."""
        if self.checked:
            try:
                self.check(connection, address)
            except Refused as refused:
                self.refused.append(str(refused))
                # Libraries close what failed with an OSError, which this is not: an OSError
                # would have them try the next address.
                connection.close()
                raise
        self.deadline.watch(connection)

    def check(self, connection: socket.socket, address: Any) -> None:
        if connection.family not in (socket.AF_INET, socket.AF_INET6) or not address:
            raise Refused("It may call internet addresses only.")
        host = str(address[0])
        try:
            check_public(host, host)
        except ValueError as error:
            # A name that is not resolved yet could be anything by the time it is.
            raise Refused(f"{host} was not resolved before it was called.") from error


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


def hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in CALLS and event not in PROGRAMS:
        return
    watch = _watch.get()
    if watch is None:
        return
    if event in CALLS:
        # Without an address the datagram goes where the socket is connected to already.
        if arguments[1] is not None:
            watch.about_to_call(arguments[0], arguments[1])
    elif watch.checked:
        watch.refused.append(event)
        raise Refused("It may start no other program.")


@cache
def install() -> None:
    """For the rest of this process: an audit hook cannot be taken away again."""
    sys.addaudithook(hook)
    # A proxy would be dialled in place of the receiver, who would go unchecked.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"


@contextmanager
def watched(seconds: float, *, checked: bool) -> Iterator[Watch]:
    """Have connections that are made inside end in time and, if so wanted, be checked."""
    install()
    with Deadline(seconds) as deadline:
        watch = Watch(deadline, checked)
        token = _watch.set(watch)
        try:
            yield watch
        finally:
            _watch.reset(token)

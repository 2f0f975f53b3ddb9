"""An end for clients that are slow in saying what they want.

A time-out of a socket begins anew with every byte, so a byte now and then would keep a
thread of the server for as long as the client likes.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Final

SECONDS: Final = 20.0


def deadline(connection: socket.socket) -> Timer:
    """Started: after so many seconds nothing more is read, until which it can be cancelled."""
    timer = Timer(SECONDS, stop_reading, [connection])
    timer.daemon = True
    timer.start()
    return timer


def stop_reading(connection: socket.socket) -> None:
    """End what can be read from a client; whoever waits for more of it wakes up."""
    try:
        connection.shutdown(socket.SHUT_RD)
    except OSError:  # it is gone
        return


@contextmanager
def patience(connection: socket.socket | None) -> Iterator[None]:
    """Reading inside comes to an end; without a limit where the server names no connection."""
    timer = None if connection is None else deadline(connection)
    try:
        yield
    finally:
        if timer:
            timer.cancel()

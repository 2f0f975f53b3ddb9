"""A worker process tells the database that it lives, in a thread of its own."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from contacts.models.workers import BEAT_EVERY, WorkerProcess

logger = logging.getLogger(__name__)


@contextmanager
def heartbeat(kind: str, *, jobs_only: bool = False) -> Iterator[None]:
    """While inside, the process is known to be alive; afterwards, to have ended in order."""
    end = threading.Event()
    thread = threading.Thread(target=beat, args=(kind, jobs_only, end), daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join(5)


def beat(kind: str, jobs_only: bool, end: threading.Event) -> None:
    heard = True
    while True:
        ending = end.is_set()
        try:
            close_old_connections()
            if ending:
                WorkerProcess.objects.leave(kind)
            else:
                WorkerProcess.objects.beat(kind, os.getpid(), jobs_only=jobs_only)
                WorkerProcess.objects.forget_old(timezone.now())
            heard = True
        except (DatabaseError, InterfaceError) as error:
            if heard:
                logger.warning("The database does not hear that this worker lives: %s", error)
            heard = False
        if ending:
            connection.close()
            return
        end.wait(BEAT_EVERY.total_seconds())


def note_death(kind: str, pid: int) -> None:
    """Note that a child died; where the database is away, its silence says the same."""
    try:
        close_old_connections()
        WorkerProcess.objects.note_death(kind, pid)
    except (DatabaseError, InterfaceError) as error:
        logger.warning("The database does not hear that process %d died: %s", pid, error)

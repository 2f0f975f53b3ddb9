"""manage.py worker: the background processes of an installation; run as many as you like."""

import argparse
import logging
import os
import signal
import threading
import time
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection, connections
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.chores import CHORES, Timetable, drain, leave_out_local
from contacts.heartbeat import heartbeat, note_death
from contacts.management.base import TranslatedCommand
from contacts.models.workers import WorkerProcess
from leadscoring.embedded import EmbeddedQueue
from leadscoring.processes import Child
from leadscoring.queue import answers, connect, hint_worker

logger = logging.getLogger(__name__)

# How often a worker looks after its children and its queue, in seconds.
LOOK_AFTER: Final = 5.0
MOST_WORKERS: Final = 64
Kind = WorkerProcess.Kind


class QueueWatch:
    """Whether a queue is there; says so when that changes."""

    def __init__(self) -> None:
        self.found = True

    def __call__(self) -> bool:
        found = answers()
        if found != self.found:
            logger.info("Hints are heard." if found else "No queue: looking by itself only.")
        self.found = found
        return found


class Command(TranslatedCommand):
    help = gettext_lazy(
        "Do the background work: what is due in the database, sooner where the queue hints."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help=_("Do everything that is due now, then stop.")
        )
        parser.add_argument(
            "--workers",
            type=number_of_workers,
            default=1 if connection.vendor == "sqlite" else 2,
            metavar="N",
            help=_("How many processes work side by side: 2, and 1 on SQLite."),
        )
        parser.add_argument(
            "--jobs-only",
            action="store_true",
            help=_("Join in from another machine: do what needs no file of the first one."),
        )
        # For the processes that the command starts itself.
        parser.add_argument("--hints", action="store_true", help=argparse.SUPPRESS)
        parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *args: Any, workers: int, jobs_only: bool, **options: Any) -> None:
        if jobs_only:
            refuse_what_is_on_one_machine()
            leave_out_local()
        if options["once"]:
            done = drain()
            self.stdout.write(_("Done: %(count)d.") % {"count": done})
        elif options["hints"]:
            listen()
        elif options["child"]:
            Worker(jobs_only, parent=os.getppid()).run(stop_event())
        else:
            self.work(workers, jobs_only)

    def work(self, workers: int, jobs_only: bool) -> None:
        stop = stop_event()
        self.stdout.write(_("The worker is ready."))
        if workers == 1:
            Worker(jobs_only).run(stop)
        else:
            supervise(workers, jobs_only, stop)
        self.stdout.write(_("The worker has stopped."))


def number_of_workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_WORKERS:
        message = _("a whole number from 1 to %(most)d") % {"most": MOST_WORKERS}
        raise argparse.ArgumentTypeError(message)
    return int(text)


def refuse_what_is_on_one_machine() -> None:
    if connection.vendor == "sqlite":
        raise CommandError(
            _("--jobs-only needs a database that other machines reach: set DATABASE_URL.")
        )
    if settings.QUEUE_IS_EMBEDDED:
        raise CommandError(
            _("--jobs-only needs a queue that other machines reach: set REDIS_URL, here and there.")
        )


def stop_event() -> threading.Event:
    """Set when somebody asks this process to stop."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    return stop


def listen() -> None:
    """Work on hints until somebody asks to stop."""

    def killed(job: Any, pid: int, *status: Any) -> None:
        note_death(Kind.JOB, pid)
        connections.close_all()

    # This process forks for each job, and a database connection cannot be shared.
    connections.close_all()
    hint_worker(connect(), killed).work(logging_level=settings.LOG_LEVEL)


def supervise(workers: int, jobs_only: bool, stop: threading.Event) -> None:
    """Keep so many workers alive, each a process with a process for hints of its own."""
    options = ["--child", *(["--jobs-only"] if jobs_only else [])]
    children = [Child(*options, died=partial(note_death, Kind.LOOP)) for _ in range(workers)]
    try:
        while not stop.is_set():
            for child in children:
                child.ensure()
            stop.wait(1)
    finally:
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop()


class Worker:
    """Does chores when they are due, and keeps a process that does them on a hint."""

    def __init__(self, jobs_only: bool, parent: int | None = None) -> None:
        self.jobs_only = jobs_only
        self.parent = parent
        options = ["--hints", *(["--jobs-only"] if jobs_only else [])]
        self.child = Child(*options, wanted=QueueWatch(), died=partial(note_death, Kind.HINTS))
        self.queue = (
            EmbeddedQueue(settings.QUEUE_SOCKET, Path(settings.VAR_DIR) / "queue")
            if settings.QUEUE_IS_EMBEDDED
            else None
        )

    def run(self, stop: threading.Event) -> None:
        try:
            with heartbeat(Kind.LOOP, jobs_only=self.jobs_only):
                self.loop(stop)
        finally:
            self.child.stop()
            if self.queue is not None:
                self.queue.stop_if_last()

    def loop(self, stop: threading.Event) -> None:
        timetable = Timetable(CHORES, time.monotonic())
        look_after = 0.0
        while not stop.is_set() and not self.is_orphan():
            if time.monotonic() >= look_after:
                self.look_after()
                look_after = time.monotonic() + LOOK_AFTER
            for chore in timetable.due(time.monotonic()):
                if stop.is_set():
                    break
                timetable.run(chore)
            stop.wait(timetable.wait(time.monotonic(), most=LOOK_AFTER))

    def look_after(self) -> None:
        if self.queue is None or self.queue.ensure():
            self.child.ensure()

    def is_orphan(self) -> bool:
        """Whether who started this process is gone: nobody would stop or replace it."""
        return self.parent is not None and os.getppid() != self.parent

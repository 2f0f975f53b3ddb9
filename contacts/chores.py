"""Chores: kinds of work that lie in the database until somebody does them.

A chore is a function that looks for due rows, does some of them for half a minute at most, and
returns how many it did; 0 means nothing is due. Several workers may run the same chore at the
same time, and a chore may be killed anywhere: it must claim its rows (SKIP LOCKED, or an update
whose row count tells who was first).

The database holds the truth, the queue is a hint: `wake` only makes a worker look sooner than it
would by itself. A chore is registered where the module that defines it is imported; every app's
`jobs.py` imports its own.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from django.db import close_old_connections, transaction
from django_stubs_ext import StrOrPromise

from leadscoring.queue import hints

logger = logging.getLogger(__name__)

Work = Callable[[], int]
# The chore that makes the scores of pending contacts anew. Named here, for what marks them
# wakes it, and must not know who does it.
PENDING: Final = "pending"
# How long one job goes on; below the queue's time limit of 120 seconds by a whole slice.
HINT_BUDGET = 60.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits, and since when the oldest of it does."""

    count: int
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Chore:
    """`every`: seconds after which a worker looks for work without a hint.

    A `local` one needs files of the machine where the site runs. `title` names its work for
    people, and `backlog` says how much of it there is.
    """

    name: str
    every: float
    work: Work
    local: bool = False
    title: StrOrPromise = ""
    backlog: Callable[[], Backlog] | None = None

    def run(self) -> int:
        """One slice, on a database connection that is known to be alive."""
        close_old_connections()
        try:
            return self.work()
        finally:
            close_old_connections()


CHORES: dict[str, Chore] = {}


def chore(
    name: str,
    *,
    every: float,
    local: bool = False,
    title: StrOrPromise = "",
    backlog: Callable[[], Backlog] | None = None,
) -> Callable[[Work], Work]:
    def register(work: Work) -> Work:
        if name in CHORES:
            raise ValueError(f"Two chores are called {name!r}.")
        CHORES[name] = Chore(name, every, work, local, title, backlog)
        return work

    return register


def leave_out_local() -> None:
    """On another machine: do not even try what needs files of the first one."""
    for name in [name for name, each in CHORES.items() if each.local]:
        del CHORES[name]


def wake(name: str) -> None:
    """Have a worker look for work of this kind as soon as the transaction has committed.

    Costs the caller at most two seconds every half a minute where the queue is away, and
    never an error.
    """
    transaction.on_commit(partial(hints.give, name), robust=True)


def work_on_hint(name: str) -> None:
    """What a job on the queue does; the only function that one may name."""
    if name not in CHORES:
        return  # The machine that can do it looks for it by itself.
    hints.take(name)
    until = time.monotonic() + HINT_BUDGET
    while CHORES[name].run():
        if time.monotonic() > until:
            hints.give(name)
            return


def drain() -> int:
    """Run every chore until none has anything due; returns how much was done."""
    done = 0
    while more := sum(each.run() for each in list(CHORES.values())):
        done += more
    return done


class Timetable:
    """When each chore is to be looked at next, in seconds of a monotonic clock."""

    def __init__(self, chores: dict[str, Chore], now: float) -> None:
        self.chores = chores
        self.next = dict.fromkeys(chores, now)

    def due(self, now: float) -> list[Chore]:
        return [self.chores[name] for name, at in self.next.items() if at <= now]

    def wait(self, now: float, most: float) -> float:
        return max(0.0, min([at - now for at in self.next.values()] + [most]))

    def run(self, chore: Chore, clock: Callable[[], float] = time.monotonic) -> None:
        """Run one slice; a chore that fails is reported and waits, the others go on."""
        try:
            done = chore.run()
        except Exception:  # noqa: BLE001 - one broken chore must not stop the others
            logger.exception("The chore %s failed.", chore.name)
            done = 0
        self.next[chore.name] = clock() + (0.0 if done else chore.every)

"""Failpoints: named places where a process can be made to die, wait or fail, for tests.

CHAOS_FAILPOINTS="refresh.after_lock=kill:0.1,dispatch.after_claim=sleep:5,..." arms them:
`kill:P` and `raise:P` with a probability, `sleep:SECONDS` always or, as `sleep:SECONDS:P`,
with a probability. Without the variable a failpoint costs a look into an empty dictionary.
"""

import logging
import os
import random
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

logger = logging.getLogger(__name__)

NAMES: Final = frozenset(
    {
        "refresh.after_lock",
        "refresh.after_history",
        "refresh.before_commit",
        "refresh.after_commit_before_hint",
        "dispatch.after_claim",
        "dispatch.after_send_before_mark",
        "ingest.before_commit",
        "ingest.after_commit_before_response",
        "import.row_n",
        "sequence.before_commit",
        "escalation.before_commit",
        "merge.before_commit",
        "erasing.before_commit",
    }
)
ALLOWED: Final = "failpoints as in refresh.after_lock=kill:0.1,dispatch.after_claim=sleep:5"
# Not `random` itself: every job of a worker is a fork of it and would draw the same number.
CHANCE: Final = random.SystemRandom()


class FailpointHit(Exception):
    """What an armed failpoint raises."""


@dataclass(frozen=True, slots=True)
class Fault:
    action: str
    chance: float = 1.0
    seconds: float = 0.0

    def happen(self, name: str) -> None:
        if CHANCE.random() >= self.chance:
            return
        logger.warning("Failpoint %s: %s.", name, self.action)
        if self.action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.action == "raise":
            raise FailpointHit(name)
        else:
            time.sleep(self.seconds)


def failpoint(name: str) -> None:
    """Do nothing here, unless a test has armed this place."""
    if settings.CHAOS_FAILPOINTS and (fault := settings.CHAOS_FAILPOINTS.get(name)):
        fault.happen(name)


def read_failpoints(text: str, *, production: bool, permitted: bool) -> Mapping[str, Fault]:
    """The faults by name; in production none, unless CHAOS_OK permits them."""
    if text and production and not permitted:
        raise ImproperlyConfigured(
            "CHAOS_FAILPOINTS is set, which kills processes on purpose; with "
            "ENVIRONMENT=production it needs CHAOS_OK=1 as well."
        )
    return dict(read_failpoint(item.strip()) for item in text.split(",")) if text else {}


def read_failpoint(item: str) -> tuple[str, Fault]:
    name, _equals, what = item.partition("=")
    action, *words = what.split(":")
    try:
        numbers = [float(word) for word in words]
    except ValueError as error:
        raise wrong(item) from error
    if name not in NAMES or not all(0 <= number <= 3600 for number in numbers):
        raise wrong(item)
    if action in ("kill", "raise") and len(numbers) == 1 and numbers[0] <= 1:
        return name, Fault(action, chance=numbers[0])
    if action == "sleep" and (len(numbers) == 1 or (len(numbers) == 2 and numbers[1] <= 1)):
        return name, Fault(action, seconds=numbers[0], chance=[*numbers, 1.0][1])
    raise wrong(item)


def wrong(item: str) -> ImproperlyConfigured:
    names = ", ".join(sorted(NAMES))
    return ImproperlyConfigured(
        f"CHAOS_FAILPOINTS holds {item!r}; it must be {ALLOWED}. The names are: {names}."
    )

"""What must have crossed, told from the history of scores alone.

Written from docs and not from the code of automations: two who make the same mistake would
agree. One trigger: a level that is passed upwards or downwards; it goes off once, and again
only when the total has gone back past the exit.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Watch:
    """A level: from ``at`` on (or below it where not ``up``), armed again past ``exit``."""

    name: str
    at: int
    exit: int
    up: bool = True

    def is_past(self, total: int | None) -> bool:
        total = 0 if total is None else total
        return total >= self.at if self.up else total < self.at

    def is_back(self, total: int) -> bool:
        return total < self.exit if self.up else total >= self.exit


@dataclass(frozen=True)
class Step:
    """One row of the history of one contact, in the order of revisions."""

    revision: int
    before: int | None
    total: int


def crossings(watch: Watch, steps: Iterable[Step]) -> list[int]:
    """The revisions at which the watch goes off."""
    found: list[int] = []
    armed = False
    for step in steps:
        # Until it has gone off once, it is ready for whoever has not got there yet.
        if not found:
            armed = not watch.is_past(step.before)
        elif not armed and watch.is_back(step.before or 0):
            armed = True
        if watch.is_past(step.total):
            if armed and not watch.is_past(step.before):
                found.append(step.revision)
            armed = False
        elif watch.is_back(step.total):
            armed = True
    return found

"""Child processes of `manage.py worker` that are started again when they die."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Final

from django.conf import settings

# A child that has not stopped after this time is killed: its chores are safe against that.
STOP_SECONDS: Final = 40.0
# A child that dies soon after its start is started again ever later, at most after this time.
LONGEST_PAUSE: Final = 30.0
SOON: Final = 10.0


def always() -> bool:
    return True


def note_nothing(pid: int) -> None:
    """For children whose death nobody needs to know of."""


class Child:
    """`manage.py worker` with these options, kept alive as long as ``wanted`` says so."""

    def __init__(
        self,
        *options: str,
        wanted: Callable[[], bool] = always,
        died: Callable[[int], None] = note_nothing,
    ) -> None:
        self.options = options
        self.wanted = wanted
        self.died = died
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.pause = 0.0

    def ensure(self) -> None:
        """Start it, unless it lives or was started a moment ago."""
        if self.process is not None:
            if self.process.poll() is None:
                return
            self.bury(self.process)
        if time.monotonic() >= self.started_at + self.pause and self.wanted():
            self.start()

    def bury(self, process: subprocess.Popen[bytes]) -> None:
        lived = time.monotonic() - self.started_at
        self.pause = min(max(1.0, self.pause * 2), LONGEST_PAUSE) if lived < SOON else 0.0
        self.process = None
        if process.returncode:
            self.died(process.pid)

    def start(self) -> None:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker", *self.options]
        # macOS ends a forked process that uses its frameworks; RQ forks for each job.
        environment = os.environ | {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"}
        # A session of its own: Ctrl-C reaches the parent only, which then stops the child.
        self.process = subprocess.Popen(  # noqa: S603 - this very program
            command, env=environment, start_new_session=True
        )
        self.started_at = time.monotonic()

    def ask_to_stop(self) -> None:
        if self.process is not None:
            self.process.terminate()

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

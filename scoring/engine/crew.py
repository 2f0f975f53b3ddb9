"""Several processes that do one recompute together."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from scoring.engine.models import Recompute
from scoring.engine.recompute import finish, work_one


def work_together(recompute: Recompute, processes: int) -> Iterator[int]:
    """Do a recompute in this and ``processes - 1`` more; how many blocks are done so far.

    What a process that died leaves is done by this one.
    """
    with helpers(recompute, processes - 1) as started:
        yield from blocks_done(recompute)
        for helper in started:
            helper.wait()
    yield from blocks_done(recompute)
    finish(recompute)


def blocks_done(recompute: Recompute) -> Iterator[int]:
    """Do the blocks that nobody else is doing, one by one."""
    while work_one(recompute) is not None:
        yield recompute.ranges.filter(done_at__isnull=False).count()


@contextmanager
def helpers(recompute: Recompute, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that join the recompute; stopped where this one is."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "recompute"]
    started = [
        subprocess.Popen([*command, "--join", str(recompute.pk)])  # noqa: S603 - this program
        for _number in range(count)
    ]
    try:
        yield started
    finally:
        for helper in started:
            helper.terminate()
            helper.wait()

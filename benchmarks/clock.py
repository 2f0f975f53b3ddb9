"""Time and memory of what is measured."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

SELF = Path("/proc/self")


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, and of work: this process and its server process (None: not known).

    On a machine that others use too the clock says little, and the work is still comparable.
    """

    wall: float
    cpu: float | None


def server_process() -> int | None:
    """The server's process for this connection, where it is on this machine."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = int(cursor.fetchone()[0])
    return pid if Path(f"/proc/{pid}/stat").is_file() else None


def cpu_seconds() -> float | None:
    own = time.process_time()
    if connection.vendor != "postgresql":
        return own
    pid = server_process()
    if pid is None:
        return None
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return own + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spent(work: Callable[[], Any]) -> Spent:
    cpu, wall = cpu_seconds(), time.perf_counter()
    work()
    elapsed = time.perf_counter() - wall
    after = cpu_seconds()
    return Spent(elapsed, after - cpu if after is not None and cpu is not None else None)


def forget_peak() -> None:
    """Start the measure of the memory's peak over, where the system can."""
    if os.access(SELF / "clear_refs", os.W_OK):
        (SELF / "clear_refs").write_text("5")


def peak_megabytes() -> float | None:
    """The most memory that this process had since ``forget_peak``; None where it is not told."""
    if not (SELF / "status").is_file():
        return None
    lines = (SELF / "status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

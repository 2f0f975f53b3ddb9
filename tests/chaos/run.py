"""python -m tests.chaos.run: crash a whole installation on purpose, and look what is left.

Ends with 1 where something does not hold, or where the broken build is not found out.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

from tests.chaos.scenarios import SCENARIOS, USUAL
from tests.chaos.stage import Stage

T = TypeVar("T")

SENDERS = 3


@dataclass
class Report:
    """What one scenario has seen; counts are those since the scenario began."""

    scenario: str
    kills: int = 0
    activities: int = 0
    crossings: int = 0
    tasks: int = 0
    sends: int = 0
    duplicates: int = 0
    recovery_seconds: float = 0.0
    broken: list[str] = field(default_factory=list)

    def line(self) -> str:
        verdict = "holds" if not self.broken else "BROKEN: " + "; ".join(self.broken)
        return (
            f"{self.scenario:11} {self.kills:5} kills {self.activities:7} activities"
            f" {self.crossings:6} crossings {self.tasks:6} tasks {self.sends:6} sends"
            f" {self.duplicates:4} duplicates {self.recovery_seconds:6.1f} s to recover  {verdict}"
        )


class Run:
    def __init__(self, stage: Stage, pace: float) -> None:
        self.stage = stage
        self.pace = pace

    def prepare(self) -> None:
        self.stage.start()
        # Only now, for they need a Django that knows its database.
        from tests.chaos import invariants, load, world  # noqa: PLC0415

        self.invariants, self.world = invariants, world
        key = world.build(self.stage.receiver.url)
        self.senders = [
            load.Load(self.stage.port, key, self.stage.seed, n, self.stage.folder, self.pace)
            for n in range(SENDERS)
        ]
        for sender in self.senders:
            sender.start()

    def counts(self) -> dict[str, int]:
        from contacts.models import Task  # noqa: PLC0415
        from scoring.automations.models import Crossing  # noqa: PLC0415

        sends = self.stage.receiver.count()
        return {
            "kills": self.stage.kills(),
            "activities": sum(len(sender.acknowledged) for sender in self.senders),
            "crossings": self.patiently(Crossing.objects.count),
            "tasks": self.patiently(Task.objects.count),
            "sends": sends,
            "duplicates": sends - len(self.stage.receiver.bodies),
        }

    def patiently(self, ask: Callable[[], T]) -> T:
        """An answer of a database that may just have been restarted."""
        from django.db import Error, connection  # noqa: PLC0415

        for _ in range(30):
            try:
                return ask()
            except Error:
                connection.close()
                time.sleep(1)
        return ask()

    def scenario(self, name: str, seconds: float) -> Report:
        """Faults for so long, then none, until all is quiet; and what holds then."""
        stage = self.stage
        if name == "broken":
            self.world.take_out_unique_keys()
        before = self.counts()
        stage.begin(SCENARIOS[name].environment)
        for sender in self.senders:
            sender.go_on()
        stage.do(name, seconds)
        ended = time.monotonic()
        if SCENARIOS[name].environment:
            stage.programs.stop()
            quiet = {"CHAOS_FAILPOINTS": ""}
            stage.programs.start(**{**SCENARIOS[name].environment, **quiet})
        report = Report(name)
        late = self.quiet(SCENARIOS[name].patience)
        # To be slow is no proof that a build is broken.
        report.broken += late if name != "broken" else []
        report.recovery_seconds = round(time.monotonic() - ended, 1)
        acknowledged = [one for sender in self.senders for one in sender.acknowledged]
        report.broken += self.patiently(
            lambda: self.invariants.broken(acknowledged, lambda: dict(stage.receiver.bodies))
        )
        report.broken += [f"answered {bad}" for sender in self.senders for bad in sender.bad[:2]]
        for name_of, count in self.counts().items():
            setattr(report, name_of, count - before[name_of])
        stage.programs.stop()
        return report

    def quiet(self, patience: float) -> list[str]:
        """Wait, with the senders silent, until nothing is left to do; empty where that came."""
        for sender in self.senders:
            sender.hold()
        until = time.monotonic() + patience
        while waiting := self.patiently(self.invariants.waits):
            if time.monotonic() > until:
                return [f"after {patience:.0f} s there still wait {waiting}"]
            time.sleep(0.5)
        return []


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=["pg", "sqlite"], required=True)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenario", default=",".join(USUAL), metavar="LIST")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pace", type=float, default=0.25, help="seconds between two batches")
    parser.add_argument("--quick", action="store_true", help="short leases")
    parser.add_argument("--keep", action="store_true", help="do not delete the folder")
    chosen = parser.parse_args(words)
    names = chosen.scenario.split(",")
    if unknown := set(names) - SCENARIOS.keys():
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    if chosen.db == "sqlite":
        names = [name for name in names if name != "postgresql"]
    if "broken" in names[:-1]:
        parser.error("nothing holds after the broken build: it comes last")
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    stage = Stage(folder, chosen.db, chosen.seed, chosen.quick)
    run = Run(stage, chosen.pace)
    reports: list[Report] = []
    try:
        run.prepare()
        shares = sum(SCENARIOS[name].share for name in names)
        for name in names:
            seconds = chosen.minutes * 60 * SCENARIOS[name].share / shares
            reports.append(run.scenario(name, seconds))
            sys.stdout.write(f"{reports[-1].line()}\n")
            sys.stdout.flush()
    finally:
        stage.stop()
        if chosen.json:
            found = {"db": chosen.db, "seed": chosen.seed, "reports": [asdict(r) for r in reports]}
            chosen.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
        if not chosen.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return int(any(bool(report.broken) != (report.scenario == "broken") for report in reports))


if __name__ == "__main__":
    sys.exit(main())

"""What is done to an installation in each scenario: the same seed makes the same plan."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from tests.chaos.programs import send

if TYPE_CHECKING:
    from tests.chaos.stage import Stage

Deed = Callable[["Stage"], None]
FAILPOINTS = (
    *("refresh.after_lock", "refresh.after_history", "refresh.before_commit"),
    *("refresh.after_commit_before_hint", "dispatch.after_claim"),
    *("dispatch.after_send_before_mark", "ingest.before_commit"),
    "ingest.after_commit_before_response",
)


LOOK_FOR = 1.0
ONCE_SECONDS = 30.0


def kill(*kinds: str) -> Deed:
    """One process of each of these kinds."""

    def do(stage: "Stage") -> None:
        for kind in kinds:
            # A horse lives for as long as its job: some tenths of a second.
            until = time.monotonic() + LOOK_FOR
            while not (found := stage.programs.found(kind)) and time.monotonic() < until:
                time.sleep(0.02)
            stage.programs.kill(stage.chance.sample(found, min(1, len(found))))

    return do


def kill_group(stage: "Stage") -> None:
    """Everything that works in the background, at once."""
    for kind in ("supervisor", "loop", "hints", "horse"):
        stage.programs.kill(stage.programs.found(kind))


def flush_queue(stage: "Stage") -> None:
    # Where it is away there is nothing to forget.
    with contextlib.suppress(RedisError):
        if stage.redis:
            stage.redis.flush()
        else:
            stage.embedded().flushall()


def restart_queue_empty(stage: "Stage") -> None:
    if stage.redis:
        stage.redis.stop()
        stage.programs.kills += 1
        time.sleep(stage.pause(10))
        stage.redis.start_empty()
        return
    try:
        stage.programs.kill([int(stage.embedded().info("server")["process_id"])])
    except RedisError:
        return


def restart_database(stage: "Stage") -> None:
    if stage.postgres:
        stage.postgres.restart_at_once()
        stage.programs.kills += 1


def terminate_connections(stage: "Stage") -> None:
    if stage.postgres:
        stage.postgres.terminate_everybody()


def everybody_at_once(stage: "Stage") -> None:
    """Several sweeps, workers and refreshes start in the same moment.

    They end when nothing is due any more: under load that may be never.
    """
    commands = [["sweep"], ["sweep"], ["worker", "--once"], ["refresh", "--pending"]]
    environment = {**os.environ, **stage.programs.environment, "CHAOS_RUN": stage.programs.mark}
    with stage.programs.log.open("ab") as log:
        started = [
            subprocess.Popen(
                [sys.executable, "manage.py", *words],
                env=environment,
                cwd=stage.root,
                stdout=log,
                stderr=log,
            )
            for words in commands
        ]
    until = time.monotonic() + ONCE_SECONDS
    for process in started:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            stage.programs.kill([process.pid])
            process.wait()


def make_zombies(stage: "Stage") -> None:
    """Processes stand still until others have taken over their work, and then go on."""
    pids = [pid for kind in ("loop", "hints", "horse") for pid in stage.programs.found(kind)]
    chosen = stage.chance.sample(pids, (len(pids) + 1) // 2)
    for pid in chosen:
        send(pid, signal.SIGSTOP)
    time.sleep(stage.pause(50))
    for pid in chosen:
        send(pid, signal.SIGCONT)


def nothing(stage: "Stage") -> None:
    """The faults of this scenario are in the environment, or in the receiver."""


@dataclass(frozen=True)
class Scenario:
    """``deeds`` with their weights; ``every`` seconds one is done, more or less.

    ``patience``: after so many seconds without faults all must be done. ``share``: how much
    of the time of a run it has, beside the others; on a slow machine it goes on, for some
    minutes at most, until there were ``least_kills`` and ``least_sends``.
    """

    deeds: tuple[tuple[Deed, int], ...]
    every: float
    faulty_receiver: bool = False
    patience: float = 120
    share: float = 1
    least_kills: int = 0
    least_sends: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def plan(self, seed: str, seconds: float) -> list[tuple[float, Deed]]:
        chance = random.Random(seed)
        found: list[tuple[float, Deed]] = []
        at = 0.0
        while (at := at + self.every * chance.uniform(0.5, 1.5)) < seconds:
            (deed,) = chance.choices(*zip(*self.deeds, strict=True))
            found.append((at, deed))
        return found


def armed(*names: str) -> dict[str, str]:
    return {"CHAOS_FAILPOINTS": ",".join(names)}


SCENARIOS: dict[str, Scenario] = {
    "web": Scenario(((kill("web"), 6), (kill("web master"), 1)), 0.6),
    "queue": Scenario(
        (
            (kill("horse"), 5),
            (kill("hints"), 3),
            (kill("loop"), 2),
            (kill("supervisor"), 1),
            (kill_group, 1),
        ),
        1.0,
        patience=90,
        share=2,
    ),
    "failpoints": Scenario(
        ((kill("horse"), 1),),
        2,
        environment=armed(*(f"{name}=kill:0.1" for name in FAILPOINTS)),
        share=3,
    ),
    "redis": Scenario(((flush_queue, 3), (restart_queue_empty, 2)), 8),
    "postgresql": Scenario(((restart_database, 1), (terminate_connections, 3)), 10),
    "double": Scenario(((everybody_at_once, 1),), 4),
    "zombie": Scenario(((make_zombies, 1),), 5),
    "receiver": Scenario(((kill("loop"), 1), (kill("horse"), 1)), 6, faulty_receiver=True),
    # All of it at once, for the tests that run every time.
    "short": Scenario(
        (
            (kill("horse"), 3),
            (kill("hints"), 1),
            (kill("loop"), 1),
            (kill("web"), 2),
            (kill_group, 1),
            (flush_queue, 1),
        ),
        1.0,
        faulty_receiver=True,
        patience=240,
        least_kills=8,
        least_sends=8,
        environment=armed(*(f"{name}=kill:0.05" for name in FAILPOINTS)),
    ),
    "broken": Scenario(
        ((nothing, 1),),
        60,
        patience=20,
        least_kills=3,
        environment={
            "CHAOS_BROKEN": "1",
            **armed(
                "refresh.after_lock=sleep:0.1",
                "refresh.after_history=kill:0.4",
                "refresh.before_commit=sleep:0.1",
            ),
        },
    ),
}
# One after another, as time allows; the broken build is another run.
USUAL = tuple(name for name in SCENARIOS if name not in ("short", "broken"))

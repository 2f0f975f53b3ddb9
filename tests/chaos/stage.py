"""One installation with its servers, from an empty folder to its end."""

import contextlib
import os
import random
import socket
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import django
from redis import Redis
from redis.exceptions import RedisError

from tests.chaos.programs import ROOT, Program, Programs
from tests.chaos.scenarios import SCENARIOS
from tests.chaos.servers import Postgres, Receiver, RedisServer, free_port, wait_until

# A scenario that is to see so much, and has not in its time, goes on until then.
MOST_SECONDS = 240


@dataclass
class Stage:
    folder: Path
    db: str
    seed: int
    quick: bool

    def __post_init__(self) -> None:
        self.root = ROOT
        self.chance = random.Random(self.seed)
        self.port = free_port()
        self.postgres = Postgres(self.folder) if self.db == "pg" else None
        self.redis = RedisServer(self.folder) if self.db == "pg" else None
        self.receiver = Receiver(self.folder, self.seed)
        self.programs = Programs(self.folder, uuid.uuid4().hex, self.environment())

    def environment(self) -> dict[str, str]:
        database = self.postgres.url if self.postgres else f"sqlite:///{self.folder}/db.sqlite3"
        return {
            "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
            "PYTHONPATH": str(ROOT),
            "ENVIRONMENT": "development",
            "VAR_DIR": str(self.folder / "var"),
            "DATABASE_URL": database,
            "REDIS_URL": self.redis.url if self.redis else "",
            "DELIVERY": "live",
            "WEBHOOK_ALLOW_HTTP": "1",
            "WEBHOOK_ALLOW_PRIVATE_NETS": "127.0.0.0/8",
            "LOG_LEVEL": "WARNING",
            **({"CHAOS_QUICK": "1"} if self.quick else {}),
        }

    def start(self) -> None:
        """Servers, and Django in this process; ``world`` can be imported after it."""
        if self.postgres and self.redis:
            self.postgres.start()
            self.redis.start()
        os.environ.update(self.environment())
        django.setup()
        bind = ["-b", f"127.0.0.1:{self.port}", "--preload", "--log-level", "warning"]
        web = ["-m", "gunicorn", "leadscoring.wsgi", "-w", "2", *bind]
        self.programs.programs = [
            Program("web", web),
            Program("worker", ["manage.py", "worker", "--workers", "2"]),
        ]
        if self.db == "pg":
            another = ["manage.py", "worker", "--workers", "1", "--jobs-only"]
            self.programs.programs.append(Program("another", another))

    def begin(self, environment: dict[str, str]) -> None:
        """Start the programs, and wait until they can be seen to work."""
        self.programs.start(**environment)
        wait_until(self.is_up, 120, "the installation does not start")

    def is_up(self) -> bool:
        """Whether the site answers and somebody listens for hints."""
        with socket.socket() as found:
            found.settimeout(1)
            if found.connect_ex(("127.0.0.1", self.port)):
                return False
        return bool(self.programs.found("hints"))

    def embedded(self) -> Redis:
        return Redis(unix_socket_path=str(self.folder / "var" / "valkey.sock"), socket_timeout=2)

    def pause(self, seconds: float) -> float:
        return min(seconds, 8.0) if self.quick else seconds

    def kills(self) -> int:
        return self.programs.kills + self.programs.failpoint_kills()

    def do(self, name: str, seconds: float) -> None:
        """What the plan of a scenario says, for so long."""
        scenario = SCENARIOS[name]
        self.receiver.faulty = scenario.faulty_receiver
        killed, sent = self.kills(), self.receiver.count()
        began = time.monotonic()
        for at, deed in scenario.plan(f"{self.seed}:{name}", seconds):
            time.sleep(max(0.0, began + at - time.monotonic()))
            if time.monotonic() - began > seconds:
                break
            deed(self)
        time.sleep(max(0.0, began + seconds - time.monotonic()))
        while time.monotonic() < began + MOST_SECONDS and (
            self.kills() - killed < scenario.least_kills
            or self.receiver.count() - sent < scenario.least_sends
        ):
            self.chance.choice(scenario.deeds)[0](self)
            time.sleep(0.5)
        self.receiver.faulty = False

    def stop(self) -> None:
        self.programs.stop()
        if not self.redis:
            # It is a daemon that outlives who started it, and has lost the mark of the run.
            with contextlib.suppress(RedisError):
                self.embedded().shutdown(nosave=True)
        if self.postgres and self.redis:
            self.redis.stop()
            self.postgres.stop()
        self.receiver.stop()

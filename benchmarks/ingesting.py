"""Load on the API, and the same rows by plain SQL."""

import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from benchmarks.data import SIZES, TYPES
from benchmarks.database import execute, fill
from contacts.models import ActivityType, Contact, Target
from scoring.api.keys import new_key
from scoring.api.models import ApiKey, Scope, Source

HOST: Final = "127.0.0.1"
SOURCE: Final = "benchmark-api"
REPEATED: Final = 0.05
WRITERS: Final = 2
WARM_UP: Final = 2.0
COLUMNS: Final = (
    *("contact_id", "type_id", "target_id", "automated", "occurred_at", "received_at"),
    *("source", "external_id", "properties", "properties_norm"),
)


@dataclass
class Sent:
    """What a client had answered: activities, in how long, seconds of each call, failures."""

    activities: int = 0
    elapsed: float = 0.0
    seconds: list[float] = field(default_factory=list)
    failures: int = 0


class Material:
    """Activities of people who are there, drawn from a seed; each id comes once, a few twice."""

    def __init__(self, seed: int) -> None:
        self.emails = list(Contact.objects.values_list("email", "pk")[:20_000])
        self.types = list(ActivityType.objects.ids_by_slug(TYPES).items())
        self.targets = list(Target.objects.values_list("text", "pk")[:2000])
        self.seed = seed
        self.series = count()

    def batches(self, size: int) -> Iterator[list[dict[str, Any]]]:
        """Without end; every caller has ids of its own."""
        series = next(self.series)
        draw = random.Random(f"{self.seed} {series}")
        start = timezone.now() - timedelta(days=30)
        known: list[dict[str, Any]] = []
        for number in count():
            batch = [
                self.activity(draw, start, f"{os.getpid()}-{series}-{number}-{place}")
                if not known or draw.random() >= REPEATED
                else draw.choice(known)
                for place in range(size)
            ]
            known = batch
            yield batch

    def activity(self, draw: random.Random, start: Any, name: str) -> dict[str, Any]:
        contact, kind = draw.choice(self.emails), draw.choice(self.types)
        target = draw.choice(self.targets)
        properties = {"seconds": draw.randrange(600), "device": "mobile"}
        return {
            "ids": (contact[1], kind[1], target[1]),
            "contact": contact[0],
            "type": kind[0],
            "target": target[0],
            "occurred_at": (start + timedelta(seconds=draw.randrange(2_000_000))).isoformat(),
            "external_id": name,
            **({"properties": properties} if draw.random() < 0.3 else {}),
        }


def measure(options: Namespace) -> tuple[str, dict[str, Any]]:
    """The key and the figures, the median of the rounds."""
    call_command("migrate", verbosity=0)
    fill(SIZES[options.size], options.seed)
    material = Material(options.seed)
    rounds = []
    for _round in range(options.rounds):
        forget()
        base = raw(options, material)
        forget()
        with web(options) as port:
            api = load(options, material, port)
        rounds.append(figures_of(base, api))
        print(rounds[-1], flush=True)
    forget()
    names = rounds[0].keys()
    middle = {name: round(statistics.median(one[name] for one in rounds), 3) for name in names}
    given = {name: getattr(options, name) for name in ("batch", "workers", "clients", "seconds")}
    return f"{connection.vendor} ingest {options.batch} a batch", {
        **middle,
        **given,
        "rounds": options.rounds,
        "size": options.size,
    }


def forget() -> None:
    """Take away what was measured, so that each measurement finds the same table."""
    execute("DELETE FROM contacts_activity WHERE source = %s", [SOURCE])
    execute("DELETE FROM contacts_pending")
    if connection.vendor == "postgresql":
        execute("VACUUM ANALYZE contacts_activity")
        execute("VACUUM contacts_pending")


def figures_of(base: float, api: list[Sent]) -> dict[str, float]:
    seconds = sorted(one for sent in api for one in sent.seconds)
    speed = sum(sent.activities / sent.elapsed for sent in api)
    return {
        "raw_a_second": round(base, 1),
        "api_a_second": round(speed, 1),
        "of_raw": round(speed / base, 4),
        "p50_ms": round(1000 * statistics.median(seconds), 1),
        "p95_ms": round(1000 * seconds[int(len(seconds) * 0.95)], 1),
        "failures": sum(sent.failures for sent in api),
    }


def raw(options: Namespace, material: Material) -> float:
    """Rows a second of plain statements, each a transaction."""
    names = ", ".join(COLUMNS)
    row = f"({', '.join(['%s'] * len(COLUMNS))})"
    statement = (
        f"INSERT INTO contacts_activity ({names}) VALUES {', '.join([row] * options.batch)}"
        " ON CONFLICT DO NOTHING"
    )

    def write(_writer: int) -> float:
        stream = (as_row_values(batch) for batch in material.batches(options.batch))
        prepared = [next(stream) for _batch in range(200)]
        rows, spent = 0, 0.0
        try:
            with connection.cursor() as cursor:
                while spent < options.seconds:
                    if not prepared:
                        prepared = [next(stream) for _batch in range(200)]
                    values = prepared.pop()
                    start = time.perf_counter()
                    cursor.execute(statement, values)
                    spent += time.perf_counter() - start
                    rows += options.batch
        finally:
            connections.close_all()
        return rows / spent

    speeds = together(WRITERS if connection.vendor == "postgresql" else 1, write)
    return float(sum(speeds))


def as_row_values(batch: list[dict[str, Any]]) -> list[Any]:
    values: list[Any] = []
    now = timezone.now()
    for one in batch:
        properties = one.get("properties")
        twin = {"n:seconds": properties["seconds"], "s:device": "mobile"} if properties else None
        at = one["occurred_at"]
        texts = [json.dumps(part) if part else None for part in (properties, twin)]
        values += [*one["ids"], False, at, now, SOURCE, one["external_id"], *texts]
    return values


def load(options: Namespace, material: Material, port: int) -> list[Sent]:
    """What the clients had answered in the given time, after a short time that is not counted."""
    headers = {"Authorization": f"Bearer {key()}", "Content-Type": "application/json"}
    begin = time.monotonic() + WARM_UP

    def send(_client: int) -> Sent:
        sent = Sent()
        link = http.client.HTTPConnection(HOST, port, timeout=60)
        for batch in material.batches(options.batch):
            body = json.dumps(
                [{k: v for k, v in one.items() if k != "ids"} for one in batch]
            ).encode()
            start = time.perf_counter()
            link.request("POST", "/api/v1/activities", body, headers)
            answer = link.getresponse()
            answer.read()
            spent = time.perf_counter() - start
            now = time.monotonic()
            if now < begin:
                continue
            sent.activities += len(batch)
            sent.seconds.append(spent)
            sent.failures += answer.status != 200
            sent.elapsed = now - begin
            if now > begin + options.seconds:
                break
        link.close()
        return sent

    return together(options.clients, send)


def together(many: int, work: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(work, range(many)))


def key() -> str:
    """A new key of the source that the benchmark sends as."""
    source, _new = Source.objects.update_or_create(
        name=SOURCE, defaults={"calls_a_minute": 1_000_000}
    )
    made = ApiKey(source=source, label="benchmark", scopes=[Scope.ACTIVITIES_WRITE])
    text = new_key(made)
    made.save()
    return text


@contextmanager
def web(options: Namespace) -> Iterator[int]:
    """The web server as it is shipped; the port where it answers."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "leadscoring.wsgi", "--log-level", "warning"]
    command += ["--bind", f"{HOST}:{port}", "--workers", str(options.workers)]
    named = {"ENVIRONMENT": "development", "LOG_LEVEL": "WARNING"}
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=os.environ | named) as child:
        try:
            wait_for(port)
            yield port
        finally:
            child.terminate()
            child.wait(60)


def wait_for(port: int) -> None:
    for _try in range(300):
        try:
            with socket.create_connection((HOST, port)):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"Nothing answers on port {port}.")

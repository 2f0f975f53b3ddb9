"""Waiting contacts scored anew by one and by two workers; hot leads that become tasks."""

import http.client
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from benchmarks.data import END, SIZES, TYPES
from benchmarks.database import execute, fill, value_of
from benchmarks.drainer import drain_too
from benchmarks.ingesting import HOST, Material, forget, key, web
from benchmarks.measures import Bench
from contacts.models import ActivityType, Contact, Task
from scoring.automations.loading import load_automation
from scoring.automations.models import Automation
from scoring.criteria.document import parse
from scoring.criteria.loading import load
from scoring.engine.publish import publish
from scoring.engine.recompute import work
from scoring.engine.retries import refresh_pending

ARRIVALS: Final = "benchmark of draining"
HOT: Final = "benchmark_hot"
# Hot by one activity, so that the time between them is all that is measured.
MODEL: Final[dict[str, Any]] = {
    "format": 1,
    "name": "Benchmark of reacting",
    "groups": [
        {
            "name": "All",
            "dimension": "interest",
            "rules": [{"name": "Hot", "points": 100, "activity": {"type": HOT}, "count": "once"}],
        }
    ],
    "bands": [{"name": "cold"}, {"name": "hot", "from": 50}],
}
TASK: Final[dict[str, Any]] = {
    "trigger": {"kind": "band_entered", "band": "hot"},
    "actions": [{"kind": "task", "title": "Call {{ contact.email }}"}],
}


def measure(options: Namespace) -> Iterator[tuple[str, dict[str, Any]]]:
    call_command("migrate", verbosity=0)
    fill(SIZES[options.size], options.seed)
    forget()
    Automation.objects.all().delete()
    bench = Bench(SIZES[options.size], options.rules, 0)
    bench.prepare()
    base = statistics.median(bench.base().wall for _round in range(3))
    alone = drained(0)
    both = drained(1) if connection.vendor == "postgresql" else alone
    count = SIZES[options.size].contacts
    yield (
        f"{connection.vendor} drain {options.size} {options.rules} rules",
        {
            "contacts": count,
            "base_seconds": round(base, 3),
            "one_of_base": round(alone / base, 1),
            "one_a_second": round(count / alone),
            "two_of_base": round(both / base, 1),
            "two_a_second": round(count / both),
        },
    )
    if options.react:
        yield f"{connection.vendor} react {options.size} {options.rules} rules", reacted(options)
    forget()


def drained(helpers: int) -> float:
    """Seconds until nobody waits any more, after an activity of everybody has arrived."""
    everybody_does_something()
    context = multiprocessing.get_context("spawn")
    ready, go = context.Semaphore(0), context.Event()
    others = [context.Process(target=drain_too, args=(ready, go)) for _one in range(helpers)]
    for other in others:
        other.start()
        ready.acquire()
    start = time.perf_counter()
    go.set()
    while refresh_pending(END):
        pass
    for other in others:
        other.join()
    return time.perf_counter() - start


def everybody_does_something() -> None:
    kind = ActivityType.objects.ids_by_slug(TYPES)[TYPES[0]]
    now = connection.ops.adapt_datetimefield_value(END)
    execute(
        "INSERT INTO contacts_activity (contact_id, type_id, target_id, automated, occurred_at,"
        " received_at, source) SELECT id, %s, 2, %s, %s, %s, %s FROM contacts_contact",
        [kind, False, now, now, ARRIVALS],
    )
    execute(
        "INSERT INTO contacts_pending (contact_id, cause, since, quiet, depth)"
        " SELECT id, 'activity', %s, %s, 0 FROM contacts_contact ORDER BY id",
        [now, False],
    )
    if connection.vendor == "postgresql":
        execute("VACUUM ANALYZE contacts_pending")


def reacted(options: Namespace) -> dict[str, Any]:
    """Seconds from the answer to an activity until its task is seen, beside a full load."""
    recompute = publish(load(parse(MODEL)).version)
    list(work(recompute))
    load_automation(recompute.track.model, "Benchmark of reacting", TASK).switch_on()
    taken: list[float] = []
    with web(options) as port, a_worker():
        stop = threading.Event()
        senders = [
            threading.Thread(target=send, args=(options, port, stop))
            for _client in range(options.clients)
        ]
        for sender in senders:
            sender.start()
        time.sleep(3)
        people = list(Contact.objects.order_by("-pk").values_list("pk", "email")[: options.react])
        for pk, email in people:
            taken.append(until_task(port, pk, email))
            time.sleep(0.1)
        stop.set()
        for sender in senders:
            sender.join()
    waiting = value_of("SELECT count(*) FROM contacts_pending")
    taken.sort()
    return {
        "people": len(taken),
        "p50_seconds": round(statistics.median(taken), 2),
        "p95_seconds": round(taken[int(len(taken) * 0.95)], 2),
        "still_waiting": waiting,
        "clients": options.clients,
        "batch": options.batch,
    }


def until_task(port: int, contact: int, email: str) -> float:
    call(port, [{"contact": email, "type": HOT, "occurred_at": timezone.now().isoformat(),
                 "external_id": f"hot-{contact}-{time.time_ns()}"}])  # fmt: skip
    start = time.perf_counter()
    while not Task.objects.filter(contact=contact).exists():
        if time.perf_counter() > start + 120:
            raise TimeoutError(f"No task of {email} within two minutes.")
        time.sleep(0.02)
    return time.perf_counter() - start


def send(options: Namespace, port: int, stop: threading.Event) -> None:
    try:
        for batch in Material(options.seed).batches(options.batch):
            call(port, [{k: v for k, v in one.items() if k != "ids"} for one in batch])
            if stop.is_set():
                return
    finally:
        connections.close_all()


def call(port: int, activities: list[dict[str, Any]]) -> None:
    global _key  # noqa: PLW0603 - one for the whole measurement
    _key = _key or key()
    link = http.client.HTTPConnection(HOST, port, timeout=60)
    headers = {"Authorization": f"Bearer {_key}", "Content-Type": "application/json"}
    link.request("POST", "/api/v1/activities", json.dumps(activities).encode(), headers)
    answer = link.getresponse()
    answer.read()
    link.close()
    if answer.status not in (200, 207):
        raise RuntimeError(f"The API answered {answer.status}.")


_key = ""


@contextmanager
def a_worker() -> Iterator[None]:
    """One worker as it is shipped."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "worker"]
    named = {"ENVIRONMENT": "development", "LOG_LEVEL": "WARNING"}
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=os.environ | named) as child:
        try:
            yield
        finally:
            child.terminate()
            child.wait(60)

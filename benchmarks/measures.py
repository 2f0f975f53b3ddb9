"""What is measured. Every measure stands beside a base that was taken just before it."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction

from benchmarks.clock import Spent, forget_peak, peak_megabytes, spent
from benchmarks.data import END, TYPES, Size
from benchmarks.database import SCORES, empty, execute, value_of
from benchmarks.helper import helper
from benchmarks.mix import document
from contacts.models import ActivityType, Pending
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.models import Cause, Track
from scoring.engine.publish import publish
from scoring.engine.recompute import start, work
from scoring.engine.refresh import refresh
from scoring.engine.retries import refresh_pending
from scoring.engine.sql import Sql
from scoring.engine.sweep import due, sweep_track

BASE = {
    "postgresql": "SELECT contact_id, count(*) AS n FROM benchmark_reference GROUP BY contact_id",
    "sqlite": (
        "SELECT contact_id, count(*) AS n FROM contacts_activity"
        " INDEXED BY activity_timeline GROUP BY contact_id"
    ),
}
DUE_SHARE = 0.005
CHANGED_SHARE = 20  # one in so many contacts
WARM_UP = 10


@dataclass(slots=True)
class Bench:
    """One database, filled, with one document live on it."""

    size: Size
    rules: int
    samples: int
    track: Track = field(init=False)
    versions: list[Version] = field(init=False)
    rounds: int = 0

    def prepare(self) -> None:
        """Make the document live and every score right, out of the measures."""
        empty(SCORES)
        model, _new = ScoringModel.objects.get_or_create(name=document(self.rules).name)
        both = (document(self.rules), document(self.rules, changed_points=1))
        self.versions = [Version.objects.freeze(model, one) for one in both]
        recompute = publish(self.versions[0], END)
        list(work(recompute))
        self.track = recompute.track
        tidy()
        forget_peak()

    def base(self) -> Spent:
        """Sequential scan and hash, one process, no JIT; on SQLite along the covering index."""
        return spent(lambda: value_of(f"SELECT sum(n) FROM ({BASE[connection.vendor]}) base"))

    def with_base(self, work: Callable[[], Any]) -> tuple[Spent, Spent]:
        base = self.base()
        return base, spent(work)

    def flip(self) -> None:
        """Change a field of another twentieth of the contacts."""
        self.rounds += 1
        execute(
            "UPDATE contacts_contact SET bounced = NOT bounced WHERE id %% %s = %s",
            [CHANGED_SHARE, self.rounds % CHANGED_SHARE],
        )
        tidy()

    def full(self) -> None:
        """Everybody anew: compute, compare, write, history."""
        self.track.refresh_from_db()
        list(work(start(self.track, Cause.RECOMPUTE, END)))

    def full_by_two(self) -> tuple[Spent, Spent]:
        """The same with a second process, and its base."""

        def measured() -> None:
            self.track.refresh_from_db()
            recompute = start(self.track, Cause.RECOMPUTE, END)
            channel.send(recompute.pk)
            list(work(recompute))
            channel.recv()

        with helper() as channel:
            return self.with_base(measured)

    def differential(self) -> None:
        """The other version goes live: one activity rule of it differs."""
        self.track.refresh_from_db()
        other = next(one for one in self.versions if one.pk != self.track.version_id)
        recompute = publish(other, END)
        if recompute.base is None:
            raise RuntimeError("The recompute was to be a differential one.")
        list(work(recompute))

    def warm(self) -> None:
        """Let the plans be made anew that ``tidy`` has made void: a worker keeps its plans."""
        refresh([1], Cause.TIME, END)

    def round(self) -> Iterator[tuple[str, Spent, Spent]]:
        """Each measure once: its name, its base and itself, as soon as it is taken."""
        self.flip()
        yield "full_changed", *self.with_base(self.full)
        if connection.vendor == "postgresql":  # SQLite lets one process write at a time.
            self.flip()
            yield "full_changed_two", *self.full_by_two()
        tidy()
        yield "full_unchanged", *self.with_base(self.full)
        yield "differential", *self.with_base(self.differential)
        tidy()
        self.warm()
        yield "sweep", *self.with_base(self.sweep)
        # What the sweep made is as of a later instant.
        Track.objects.filter(pk=self.track.pk).update(swept_at=END)

    # --- Time --------------------------------------------------------------------------

    def find_step(self) -> timedelta:
        """After how long one contact in 200 is due."""
        step = timedelta(minutes=1)
        while len(self.due_after(step)) < DUE_SHARE * self.size.contacts:
            step *= 2
        low, high = step / 2, step
        for _ in range(8):
            middle = (low + high) / 2
            enough = len(self.due_after(middle)) >= DUE_SHARE * self.size.contacts
            low, high = (low, middle) if enough else (middle, high)
        return high

    def due_after(self, step: timedelta) -> set[int]:
        return due(self.track.version.document_value, END, END + step)

    def set_step(self) -> int:
        self.step = self.find_step()
        return len(self.due_after(self.step))

    step: timedelta = timedelta()

    def sweep(self) -> None:
        """Find who is due and score them anew."""
        Pending.objects.all().delete()
        sweep_track(self.track.pk, END + self.step)
        while refresh_pending(END + self.step):
            pass

    # --- One contact -------------------------------------------------------------------

    def one_contact(self) -> dict[str, list[float]]:
        """Milliseconds of each sample: the floor, a refresh, a refresh planned anew."""
        draw = random.Random(self.size.contacts)
        found: dict[str, list[float]] = {"floor": [], "refresh": [], "refresh_planned_anew": []}
        types = ActivityType.objects.ids_by_slug(TYPES)
        for at in range(self.samples + WARM_UP):
            contact = draw.randint(1, self.size.contacts)
            kind = types[draw.choice(TYPES)]
            taken = {
                "floor": milliseconds(add_activity, contact, kind),
                "refresh": milliseconds(refresh, [contact], Cause.ACTIVITY, END),
            }
            if connection.vendor == "postgresql" and at % 5 == 0:
                add_activity(contact, kind)
                with patch("scoring.engine.sql.prepared_rows", planned_anew):
                    taken["refresh_planned_anew"] = milliseconds(
                        refresh, [contact], Cause.ACTIVITY, END
                    )
            if at >= WARM_UP:
                for name, one in taken.items():
                    found[name].append(one)
        execute("DELETE FROM contacts_activity WHERE source = 'benchmark of one'")
        return {name: taken for name, taken in found.items() if taken}


def planned_anew(_connection: Any, bound: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(bound.text, bound.params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def add_activity(contact: int, kind: int) -> None:
    """The floor: one activity, a trivial update, a commit."""
    with transaction.atomic():
        execute(
            "INSERT INTO contacts_activity (contact_id, type_id, target_id, automated,"
            " occurred_at, received_at, source) VALUES (%s, %s, 2, %s, %s, %s, 'benchmark of one')",
            [contact, kind, False, *[connection.ops.adapt_datetimefield_value(END)] * 2],
        )
        execute("UPDATE contacts_contact SET region = region WHERE id = %s", [contact])


def milliseconds(work: Callable[..., Any], *given: object) -> float:
    before = time.perf_counter()
    work(*given)
    return (time.perf_counter() - before) * 1000


def tidy() -> None:
    """What the server's own housekeeping would do between two measures."""
    if connection.vendor == "postgresql":
        for table in ("contacts_contact", "scoring_score", "scoring_scorechange"):
            execute(f"VACUUM ANALYZE {table}")


def server_settings() -> dict[str, str]:
    if connection.vendor != "postgresql":
        return {"sqlite": value_of("SELECT sqlite_version()")}
    for setting in ("jit = off", "max_parallel_workers_per_gather = 0"):
        execute(f"SET {setting}")
    names = ("server_version", "shared_buffers", "work_mem", "synchronous_commit", "autovacuum")
    return {name: str(value_of(f"SHOW {name}")) for name in names}


def median_ratio(pairs: list[tuple[Spent, Spent]], what: str) -> float | None:
    values = [
        getattr(taken, what) / getattr(base, what)
        for base, taken in pairs
        if getattr(taken, what) is not None and getattr(base, what)
    ]
    return round(statistics.median(values), 3) if values else None


def summary(bench: Bench, rounds: int) -> Iterator[tuple[str, Any]]:
    """Name and value of every figure, as soon as it is known."""
    bench.prepare()
    yield "due", bench.set_step()
    pairs: dict[str, list[tuple[Spent, Spent]]] = {}
    for _ in range(rounds):
        for name, base, measured in bench.round():
            pairs.setdefault(name, []).append((base, measured))
            print(f"    {name:22} {measured.wall:.2f} s, base {base.wall:.2f} s", flush=True)
    bases = [base for found in pairs.values() for base, _taken in found]
    yield "base_seconds", round(statistics.median(base.wall for base in bases), 3)
    for name, found in pairs.items():
        yield (
            name,
            {
                "of_base": median_ratio(found, "wall"),
                "of_base_cpu": median_ratio(found, "cpu"),
                "seconds": round(statistics.median(taken.wall for _base, taken in found), 3),
            },
        )
    shares = [
        sweep.wall / full.wall
        for (_b, sweep), (_c, full) in zip(pairs["sweep"], pairs["full_changed"], strict=True)
    ]
    yield "sweep_of_full", round(statistics.median(shares), 4)
    one = bench.one_contact()
    floor = statistics.median(one["floor"])
    for name, taken in one.items():
        yield (
            name,
            {
                "of_floor": round(statistics.median(taken) / floor, 2),
                "p50_ms": round(statistics.median(taken), 2),
                "p99_ms": round(sorted(taken)[int(len(taken) * 0.99)], 2),
            },
        )
    yield "peak_megabytes", peak_megabytes()

"""What the Jobs page shows, gathered: backlogs, processes, the queue, parked contacts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from contacts.chores import CHORES, Backlog
from contacts.models import WorkerProcess
from scoring.engine.troubled import Troubled
from scoring.operations.queue import QueueState, queue_state

PARKED_SHOWN: Final = 50
# Work that has waited for longer is a sign that something is wrong.
LATE: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Of one kind of work: how much waits, and since when."""

    title: StrOrPromise
    backlog: Backlog
    is_late: bool


@dataclass(frozen=True, slots=True)
class Process:
    """``wrong``: it died, or its machine did."""

    machine: str
    pid: int
    does: StrOrPromise
    joined_in: bool
    state: str
    wrong: bool
    heard: str
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class Overview:
    now: datetime
    waiting: list[Waiting]
    # The workers that look for work by themselves.
    alive: int
    processes: list[Process]
    queue: QueueState | None
    queue_name: str
    parked: list[Troubled]
    parked_count: int

    @property
    def total(self) -> int:
        return sum(each.backlog.count for each in self.waiting)

    @property
    def late(self) -> int:
        return sum(each.is_late for each in self.waiting)


def overview() -> Overview:
    now = timezone.now()
    parked = Troubled.objects.parked().select_related("contact").order_by("-parked_at")
    queue = queue_state()
    return Overview(
        now=now,
        waiting=backlogs(now),
        alive=WorkerProcess.objects.alive(now).count(),
        processes=[*workers(now), *(listeners(queue, now) if queue else [])],
        queue=queue,
        queue_name=_("embedded") if settings.QUEUE_IS_EMBEDDED else "Redis",
        parked=list(parked[:PARKED_SHOWN]),
        parked_count=parked.count(),
    )


def backlogs(now: datetime) -> list[Waiting]:
    return [
        Waiting(each.title or each.name, backlog, is_late(backlog, now))
        for each in CHORES.values()
        if each.backlog
        for backlog in [each.backlog()]
    ]


def is_late(backlog: Backlog, now: datetime) -> bool:
    return backlog.oldest is not None and now - backlog.oldest > LATE


def workers(now: datetime) -> Iterator[Process]:
    """Those that live, and those that died lately."""
    alive = set(WorkerProcess.objects.alive(now).values_list("pk", flat=True))
    shown = WorkerProcess.objects.alive(now) | WorkerProcess.objects.lost(now)
    for row in shown.distinct():
        state = _("alive") if row.pk in alive else _("died") if row.died_at else _("not heard of")
        yield Process(
            machine=row.host,
            pid=row.pid,
            does=row.get_kind_display(),
            joined_in=row.jobs_only,
            state=state,
            wrong=row.pk not in alive,
            heard=ago(row.beat_at, now),
            heard_at=row.beat_at,
        )


def listeners(queue: QueueState, now: datetime) -> Iterator[Process]:
    for each in queue.listeners:
        yield Process(
            machine=each.machine,
            pid=each.pid,
            does=WorkerProcess.Kind.HINTS.label,
            joined_in=False,
            state=_("at work") if each.state == "busy" else _("alive"),
            wrong=False,
            heard=ago(each.heard_at, now) if each.heard_at else "",
            heard_at=each.heard_at,
        )


def ago(moment: datetime, now: datetime) -> str:
    seconds = max(int((now - moment).total_seconds()), 0)
    if seconds < 60:
        return _("%(seconds)d s ago") % {"seconds": seconds}
    return _("%(age)s ago") % {"age": timesince(moment, now)}

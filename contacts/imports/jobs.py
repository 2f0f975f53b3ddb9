"""Imports of uploaded files by a worker, a slice at a time.

A slice takes a job, checks or writes for some seconds and puts it back, so that other work
gets its turn; a job whose worker died is taken up by another when its lease ends.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import DatabaseError
from django.db.models import Count, Min
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.chores import Backlog, chore, wake
from contacts.imports.documents import parse_mapping
from contacts.imports.faults import MappingInvalid, RowFault, SourceInvalid
from contacts.imports.kinds import KINDS
from contacts.imports.mapping import Mapping
from contacts.imports.running import (
    Order,
    Outcome,
    check,
    cut_short,
    imported_before,
    is_writable,
    refuse_other_mapping,
    write,
)
from contacts.imports.uploads import absolute, forget, new_path
from contacts.models import ImportBusy, ImportJob

logger = logging.getLogger(__name__)

CHORE: Final = "imports"
SLICE_SECONDS: Final = 20.0
LEASE: Final = timedelta(minutes=10)
KEPT: Final = timedelta(days=30)
State = ImportJob.State


def imports_that_wait() -> Backlog:
    """Imports that are handed over and not finished."""
    waiting = ImportJob.objects.filter(state__in=[State.QUEUED, State.RUNNING])
    found = waiting.aggregate(count=Count("pk"), oldest=Min("created_at"))
    return Backlog(**found)


@chore(CHORE, every=5, local=True, title=gettext_lazy("Imports"), backlog=imports_that_wait)
def import_uploads() -> int:
    """Work for one slice on the import that has waited longest."""
    job = claim(timezone.now())
    if job is None:
        return 0
    with translation.override(job.language or None):
        work_on(job)
    return 1


@chore("old uploads", every=3600, local=True)
def forget_old_uploads() -> int:
    """Delete the files and reports of imports that nobody touched for a month."""
    done = 0
    old = ImportJob.objects.filter(created_at__lt=timezone.now() - KEPT).exclude(path="", report="")
    for job in old.exclude(state=State.RUNNING):
        kept = (job.path, job.report)
        job.note(path="", report="")
        for path in kept:
            forget(path)
        done += 1
    return done


def claim(now: datetime) -> ImportJob | None:
    """Take one job that is due; None where there is none or another worker was faster."""
    job = ImportJob.objects.due(now).first()
    if job is None:
        return None
    # Of many workers exactly one finds it still as it was read.
    taken = ImportJob.objects.filter(
        pk=job.pk, state=job.state, alive_until=job.alive_until
    ).update(state=State.RUNNING, alive_until=now + LEASE)
    if not taken:
        return None
    job.refresh_from_db()
    return job


def work_on(job: ImportJob) -> None:
    """Do a slice of a claimed job, and note what came of it."""
    try:
        work_a_slice(job)
    except ImportBusy:
        # Whoever is faster goes on with it; if that was another import of the same file, this
        # job is taken up when its lease ends, and finds what was stored.
        logger.info("The import %s of %s is in other hands.", job.pk, job.name)


def work_a_slice(job: ImportJob) -> None:
    """Raises ImportBusy where another worker has the job, or its file, by now."""
    try:
        finished = advance(job)
    except (SourceInvalid, MappingInvalid, OSError) as error:
        end(job, State.FAILED, problem=problem_of(error))
    except ImportBusy:
        raise
    except DatabaseError as error:
        logger.exception("The import %s of %s was cut short.", job.pk, job.name)
        end(job, State.FAILED, problem=cut_short(error))
    except Exception:
        logger.exception("The import %s of %s failed.", job.pk, job.name)
        end(job, State.FAILED, problem=_("Something unexpected happened; the log says what."))
        raise
    else:
        if not finished:
            job.note(state=State.QUEUED, alive_until=None)
            wake(CHORE)


def advance(job: ImportJob) -> bool:
    """Check or write for one slice; true where nothing is left to do."""
    order = order_of(job)
    outcome = outcome_of(job)
    more = slice_of(SLICE_SECONDS)
    if job.phase == "":
        if imported_before(order):
            end(job, State.DONE, problem=_("This file was imported before: nothing was changed."))
            return True
        refuse_other_mapping(order)
        job.note(phase="check", report=new_path(".csv"))
        order = order_of(job)
    if job.phase == "check":
        checked = check(order, outcome, more)
        keep_outcome(job, outcome)
        if not checked:
            return False
        if not is_writable(order, outcome):
            end(job, State.REFUSED)
            return True
        job.note(phase="write")
    if not write(order, outcome, more):
        return False
    keep_outcome(job, outcome)
    end(job, State.DONE)
    return True


def slice_of(seconds: float) -> Callable[[], bool]:
    """Says for so many seconds that there is time left."""
    until = time.monotonic() + seconds
    return lambda: time.monotonic() < until


def order_of(job: ImportJob) -> Order:
    name = job.created_by.get_username() if job.created_by else ""
    return Order(
        path=absolute(job.path),
        mapping=mapping_of(job),
        origin=f"import {job.name} (admin: {name})",
        name=job.name,
        skip_bad=job.skip_bad,
        report=absolute(job.report) if job.report else None,
        progress=lambda phase, done, total: progress(job, done, total),
    )


def mapping_of(job: ImportJob) -> Mapping:
    if job.document:
        return parse_mapping(job.document, job.kind)
    return Mapping(KINDS[job.kind])


def progress(job: ImportJob, done: int, total: int) -> None:
    job.note(done_bytes=done, total_bytes=total, alive_until=timezone.now() + LEASE)


def outcome_of(job: ImportJob) -> Outcome:
    """What the slices before this one found."""
    told: dict[str, Any] = job.outcome
    return Outcome(
        rows=told.get("rows", 0),
        bad_rows=told.get("bad_rows", 0),
        fault_count=told.get("fault_count", 0),
        faults=[RowFault(**fault) for fault in told.get("faults", [])],
        report_size=told.get("report_size", 0),
    )


def keep_outcome(job: ImportJob, outcome: Outcome) -> None:
    kept = {
        "rows": outcome.rows,
        "bad_rows": outcome.bad_rows,
        "fault_count": outcome.fault_count,
        "faults": [asdict(fault) for fault in outcome.faults],
        "report_size": outcome.report_size,
        "stored": asdict(outcome.stored),
        "pending": outcome.pending,
    }
    job.note(outcome={**job.outcome, **kept})


def end(job: ImportJob, state: str, problem: str = "") -> None:
    """Note how a job ended; its file goes where all of it was stored."""
    file = job.path
    job.note(
        state=state,
        path="" if state == State.DONE else file,
        finished_at=timezone.now(),
        alive_until=None,
        outcome={**job.outcome, "problem": problem},
    )
    if state == State.DONE:
        forget(file)


def problem_of(error: Exception) -> str:
    """An error as one sentence for whoever uploaded the file."""
    if isinstance(error, MappingInvalid):
        return _("The mapping cannot be used: %(faults)s") % {"faults": error}
    if isinstance(error, SourceInvalid):
        place = _("line %(line)d: ") % {"line": error.line} if error.line else ""
        return place + error.message
    return str(error)


def start(job: ImportJob, language: str) -> None:
    """Hand a mapped job over to the workers. Raises ImportBusy where that was done already."""
    job.note(
        state=State.QUEUED,
        phase="",
        outcome={},
        done_bytes=0,
        total_bytes=0,
        finished_at=None,
        language=language,
    )
    wake(CHORE)


def resume(job: ImportJob) -> None:
    """Have the workers go on with a job that was cut short. Raises ImportBusy likewise."""
    job.note(state=State.QUEUED, finished_at=None, outcome={**job.outcome, "problem": ""})
    wake(CHORE)

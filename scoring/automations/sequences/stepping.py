"""Steps that are due are done: each once, in one transaction with what it makes."""

import logging
import time
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone, translation

from contacts.models.teams import Team
from leadscoring.failpoints import failpoint
from scoring.automations.sequences.enrolments import Enrolment, StepRun
from scoring.automations.sequences.leaving import leave, reasons_to_leave
from scoring.automations.sequences.letters import make_task, post_email, score_of, values_for
from scoring.automations.sequences.models import SequenceStep
from scoring.automations.sequences.times import clock_of, due_at

logger = logging.getLogger(__name__)

AT_ONCE: Final = 200
SECONDS: Final = 20.0
# A step that cannot be done, as where the calendar has no hours, is looked at again after this.
LATER: Final = timedelta(hours=1)


def do_due(now: datetime | None = None) -> int:
    """Do what is due for some seconds, those first that wait for longest; how many moved on."""
    until = time.monotonic() + SECONDS
    at = now or timezone.now()
    moved = 0
    for pk in list(Enrolment.objects.due(at).values_list("pk", flat=True)[:AT_ONCE]):
        moved += advance(pk, at)
        if time.monotonic() > until:
            break
    return moved


def advance(pk: int, now: datetime) -> bool:
    """Move one enrolment on; False where another worker has it."""
    try:
        with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
            lock_team_for(pk)
            rows = Enrolment.objects.due(now).filter(pk=pk)
            enrolment = (
                rows.select_for_update(skip_locked=True, of=("self",))
                .select_related("sequence__calendar", "contact__company", "crossing", "track")
                .first()
            )
            if enrolment is None:
                return False
            move_on(enrolment, now)
            failpoint("sequence.before_commit")
    except OperationalError:
        # A deadlock or a lost connection: it is still due.
        raise
    except Exception as error:
        logger.exception("The enrolment %s cannot go on.", pk)
        trouble = f"{type(error).__name__}: {error}"[:500]
        Enrolment.objects.active().filter(pk=pk).update(trouble=trouble, next_at=now + LATER)
    return True


def lock_team_for(pk: int) -> None:
    """Before the enrolment, in the order of a refresh, which locks teams first as well."""
    team = Enrolment.objects.filter(pk=pk).values_list("step__team", flat=True).first()
    if team is not None:
        list(Team.objects.select_for_update().filter(pk=team).values_list("pk"))


def move_on(enrolment: Enrolment, now: datetime) -> None:
    """Let a locked enrolment leave, finish, wait or do its step."""
    if reason := reasons_to_leave([enrolment], now).get(enrolment.pk):
        leave([enrolment], reason)
        return
    step = enrolment.next_step()
    if step is None:
        enrolment.end(Enrolment.State.FINISHED)
        return
    clock = clock_of(step, enrolment.contact, enrolment.sequence.own_calendar.working_time())
    # Also what is late waits for the hours of the calendar.
    moment = clock.next_start(max(now, due_at(enrolment.stepped_at, step, clock)))
    if moment > now or step.pk != enrolment.step_id:
        plan(enrolment, step, moment)
        return
    do_step(enrolment, step, now)
    plan_next(enrolment)


def do_step(enrolment: Enrolment, step: SequenceStep, now: datetime) -> None:
    values = values_for(enrolment.contact, enrolment.sequence, score_of(enrolment))
    run = StepRun(enrolment=enrolment, step=step, number=step.number, at=now)
    if step.kind == SequenceStep.Kind.EMAIL:
        run.message, run.target = post_email(enrolment, step, values), step.target
    else:
        run.task = make_task(enrolment, step, values, now)
    run.save()
    enrolment.stepped_at = now


def plan_next(enrolment: Enrolment) -> None:
    step = enrolment.next_step()
    if step is None:
        enrolment.end(Enrolment.State.FINISHED)
        return
    clock = clock_of(step, enrolment.contact, enrolment.sequence.own_calendar.working_time())
    plan(enrolment, step, due_at(enrolment.stepped_at, step, clock))


def plan(enrolment: Enrolment, step: SequenceStep, moment: datetime) -> None:
    enrolment.step, enrolment.next_at, enrolment.trouble = step, moment, ""
    enrolment.save(update_fields=["step", "next_at", "trouble", "stepped_at"])

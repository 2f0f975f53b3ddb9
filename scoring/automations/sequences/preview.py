"""What a sequence would do for one contact that got in now: day, hour, text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from contacts.models import Contact
from scoring.automations.sequences.enrolling import live_score
from scoring.automations.sequences.letters import LINK, values_for
from scoring.automations.sequences.models import Sequence, SequenceStep
from scoring.automations.sequences.times import clock_of, due_at
from scoring.automations.texts import Template


@dataclass(frozen=True, slots=True)
class Foreseen:
    """``at`` is by the clock of ``zone``; ``day`` counts from today, which is 0."""

    step: SequenceStep
    day: int
    at: datetime
    zone: str
    subject: str
    text: str

    @property
    def when(self) -> str:
        """The day and the hour, as they are there."""
        return date_format(self.at, pgettext("format of a date", "D j M, H:i"))

    @property
    def is_email(self) -> bool:
        return self.step.kind == SequenceStep.Kind.EMAIL


def foresee(sequence: Sequence, contact: Contact, start: datetime) -> Iterator[Foreseen]:
    """Raises NoWorkingTime where the calendar has no hours."""
    working = sequence.own_calendar.working_time()
    values = values_for(contact, sequence, live_score(contact))
    values[LINK] = _("(the contact's own address for unsubscribing)")
    moment, today = start, None
    for step in sequence.steps.order_by("position", "pk"):
        clock = clock_of(step, contact, working)
        moment = due_at(moment, step, clock)
        today = today or start.astimezone(clock.zone).date()
        at = moment.astimezone(clock.zone)
        yield Foreseen(
            step=step,
            day=days_between(today, at),
            at=at,
            zone=clock.zone.key,
            subject=Template(step.subject).render(values),
            text=Template(step.text).render(values),
        )


def days_between(first: date, at: datetime) -> int:
    return (at.date() - first).days

"""How a contact gets into a sequence."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Contact
from scoring.automations.outbox.messages import why_not
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.goals import who_is_there
from scoring.automations.sequences.models import Sequence
from scoring.automations.sequences.times import clock_of, due_at
from scoring.engine.models import Score

if TYPE_CHECKING:
    from scoring.automations.models import Crossing


class CannotEnrol(Exception):
    """A contact cannot get into a sequence as things are; the message tells people why."""


def enrol(
    sequence: Sequence,
    contact: Contact,
    *,
    score: Score | None = None,
    crossing: "Crossing | None" = None,
    by: str = "",
    at: datetime | None = None,
) -> tuple[Enrolment, bool]:
    """The enrolment, and whether it is a new one; in the caller's transaction.

    ``score`` says whose bands count; without it that of the first live model does.
    Raises CannotEnrol, and NoWorkingTime.
    """
    if known := Enrolment.objects.active().filter(sequence=sequence, contact=contact).first():
        return known, False
    now = at or timezone.now()
    score = score or live_score(contact)
    if reason := obstacle(sequence, contact, score, now):
        raise CannotEnrol(reason)
    step = sequence.steps.order_by("position", "pk").first()
    if step is None:
        raise CannotEnrol(_("The sequence has no steps."))
    clock = clock_of(step, contact, sequence.own_calendar.working_time())
    row = Enrolment(
        sequence=sequence,
        contact=contact,
        step=step,
        next_at=due_at(now, step, clock),
        started_at=now,
        stepped_at=now,
        crossing=crossing,
        enrolled_by=by[:200],
        track_id=score.track.home.pk if score else None,
        band_at_start=score.band if score else "",
    )
    # Where somebody else was faster the constraint decides, and theirs is the one.
    Enrolment.objects.bulk_create([row], ignore_conflicts=True)
    stored = Enrolment.objects.active().get(sequence=sequence, contact=contact)
    return stored, stored.started_at == now


def obstacle(sequence: Sequence, contact: Contact, score: Score | None, at: datetime) -> str:
    """Why the contact cannot get in; empty where it can."""
    if not sequence.active:
        return _("The sequence is off.")
    if reason := why_not(contact):
        return reason
    if score is not None and score.excluded:
        return _("The contact is excluded from scoring.")
    if who_is_there(sequence, [contact.pk], at):
        return _("The contact has reached the goal of the sequence already.")
    return ""


def live_score(contact: Contact) -> Score | None:
    scores = Score.objects.acting().filter(contact=contact)
    tracks = ("track__model", "track__version", "track__beside")
    return scores.order_by("track").select_related(*tracks).first()

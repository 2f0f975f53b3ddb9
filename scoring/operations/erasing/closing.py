"""What was still to be done about a contact is not to be done any more."""

from datetime import datetime

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from contacts.models import Contact
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.enrolments import Enrolment
from scoring.pipeline.calls.models import CallEntry
from scoring.pipeline.feedback.models import Alarm, Handover
from scoring.pipeline.leads.manual import ManualBand


def close(contact: Contact, user: User, at: datetime) -> None:
    contact.tasks.open().cancel(user, at)
    # Also what is in somebody's hands just now: it is emptied, and must not be tried again.
    pending = Message.objects.filter(contact=contact, state=Message.State.PENDING)
    pending.cancel(_("The contact was erased."))
    for enrolment in Enrolment.objects.filter(contact=contact, state=Enrolment.State.ACTIVE):
        enrolment.end(Enrolment.State.LEFT, Enrolment.Reason.AUDIENCE)
    CallEntry.objects.filter(contact=contact, holds=True).update(
        holds=False, state=CallEntry.State.DROPPED
    )
    ManualBand.objects.filter(contact=contact, ended_at=None).update(ended_at=at, ended_by=user)
    # What cannot be done any more is not late; what was late has been, and stays so.
    handed = Handover.objects.filter(contact=contact)
    handed.filter(responded_at=None, respond_by__gt=at).update(respond_by=None)
    handed.filter(answered_at=None, feedback_by__gt=at).update(feedback_by=None)
    Alarm.objects.filter(handover__contact=contact).waiting().delete()

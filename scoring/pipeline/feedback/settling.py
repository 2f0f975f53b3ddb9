"""What follows from a verdict: the contact's lifecycle, reminders, the task, and the activity."""

from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import translation

from contacts.models import Activity, ActivityType, Lifecycle, Target, Task
from contacts.models.tasks import TaskQuerySet
from scoring.automations.actions.lifecycle import leads_forward
from scoring.pipeline.feedback.models import Alarm, Handover, VerdictKind

SOURCE: Final = "feedback"
TYPES: Final = {
    VerdictKind.ACCEPTED.value: "lead_accepted",
    VerdictKind.REJECTED.value: "lead_rejected",
}


def move_lifecycle(handover: Handover, was: str) -> str | None:
    """Accepted is sales qualified, only ever forward; taken back where that was the answer's doing.

    Where the contact stood before, if this moved it.
    """
    contact, to = handover.contact, Lifecycle.SQL.value
    if handover.verdict == VerdictKind.ACCEPTED:
        if not leads_forward(contact.lifecycle, to):
            return None
    else:
        accepted = handover.verdicts.filter(verdict=VerdictKind.ACCEPTED).last()
        before = accepted.lifecycle_before if accepted and was == VerdictKind.ACCEPTED else None
        if before is None or contact.lifecycle != to:
            return None
        to = before
    stood, contact.lifecycle = contact.lifecycle, to
    contact.save(update_fields=["lifecycle"])
    return stood


def settle_alarms(handover: Handover) -> None:
    """An accepted lead that nobody has tried to reach yet still reminds of that."""
    waiting = Alarm.objects.filter(handover=handover).waiting()
    if handover.verdict == VerdictKind.ACCEPTED:
        waiting = waiting.of_feedback()
    waiting.delete()


def settle_tasks(handover: Handover, user: User, former: datetime | None) -> None:
    """A rejected lead needs no call: what its crossing gave to do is cancelled.

    Accepted after all, what the former answer cancelled is open again.
    """
    tasks = tasks_of(handover)
    if handover.verdict == VerdictKind.REJECTED and handover.answered_at:
        tasks.cancel(user, handover.answered_at)
    elif former is not None:
        tasks.filter(state=Task.State.CANCELLED, done_at=former).reopen()


def tasks_of(handover: Handover) -> TaskQuerySet:
    """Those that the same crossing has made."""
    if handover.crossing_id is None:
        return Task.objects.none()
    return Task.objects.filter(
        contact=handover.contact_id, origin__startswith=f"x:{handover.crossing_id}:"
    )


def put_activity(handover: Handover, at: datetime) -> None:
    """What automations, rules and reports see: one activity, which follows the verdict.

    Another reason changes it; another verdict takes its place, for what was said is not so.
    """
    key = f"handover:{handover.pk}"
    slug = TYPES[handover.verdict]
    kind = ActivityType.objects.get(pk=ActivityType.objects.ids_by_slug([slug])[slug])
    activity = Activity.objects.filter(source=SOURCE, external_id=key).first()
    if activity is not None and activity.type_id != kind.pk:
        activity.delete()
        activity = None
    activity = activity or Activity(source=SOURCE, external_id=key, occurred_at=at)
    target = handover.reason.slug if handover.reason else ""
    activity.contact, activity.type = handover.contact, kind
    activity.target_id = Target.objects.ids_by_key([target])[Target.key_of(target)]
    activity.properties = properties_of(handover)
    activity.save()


def properties_of(handover: Handover) -> dict[str, str]:
    """In the installation's language, as everything that is stored."""
    with translation.override(settings.LANGUAGE_CODE):
        found = {
            "band": handover.band,
            "reason": str(handover.reason) if handover.reason else "",
            "text": handover.text[:500],
        }
    return {name: value for name, value in found.items() if value}

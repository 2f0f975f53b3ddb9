"""First attempts to reach a lead: found where another system tells of them, and taken back."""

from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from contacts.models import Activity, ActivityType, Calendar
from contacts.working_time import NoWorkingTime
from scoring.automations.outbox.messages import Message
from scoring.pipeline.feedback.handing import Deadlines
from scoring.pipeline.feedback.models import Alarm, Handover, ServiceLevel
from scoring.pipeline.leads.contacting import SOURCE
from scoring.pipeline.leads.emailing import key_for

# A person of ours has reached the lead, or the lead has a date with one. What a lead does
# alone, as to answer an e-mail, is no attempt of ours.
ATTEMPTS: Final = ("call", "meeting_booked")
AT_ONCE: Final = 200


def note_attempts() -> int:
    """First attempts that only an activity tells of: a telephone system, a booking page."""
    found = attempted(Handover.objects.unreached(), timezone.now())
    return sum(
        Handover.objects.respond([contact], first)
        for contact, first in found.values_list("contact", "attempted_at")[:AT_ONCE]
    )


def attempted(rows: QuerySet[Handover], now: datetime) -> Any:
    """Those since which an activity was an attempt, with the first one: ``attempted_at``.

    For each type one look into the index of scores, whatever else the lead has done: asked
    for both at once, PostgreSQL reads everything that the lead ever did.
    """
    types = list(ActivityType.objects.known_ids(ATTEMPTS).values())
    since = Activity.objects.filter(
        contact=OuterRef("contact"),
        automated=False,
        occurred_at__gte=OuterRef("handed_at"),
        occurred_at__lte=now,
    ).order_by()
    looks = [Q(Exists(since.filter(type=each))) for each in types]
    is_tried = reduce(or_, looks, Q(pk__in=[]))
    of_each = since.filter(type__in=types).values("contact")
    first = of_each.annotate(first=Min("occurred_at")).values("first")
    return rows.filter(is_tried).annotate(attempted_at=Subquery(first)).order_by("handed_at", "pk")


def take_back_attempt(contact_id: int, at: datetime) -> None:
    """What was done at that instant is undone: was it the first attempt, the next one is.

    Where there is none, nobody has tried to reach the lead, and what reminds of that is there
    again. To be called in the transaction that has removed what told of the attempt.
    """
    mine = Handover.objects.filter(contact=contact_id, responded_at=at)
    taken = list(mine.select_related("calendar").order_by("pk").select_for_update(of=("self",)))
    if not taken:
        return
    mine.update(responded_at=None, response_seconds=None)
    for handover in Handover.objects.unreached().filter(pk__in=[each.pk for each in taken]):
        remind(handover)
    if (other := next_attempt(contact_id, at)) is not None:
        Handover.objects.respond([contact_id], other)


def next_attempt(contact_id: int, since: datetime) -> datetime | None:
    """By whatever of it lies here: calls and dates, talks noted on the lead's page, and letters."""
    now = timezone.now()
    done = Activity.objects.filter(
        Q(type__slug__in=ATTEMPTS) | Q(source=SOURCE),
        contact=contact_id,
        automated=False,
        occurred_at__gte=since,
        occurred_at__lte=now,
    )
    letters = Message.objects.filter(
        contact=contact_id, key__startswith=key_for(contact_id, ""), created_at__gte=since
    )
    found = (
        done.order_by().aggregate(first=Min("occurred_at"))["first"],
        letters.order_by().aggregate(first=Min("created_at"))["first"],
    )
    return min((each for each in found if each is not None), default=None)


def remind(handover: Handover) -> None:
    """Of the first attempt, by the service level of today; what went off before stays so."""
    level = ServiceLevel.objects.of(handover.model, handover.band)
    calendar = handover.calendar or Calendar.objects.default()
    kinds = (Alarm.Kind.RESPONSE_NEAR, Alarm.Kind.RESPONSE_PAST)
    try:
        alarms = list(Deadlines(level, calendar.working_time(), handover.handed_at).alarms())
    except NoWorkingTime:
        return
    Alarm.objects.bulk_create(
        [Alarm(handover=handover, kind=kind, due_at=due) for kind, due in alarms if kind in kinds],
        ignore_conflicts=True,
    )

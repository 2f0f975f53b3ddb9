"""A sequence of two e-mails and a task, and days that everybody works or nobody does."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Permission, User

from contacts.models import Calendar, Contact, Holiday, Task
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.enrolling import enrol
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.loading import load_sequence
from scoring.automations.sequences.models import Sequence
from scoring.automations.sequences.stepping import do_due

Data = dict[str, Any]

MADRID = ZoneInfo("Europe/Madrid")
# Later than the clock of this machine; 3 October 2107 is a Monday.
MONDAY = datetime(2107, 10, 3, 8, tzinfo=UTC)

STEPS: list[Data] = [
    {
        "kind": "email",
        "wait": "0 working days",
        "at": "10:00",
        "subject": "Hello {{ contact.first_name | there }}",
        "text": "Good to see you, {{ contact.first_name }}.",
    },
    {
        "kind": "email",
        "wait": "2 working days",
        "at": "09:00",
        "subject": "A question",
        "text": "Shall we talk? {{ unsubscribe.link }}",
    },
    {
        "kind": "task",
        "wait": "1 working day",
        "subject": "Call {{ contact.full_name }}",
        "text": "They had two e-mails.",
        "priority": "high",
        "due_hours": 4,
    },
]


def calendar(name: str = "Madrid", zone: str = "Europe/Madrid", *holidays: str) -> Calendar:
    week = dict.fromkeys(["mon", "tue", "wed", "thu", "fri"], [["09:00", "18:00"]])
    found, _new = Calendar.objects.update_or_create(
        name=name, defaults={"time_zone": zone, "hours": week}
    )
    Holiday.objects.bulk_create(Holiday(calendar=found, day=day) for day in holidays)
    return found


def sequence(name: str = "Welcome", steps: list[Data] | None = None, **more: Any) -> Sequence:
    """One that is on, in Madrid's calendar."""
    calendar()
    data = {"name": name, "calendar": "Madrid", "steps": STEPS if steps is None else steps, **more}
    found = load_sequence(data)
    found.active = True
    found.save()
    return found


def lea(**fields: Any) -> Contact:
    fields = {"email": "lea@example.com", "first_name": "Léa", "owner": "saul", **fields}
    return Contact.objects.create(**fields)


def owner() -> User:
    return User.objects.create_user("saul", "saul@example.com", first_name="Saúl")


def put_in(who: Contact, into: Sequence, at: datetime = MONDAY) -> Enrolment:
    found, _new = enrol(into, who, at=at)
    return found


def run_until(end: datetime, start: datetime = MONDAY) -> None:
    """As a worker would, each quarter of an hour."""
    moment = start
    while moment <= end:
        while do_due(moment):
            pass
        moment += timedelta(minutes=15)


def sent() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("subject", flat=True))


def tasks() -> list[str]:
    return list(Task.objects.order_by("pk").values_list("title", flat=True))


def fresh(enrolment: Enrolment) -> Enrolment:
    return Enrolment.objects.get(pk=enrolment.pk)


def permission(name: str) -> Permission:
    return Permission.objects.get(codename=name, content_type__app_label="scoring")

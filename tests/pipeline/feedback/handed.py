"""Leads that were handed over, and the people who answer them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, User

from contacts.models import Calendar, Contact, Member, Team
from scoring.criteria.models import ScoringModel
from scoring.pipeline.feedback.handing import Handing
from scoring.pipeline.feedback.models import Handover

# A Monday at nine in Madrid, whose office hours are 9 to 14 and 15 to 18.
MONDAY = datetime(2026, 10, 5, 7, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def in_madrid() -> Calendar:
    calendar = Calendar.objects.get(is_default=True)
    calendar.time_zone = "Europe/Madrid"
    calendar.save()
    return calendar


def seller(name: str, role: str = "Sales", *, team: bool = True) -> User:
    user, is_new = User.objects.get_or_create(
        username=name, defaults={"is_staff": True, "email": f"{name}@lumbre.example"}
    )
    if is_new:
        user.set_unusable_password()
        user.save()
        user.groups.add(Group.objects.get(name=role))
        if team:
            Member.objects.create(team=Team.objects.get(name="Sales"), user=user)
    return user


def lead(name: str = "ana", owner: str = "saul", **more: Any) -> Contact:
    return Contact.objects.create(
        email=f"{name}@x.example", first_name=name.title(), owner=owner, **more
    )


def handed(
    name: str = "ana", owner: str = "saul", at: datetime = MONDAY, key: str = "", **more: Any
) -> Handover:
    contact = Contact.objects.filter(email=f"{name}@x.example").first() or lead(name, owner, **more)
    model, _new = ScoringModel.objects.get_or_create(name="B2B")
    key = key or f"x:{contact.pk}:{at.timestamp()}"
    return Handing(contact, model, "hot", 80, at, key).do()[0]

"""Reminders whose time has come: each goes off once, in one transaction with what it posts."""

import time
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from contacts.models.teams import name_of
from leadscoring.failpoints import failpoint
from scoring.automations.outbox.messages import Message
from scoring.automations.values import address_of
from scoring.pipeline.feedback.models import Alarm, Handover
from scoring.pipeline.feedback.people import People

AT_ONCE: Final = 200
SECONDS: Final = 20.0
NEAR: Final = (Alarm.Kind.RESPONSE_NEAR, Alarm.Kind.FEEDBACK_NEAR)


def go_off(now: datetime | None = None) -> int:
    """Tell of what is due for some seconds, the oldest first; how many reminders were done."""
    until = time.monotonic() + SECONDS
    at = now or timezone.now()
    done = 0
    for pk in list(Alarm.objects.due(at).values_list("pk", flat=True)[:AT_ONCE]):
        done += ring(pk, at)
        if time.monotonic() > until:
            break
    return done


def ring(pk: int, at: datetime) -> bool:
    """Let one reminder go off; False where another worker has it, or it is gone."""
    with transaction.atomic(), translation.override(settings.LANGUAGE_CODE):
        alarm = (
            Alarm.objects.due(at)
            .filter(pk=pk)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("handover__contact__company", "handover__calendar", "handover__model")
            .first()
        )
        if alarm is None:
            return False
        if not is_stale(alarm, at):
            for user in people_of(alarm, at):
                tell(alarm, user)
        Alarm.objects.filter(pk=pk).update(done_at=at)
        failpoint("escalation.before_commit")
    return True


def is_stale(alarm: Alarm, at: datetime) -> bool:
    """Nobody is warned of a deadline that has passed: the worker was away for so long."""
    handover = alarm.handover
    by = handover.respond_by if alarm.kind == Alarm.Kind.RESPONSE_NEAR else handover.feedback_by
    return alarm.kind in NEAR and by is not None and by <= at


def people_of(alarm: Alarm, at: datetime) -> list[User]:
    people = People(alarm.handover, at)
    return people.warned() if alarm.kind in NEAR else people.managers()


def tell(alarm: Alarm, user: User) -> None:
    """By notification and, where there is an address, by e-mail; once for each key."""
    handover = alarm.handover
    title, text = words(alarm)
    key = f"handover:{handover.pk}:{alarm.kind}:{user.pk}"
    ways = [("inbox", user.get_username(), key, link_of(handover))]
    if user.email:
        ways.append(("staff", user.email, f"{key}:mail", address_of(handover.contact)))
    for channel, recipient, own_key, link in ways:
        Message.objects.post(
            key=own_key,
            channel=channel,
            recipient=recipient,
            subject=title,
            body={"text": text, "link": link},
            contact=handover.contact,
        )


def link_of(handover: Handover) -> str:
    return reverse("admin:scoring_lead_change", args=[handover.contact_id])


def words(alarm: Alarm) -> tuple[str, str]:
    handover = alarm.handover
    is_response = alarm.kind in (Alarm.Kind.RESPONSE_NEAR, Alarm.Kind.RESPONSE_PAST)
    by = handover.respond_by if is_response else handover.feedback_by
    owner = People(handover, timezone.now()).owner
    facts = {
        "lead": handover.contact.full_name or handover.contact.email,
        "band": handover.band,
        "owner": name_of(owner) if owner else handover.contact.owner or _("nobody"),
        "handed": shown(handover.handed_at),
        "by": shown(by) if by else "",
    }
    titles = {
        Alarm.Kind.RESPONSE_NEAR: _("Reach %(lead)s by %(by)s"),
        Alarm.Kind.RESPONSE_PAST: _("Nobody has tried to reach %(lead)s"),
        Alarm.Kind.FEEDBACK_NEAR: _("Accept or reject %(lead)s by %(by)s"),
        Alarm.Kind.FEEDBACK_PAST: _("No answer about %(lead)s"),
    }
    said = _("Handed over at %(handed)s in the band “%(band)s”, due at %(by)s. Owner: %(owner)s.")
    return titles[Alarm.Kind(alarm.kind)] % facts, said % facts


def shown(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")

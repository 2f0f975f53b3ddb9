"""Leads that have gone quiet: the one trigger that nothing but time sets off."""

import logging
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from contacts.models import Activity, ActivityType
from scoring.automations.firing import Firing, carry_out
from scoring.automations.models import Automation, Crossing
from scoring.automations.present import live_track
from scoring.automations.triggers import Direction
from scoring.automations.triggers.events import Quiet
from scoring.criteria.document import DocumentInvalid
from scoring.engine.locks import lock_contacts
from scoring.engine.models import Score, Track

logger = logging.getLogger(__name__)

# An automation is looked at again after this time.
EVERY = timedelta(minutes=10)


def listen(now: datetime | None = None) -> int:
    """Set off the automations that wait for silence; how many leads have gone quiet."""
    until = now or timezone.now()
    waiting = Automation.objects.filter(
        live=True, version__isnull=False, checked_at__lte=until - EVERY
    )
    return sum(heard(pk, until) for pk in waiting.values_list("pk", flat=True))


def heard(automation_id: int, until: datetime) -> int:
    """The same for one automation; one that fails is told, and holds up no other."""
    try:
        return listen_for(automation_id, until)
    except OperationalError:
        raise
    except Exception:
        logger.exception("The automation %d could not listen for silence.", automation_id)
        return 0


def listen_for(automation_id: int, until: datetime) -> int:
    with transaction.atomic():
        taken = Automation.objects.select_for_update(skip_locked=True, of=("self",))
        automation = (
            taken.filter(pk=automation_id, checked_at__lte=until - EVERY)
            .select_related("version")
            .first()
        )
        if automation is None or automation.checked_at is None:
            return 0
        track = live_track(automation)
        if track is None:
            return 0
        since, automation.checked_at = automation.checked_at, until
        automation.save(update_fields=["checked_at"])
        seen = {each.contact_id for each in gone_quiet(automation, track, since, until)}
        lock_contacts(sorted(seen))
        # Looked at again: somebody may have done something before the lock.
        again = gone_quiet(automation, track, since, until) if seen else []
        found = [firing for firing in again if firing.contact_id in seen]
        carry_out(track, found, until)
    return len(found)


def gone_quiet(
    automation: Automation, track: Track, since: datetime, until: datetime
) -> list[Firing]:
    """Leads whose last activity the cut-off has passed between two instants."""
    try:
        trigger = automation.current.value(track).trigger
    except DocumentInvalid:
        return []
    if not isinstance(trigger, Quiet):
        return []
    low, high = trigger.silence.before(since), trigger.silence.before(until)
    if low is None or high is None:
        return []
    types = ActivityType.objects.all()
    if trigger.types:
        types = types.filter(slug__in=trigger.types)
    counted = Activity.objects.order_by().filter(
        type__in=list(types.values_list("pk", flat=True)), automated=False
    )
    later = counted.filter(
        contact=OuterRef("contact"), occurred_at__gt=high, occurred_at__lte=until
    )
    scores = Score.objects.acting(track).filter(excluded=False)
    known = Crossing.objects.filter(track=track, automation=automation, activity=OuterRef("pk"))
    last = (
        counted.filter(occurred_at__gt=low, occurred_at__lte=high)
        .filter(~Exists(later), ~Exists(known), Exists(scores.filter(contact=OuterRef("contact"))))
        .values("contact")
        .annotate(last=Max("pk"))
        .values_list("contact", "last")
    )
    activities = dict(last)
    totals = scores.filter(contact__in=activities).values_list("contact", "total", "revision")
    return [
        Firing(
            automation=automation,
            contact_id=contact,
            episode=-activities[contact],
            direction=Direction.DOWN,
            total=total,
            revision=revision,
            activity_id=activities[contact],
        )
        for contact, total, revision in totals
    ]

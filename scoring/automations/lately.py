"""For how many contacts a trigger would have gone off lately, had it been on."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from contacts.models import Activity, ActivityType
from scoring.automations.document import AutomationDocument
from scoring.automations.triggers import Direction, Level
from scoring.automations.triggers.events import ActivityArrives
from scoring.criteria.document import EXCLUDED
from scoring.engine.models import Cause, ScoreChange, Track

DAYS: Final = 30
# These set nothing off.
SILENT: Final = (Cause.VERSION, Cause.RECOMPUTE)


def crossed_lately(document: AutomationDocument, track: Track, now: datetime) -> int | None:
    """Contacts, each once; None where the history does not tell, or not in one query.

    Conditions, cool-down and re-arming are not looked at: it is a measure, at most so many.
    """
    since = now - timedelta(days=DAYS)
    if isinstance(document.trigger, ActivityArrives):
        return arrived_since(document.trigger, since)
    level = document.trigger.level(track.version.document_value)
    if level is None:
        return None
    changes = ScoreChange.objects.filter(
        crossing(level), track=track, as_of__gte=since, total__isnull=False
    ).exclude(Q(cause__in=SILENT) | Q(band=EXCLUDED))
    return changes.order_by().values("contact").distinct().count()


def crossing(level: Level) -> Q:
    """A change that goes past the level; somebody without a score has come from below."""
    if level.direction is Direction.DOWN:
        return Q(total_before__gte=level.at, total__lt=level.at)
    found = Q(total__gte=level.at) & (Q(total_before=None) | Q(total_before__lt=level.at))
    return found if level.until is None else found & Q(total__lt=level.until)


def arrived_since(trigger: ActivityArrives, since: datetime) -> int:
    types = ActivityType.objects.known_ids(trigger.activity.types)
    found = Activity.objects.filter(
        trigger.activity.holds(), type__in=types.values(), automated=False, occurred_at__gte=since
    )
    return found.order_by().values("contact").distinct().count()

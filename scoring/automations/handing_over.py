"""Crossings that were held back and handed over: done where they still make sense."""

import logging
from collections.abc import Container, Sequence

from django.db import transaction
from django.utils import timezone

from scoring.automations.conditions import who_meets
from scoring.automations.firing import act
from scoring.automations.models import AutomationVersion, Crossing
from scoring.automations.present import already_there
from scoring.criteria.document import DocumentInvalid
from scoring.engine.locks import lock_contacts
from scoring.engine.models import Track

logger = logging.getLogger(__name__)


def do_released(most: int = 200) -> int:
    """Do the actions of crossings that somebody has handed over; how many crossings."""
    with transaction.atomic():
        waiting = Crossing.objects.select_for_update(skip_locked=True, of=("self",))
        taken = list(
            waiting.filter(to_be_done=True)
            .select_related("automation", "version", "track__version", "track__model")
            .order_by("at")[:most]
        )
        by_track: dict[Track, list[Crossing]] = {}
        for crossing in taken:
            by_track.setdefault(crossing.track, []).append(crossing)
        for track, crossings in by_track.items():
            lock_contacts(sorted({crossing.contact_id for crossing in crossings}))
            doable = [crossing for crossing in crossings if is_doable(crossing)]
            act(track, with_reason(track, doable))
        Crossing.objects.filter(pk__in=[crossing.pk for crossing in taken]).update(to_be_done=False)
    return len(taken)


def with_reason(track: Track, crossings: Sequence[Crossing]) -> list[Crossing]:
    """Those whose level and conditions hold now, as if they had crossed now.

    The others are closed: long after they were held back, or after another version, a task
    about them would say what is no longer so.
    """
    by_version: dict[AutomationVersion, list[Crossing]] = {}
    for crossing in crossings:
        by_version.setdefault(crossing.version, []).append(crossing)
    found: list[Crossing] = []
    for version, alike in by_version.items():
        there = meeting_level(track, version, alike)
        found += meeting_conditions(track, version, there)
    return sorted(found, key=lambda crossing: crossing.at)


def meeting_level(
    track: Track, version: AutomationVersion, crossings: Sequence[Crossing]
) -> Sequence[Crossing]:
    """Those that are past the level; every one where the trigger looks at no total."""
    past = already_there(version.value(track), track)
    if past is None:
        return crossings
    contacts = [crossing.contact_id for crossing in crossings]
    who = set(past.filter(contact__in=contacts).values_list("contact", flat=True))
    return only(crossings, who, Crossing.Suppressed.PASSED)


def meeting_conditions(
    track: Track, version: AutomationVersion, crossings: Sequence[Crossing]
) -> list[Crossing]:
    fields = track.version.document_value.fields
    contacts = [crossing.contact_id for crossing in crossings]
    who = who_meets(version.value(track).conditions, fields, contacts, timezone.now())
    return only(crossings, who, Crossing.Suppressed.CONDITIONS)


def only(crossings: Sequence[Crossing], who: Container[int], otherwise: str) -> list[Crossing]:
    """Those of these contacts; the others are closed for this reason."""
    others = [crossing.pk for crossing in crossings if crossing.contact_id not in who]
    Crossing.objects.filter(pk__in=others).update(suppressed=otherwise)
    return [crossing for crossing in crossings if crossing.contact_id in who]


def is_doable(crossing: Crossing) -> bool:
    """Whether the version that crossed fits the model that is live now; if not, it is held."""
    try:
        crossing.version.value(crossing.track)
    except DocumentInvalid:
        logger.warning("The automation of the crossing %s no longer fits its model.", crossing.pk)
        back = Crossing.Suppressed.QUIET
        Crossing.objects.filter(pk=crossing.pk).update(suppressed=back, released_by="")
        return False
    return True

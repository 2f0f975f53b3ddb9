"""Who is past the level of a trigger already, when it is switched on."""

from django.db import transaction
from django.db.models import Q, QuerySet

from scoring.automations.document import AutomationDocument
from scoring.automations.firing import Firing, carry_out
from scoring.automations.models import Automation, TriggerState
from scoring.automations.triggers import Direction, Level
from scoring.criteria.models import ScoringModel
from scoring.engine.locks import lock_contacts
from scoring.engine.models import Score, Track

BATCH = 500


def live_track(automation: Automation) -> Track | None:
    return live_track_of(automation.model)


def live_track_of(model: ScoringModel) -> Track | None:
    tracks = Track.objects.filter(model=model, role=Track.Role.LIVE)
    return tracks.select_related("version", "model").first()


def beyond(level: Level) -> Q:
    """Of scores: those that the level holds."""
    if level.direction is Direction.DOWN:
        return Q(total__lt=level.at)
    found = Q(total__gte=level.at)
    return found if level.until is None else found & Q(total__lt=level.until)


def already_there(document: AutomationDocument, track: Track) -> QuerySet[Score] | None:
    """Whom the trigger would have gone off for, had it been on; None where that has no sense.

    By the scores that act on a live track; the excluded never count.
    """
    level = document.trigger.level(track.version.document_value)
    if level is None:
        return None
    there = beyond(level)
    if track.pilot is not None:
        other = document.trigger.level(track.pilot.version.document_value)
        there = Q(track=track) & there | (Q(track=track.pilot) & beyond(other or level))
    return Score.objects.acting(track).filter(there, excluded=False)


def hold_present(automation: Automation) -> int:
    """Note a held-back crossing for everybody who is there already and never crossed."""
    track = live_track(automation)
    if track is None or automation.version is None:
        return 0
    document = automation.version.value(track)
    scores = already_there(document, track)
    level = document.trigger.level(track.version.document_value)
    if scores is None or level is None:
        return 0
    fresh = scores.exclude(
        contact__in=TriggerState.objects.filter(track=track, automation=automation).values(
            "contact"
        )
    )
    held = last = 0
    while batch := list(
        fresh.filter(contact__gt=last)
        .order_by("contact")
        .values_list("contact_id", "total", "revision")[:BATCH]
    ):
        last = batch[-1][0]
        with transaction.atomic():
            lock_contacts([contact for contact, _total, _revision in batch])
            there = scores.filter(contact__in=[contact for contact, _t, _r in batch])
            held += hold(automation, track, level, there)
    return held


def hold(automation: Automation, track: Track, level: Level, scores: QuerySet[Score]) -> int:
    """Of locked contacts, as they are now."""
    known = TriggerState.objects.filter(track=track, automation=automation)
    known = known.filter(contact__in=list(scores.values_list("contact_id", flat=True)))
    scores = scores.exclude(contact__in=list(known.values_list("contact", flat=True)))
    firings = [
        Firing(
            automation=automation,
            contact_id=score.contact_id,
            episode=1,
            direction=level.direction,
            total=score.total,
            revision=score.revision,
            quiet=True,
        )
        for score in scores
    ]
    TriggerState.objects.bulk_create(
        TriggerState(
            track=track,
            contact_id=firing.contact_id,
            automation=automation,
            armed=False,
            episode=firing.episode,
        )
        for firing in firings
    )
    carry_out(track, firings, track.instant(None))
    return len(firings)

"""A pilot begins, goes on in small steps that a worker does, and comes to its end."""

from datetime import datetime
from time import monotonic
from typing import Final

from django.db import transaction
from django.utils import timezone

from scoring.engine.locks import BLOCK, BLOCK_BITS, block_of, lock_block, lock_contacts
from scoring.engine.models import Cause, Recompute, Score, ScoreChange, Track
from scoring.engine.pilots.models import Pilot, PilotMember
from scoring.engine.pilots.switching import enter, go_over, is_computed, who_waits
from scoring.engine.publish import try_out
from scoring.engine.recompute import start

BATCH: Final = 500
SECONDS: Final = 20


def begin(pilot: Pilot, zone: str, now: datetime) -> Recompute:
    """Have everybody scored by the candidate as well; who takes part enters once that is done.

    In the caller's transaction. Raises what computing the version raises.
    """
    live = Track.objects.select_for_update().get(model=pilot.model_id, role=Track.Role.LIVE)
    try_out(pilot.version, now)
    track = Track.objects.create(
        model=pilot.model, role=Track.Role.PILOT, version=pilot.version, swept_at=now
    )
    Track.objects.filter(pk=live.pk).update(pilot=track)
    pilot.state, pilot.track, pilot.control_id = Pilot.State.RUNNING, track, live.version_id
    pilot.started_at, pilot.zone = now, zone
    pilot.save()
    return start(track, Cause.VERSION)


def live_track_of(pilot: Pilot) -> Track:
    tracks = Track.objects.select_related("version", "pilot__version")
    return tracks.get(model=pilot.model_id, role=Track.Role.LIVE)


def go_on(pilot_id: int) -> int:
    """One step of a pilot that is under way; how many leads or rows it was."""
    with transaction.atomic():
        rows = Pilot.objects.under_way().select_for_update(skip_locked=True, of=("self",))
        pilot = rows.select_related("version", "track__version").filter(pk=pilot_id).first()
        if pilot is None:
            return 0
        if pilot.state == Pilot.State.RUNNING:
            return admit(pilot)
        return close(pilot)


def go_on_with_pilots() -> int:
    """Steps of every pilot that is under way, for some seconds; how many leads or rows."""
    ends, done = monotonic() + SECONDS, 0
    for pk in Pilot.objects.under_way().order_by("pk").values_list("pk", flat=True):
        while (step := go_on(pk)) and monotonic() < ends:
            done += step
    return done


def admit(pilot: Pilot) -> int:
    """Let the next leads in, once there are scores by the candidate."""
    if pilot.track is None or not is_computed(pilot.track):
        return 0
    live, now = live_track_of(pilot), timezone.now()
    waiting = list(who_waits(pilot).values_list("pk", flat=True)[:BATCH])
    return len(enter(pilot, live, waiting, now)) if waiting else 0


def close(pilot: Pilot) -> int:
    """The next step of the way back: the leads, then the track, then what was computed."""
    live, track = live_track_of(pilot), pilot.track
    if track is None:
        return ended(pilot)
    if track.role == Track.Role.ENDED:
        return take_away(track) or ended(pilot)
    if not is_computed(live):
        # A version has just gone live: until its scores are there the pilot's act.
        return 0
    acting = PilotMember.objects.filter(pilot=pilot, acts=True).order_by("contact")
    if contacts := list(acting.values_list("contact", flat=True)[:BATCH]):
        lock_contacts(contacts)
        go_over(pilot, contacts, track, live, timezone.now())
        return len(contacts)
    Track.objects.filter(pk=live.pk).update(pilot=None)
    Track.objects.filter(pk=track.pk).update(role=Track.Role.ENDED)
    track.recomputes.filter(finished_at=None).update(finished_at=timezone.now())
    return 1


def take_away(track: Track) -> int:
    """The scores of one block. Whoever still writes there has it locked, and is waited for."""
    first = Score.objects.filter(track=track).order_by("contact").values_list("contact", flat=True)
    contact = first.first()
    if contact is None:
        return 0
    block = block_of(contact)
    lock_block(block)
    start_of = block << BLOCK_BITS
    inside = {"track": track, "contact__gte": start_of, "contact__lt": start_of + BLOCK}
    ScoreChange.objects.filter(**inside).delete()
    return Score.objects.filter(**inside).delete()[0]


def ended(pilot: Pilot) -> int:
    if pilot.track is not None:
        pilot.track.delete()
    Pilot.objects.filter(pk=pilot.pk).update(
        state=Pilot.State.ENDED, track=None, ended_at=timezone.now()
    )
    return 1

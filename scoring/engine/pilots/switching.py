"""Who enters a pilot and in which arm, and how a lead goes over from one version to the other.

Going over is quiet: it is nothing that the contact did. What it would have set off is held back,
as where a version goes live.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from contacts.models import Contact
from contacts.models.people import ContactQuerySet
from scoring.criteria.document import EXCLUDED, DocumentInvalid
from scoring.criteria.segments import Segment
from scoring.engine.followers import Change, Refreshed, followed, tell
from scoring.engine.locks import lock_contacts
from scoring.engine.models import Cause, Score, Track
from scoring.engine.pilots.arms import arm_of
from scoring.engine.pilots.models import Arm, Pilot, PilotMember


def is_computed(track: Track) -> bool:
    return not track.recomputes.filter(finished_at=None).exists()


def scored_by(model_id: int) -> QuerySet[Score]:
    """What either version of a model says of those in its audience."""
    sides = (Track.Role.LIVE, Track.Role.PILOT)
    return Score.objects.filter(
        track__model=model_id, track__role__in=sides, excluded=False
    ).order_by()


def who_waits(pilot: Pilot) -> ContactQuerySet:
    """Contacts of the salespeople that have a score by either version, and are not in it yet."""
    scored = scored_by(pilot.model_id).filter(contact=OuterRef("pk"))
    inside = PilotMember.objects.filter(pilot=pilot, contact=OuterRef("pk"))
    mine = Contact.objects.filter(owner_norm__in=pilot.owners)
    return mine.filter(~Exists(inside), Exists(scored)).order_by("pk")


def enter(pilot: Pilot, live: Track, contacts: Sequence[int], now: datetime) -> list[PilotMember]:
    """Store their places, for good. In the caller's transaction, with the pilot locked."""
    lock_contacts(sorted(contacts))
    # Again: one may have been merged away, or given to somebody else, before the lock.
    still = who_waits(pilot).filter(pk__in=contacts)
    keys = dict(still.values_list("pk", "email_key"))
    members = PilotMember.objects.bulk_create(places(pilot, keys, now))
    candidates = [each.contact_id for each in members if each.arm == Arm.CANDIDATE]
    if pilot.track is not None:
        go_over(pilot, candidates, live, pilot.track, now)
    return members


def places(pilot: Pilot, keys: Mapping[int, str], now: datetime) -> list[PilotMember]:
    """Not stored yet; ``keys``: the address of each contact, by which its arm is drawn."""
    strata = strata_of(pilot, list(keys), now)
    return [
        PilotMember(
            pilot=pilot,
            contact_id=pk,
            stratum=strata[pk],
            arm=arm_of(pilot.salt, strata[pk], key),
            entered_at=now,
            due_at=now + pilot.window,
        )
        for pk, key in keys.items()
    ]


def strata_of(pilot: Pilot, contacts: Sequence[int], now: datetime) -> dict[int, int]:
    """The place of the first segment that holds for each; after the last for all others."""
    found: dict[int, int] = {}
    for place, stratum in enumerate(pilot.strata):
        left = Contact.objects.filter(pk__in=[pk for pk in contacts if pk not in found])
        try:
            inside = Segment(condition=stratum["condition"]).narrow(left, now)
        except DocumentInvalid:
            # A field of its condition is no more: it holds for nobody.
            continue
        found |= dict.fromkeys(inside.values_list("pk", flat=True), place)
    return {pk: found.get(pk, len(pilot.strata)) for pk in contacts}


def go_over(pilot: Pilot, contacts: Sequence[int], away: Track, to: Track, now: datetime) -> None:
    """From now on the other track acts for these locked contacts."""
    places = PilotMember.objects.filter(pilot=pilot, contact__in=contacts)
    places.update(acts=to.pk == pilot.track_id)
    before, after = scores_on(away, contacts), scores_on(to, contacts)
    track = followed(Track.objects.filter(pk=to.pk)).select_related("version").get()
    tell(
        Refreshed(
            track=track,
            version=track.version,
            cause=Cause.VERSION,
            as_of=track.instant(now),
            contact_ids=contacts,
            changes=[
                change(pk, before.get(pk), after.get(pk))
                for pk in contacts
                if pk in before or pk in after
            ],
            quiet=frozenset(contacts),
        )
    )


def scores_on(track: Track, contacts: Sequence[int]) -> dict[int, Score]:
    rows = Score.objects.filter(track=track, contact__in=contacts)
    return {score.contact_id: score for score in rows}


def change(contact_id: int, before: Score | None, after: Score | None) -> Change:
    known = after or before
    return Change(
        contact_id=contact_id,
        revision=known.revision if known else 0,
        before=before.total if before else None,
        band_before=band_of(before),
        total=after.total if after else None,
        band=band_of(after),
    )


def band_of(score: Score | None) -> str | None:
    if score is None:
        return None
    return EXCLUDED if score.excluded else score.band

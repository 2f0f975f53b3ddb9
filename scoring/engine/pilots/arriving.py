"""A lead that arrives while a pilot runs has its place before anybody hears of its scores.

So the version of its arm sets things off for it, once and aloud, also where it is hot from the
first moment. Whoever had a score before goes over quietly: see ``switching``.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db.models import Exists, OuterRef
from django.utils import timezone

from contacts.models import Contact
from contacts.models.people import ContactQuerySet
from scoring.engine.models import Score, Track
from scoring.engine.pilots.models import Arm, Pilot, PilotMember
from scoring.engine.pilots.switching import is_computed, places, scored_by


@contextmanager
def places_for_arrivals(tracks: Iterable[Track], contacts: Sequence[int]) -> Iterator[None]:
    """Inside, these locked contacts are scored on these tracks; in the caller's transaction."""
    entered = [
        member
        for track in tracks
        if track.role == Track.Role.PILOT
        for member in let_in(track, contacts)
    ]
    yield
    for member in entered:
        # Outside the audience of both versions, or excluded by them, it takes no part.
        if not scored_by(member.pilot).filter(contact=member.contact_id).exists():
            member.delete()


def let_in(track: Track, contacts: Sequence[int]) -> list[PilotMember]:
    """Where the pilot is in other hands at this moment they enter with its next step."""
    rows = Pilot.objects.filter(track=track, state=Pilot.State.RUNNING)
    pilot = rows.select_for_update(skip_locked=True, of=("self",)).first()
    if pilot is None or not is_computed(track):
        return []
    keys = dict(who_is_new(pilot, contacts).values_list("pk", "email_key"))
    members = places(pilot, keys, timezone.now())
    for member in members:
        member.acts = member.arm == Arm.CANDIDATE
    return PilotMember.objects.bulk_create(members)


def who_is_new(pilot: Pilot, contacts: Sequence[int]) -> ContactQuerySet:
    known = Score.objects.filter(contact=OuterRef("pk"), track__model=pilot.model_id)
    inside = PilotMember.objects.filter(pilot=pilot, contact=OuterRef("pk"))
    mine = Contact.objects.filter(pk__in=contacts, owner_norm__in=pilot.owners)
    return mine.filter(~Exists(inside), ~Exists(known))

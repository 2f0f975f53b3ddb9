"""A lead that arrives while a pilot runs has its place before anybody hears of its scores.

So the version of its arm sets things off for it, once and aloud, also where it is hot from the
first moment. Whoever had a score before goes over quietly: see ``switching``.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db.models import Exists, OuterRef
from django.utils import timezone

from contacts.models import Contact
from scoring.engine.models import Score, Track
from scoring.engine.pilots.models import Arm, Pilot, PilotMember
from scoring.engine.pilots.switching import is_computed, places, scored_by


@contextmanager
def places_for_arrivals(tracks: Iterable[Track], contacts: Sequence[int]) -> Iterator[None]:
    """Inside, these locked contacts are scored on these tracks; in the caller's transaction."""
    pilots = [track for track in tracks if track.role == Track.Role.PILOT]
    entered = [(track, members) for track in pilots if (members := let_in(track, contacts))]
    yield
    for track, members in entered:
        # Outside the audience of both versions, or excluded by them, they take no part.
        scored = scored_by(track.model_id).filter(contact=OuterRef("contact"))
        rows = PilotMember.objects.filter(pk__in=[member.pk for member in members])
        rows.filter(~Exists(scored)).delete()


def let_in(track: Track, contacts: Sequence[int]) -> list[PilotMember]:
    """Where the pilot is in other hands at this moment they enter with its next step.

    It is locked only where somebody is new, so that those of other workers are not kept out.
    """
    running = Pilot.objects.filter(track=track, state=Pilot.State.RUNNING)
    pilot = running.first()
    if pilot is None or not (keys := dict(new_keys(pilot, contacts))) or not is_computed(track):
        return []
    if not running.select_for_update(skip_locked=True, of=("self",)).first():
        return []
    members = places(pilot, keys, timezone.now())
    for member in members:
        member.acts = member.arm == Arm.CANDIDATE
    return PilotMember.objects.bulk_create(members)


def new_keys(pilot: Pilot, contacts: Sequence[int]) -> Iterable[tuple[int, str]]:
    """The address of each that nobody has scored yet."""
    known = Score.objects.filter(contact=OuterRef("pk"), track__model=pilot.model_id)
    inside = PilotMember.objects.filter(pilot=pilot, contact=OuterRef("pk"))
    mine = Contact.objects.filter(pk__in=contacts, owner_norm__in=pilot.owners)
    return mine.filter(~Exists(inside), ~Exists(known)).values_list("pk", "email_key")

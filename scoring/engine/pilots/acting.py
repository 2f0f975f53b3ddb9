"""Which of two tracks acts for a contact: the live one, or that of a pilot."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, Case, Exists, OuterRef, Q, QuerySet, Value, When

from scoring.engine.pilots.models import PilotMember

if TYPE_CHECKING:
    from scoring.engine.models import Track


def acting_members() -> "QuerySet[PilotMember]":
    """The leads for whom a candidate acts at this moment."""
    return PilotMember.objects.filter(acts=True).order_by()


def acts(track: "Track", scored: str, contact: str) -> Q:
    """The scores that act for a live track: its own, but of some contacts those of its pilot.

    ``scored`` is the look-up of the score's track, ``contact`` that of the contact's id. Where no
    pilot runs it is the plain question for the track.
    """
    if track.pilot_id is None:
        return Q((scored, track.pk))
    inside: Any = acting_members().filter(pilot__track=track.pilot_id).values("contact")
    own = Q((scored, track.pk)) & ~Q((f"{contact}__in", inside))
    return own | Q((scored, track.pilot_id), (f"{contact}__in", inside))


def acting_track_id(track: "Track", contact: str) -> Case:
    """Of each row that of the track that acts for its contact, where a pilot runs beside."""
    inside = acting_members().filter(contact=OuterRef(contact), pilot__track=track.pilot_id)
    return Case(
        When(Exists(inside), then=Value(track.pilot_id)),
        default=Value(track.pk),
        output_field=BigIntegerField(),
    )


def acting_anywhere() -> Q:
    """The same over every live track; of scores."""
    inside = Exists(
        acting_members().filter(contact=OuterRef("contact"), pilot__model=OuterRef("track__model"))
    )
    return Q(track__role="live") & ~inside | Q(track__role="pilot") & inside


def whom_it_acts_for(track: "Track", contacts: Collection[int]) -> set[int]:
    """Of these contacts; without a query where there is no pilot."""
    is_pilot = track.role == "pilot"
    if not is_pilot and track.pilot_id is None:
        return set(contacts)
    pilot = track.pk if is_pilot else track.pilot_id
    inside = acting_members().filter(pilot__track=pilot, contact__in=contacts)
    candidates = set(inside.values_list("contact", flat=True))
    return candidates if is_pilot else set(contacts) - candidates


def acting_track(track: "Track", contact_id: int) -> "Track":
    """The track whose score acts for this contact, where a live one is looked at."""
    if track.role != "live" or track.pilot is None or whom_it_acts_for(track, [contact_id]):
        return track
    return track.pilot


def shared_out(track: "Track", contacts: Sequence[int]) -> "list[tuple[Track, list[int]]]":
    """Of a live track: each track that acts for some of these contacts, with them."""
    own = whom_it_acts_for(track, contacts)
    found = [(track, [pk for pk in contacts if pk in own])]
    if track.pilot is not None:
        found.append((track.pilot, [pk for pk in contacts if pk not in own]))
    return [(each, chosen) for each, chosen in found if chosen]

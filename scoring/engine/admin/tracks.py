"""Which model's scores a page shows: the one that its address names, or the first live one."""

from collections.abc import Iterable
from typing import Final

from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext

from scoring.engine.locks import block_of
from scoring.engine.models import RecomputeRange, Track

PARAMETER: Final = "model"


def tracks_of(request: HttpRequest) -> list[Track]:
    """Every track, the live ones first; asked once for each request.

    A pilot's is for those who look after pilots: salespeople who saw by it whom it finds hot would
    treat the leads of the other arm by it too.
    """
    kept: dict[str, list[Track]] = request.__dict__
    if "scoring_tracks" not in kept:
        found = Track.objects.computed().select_related(
            "model", "version__model", "pilot__version__model"
        )
        if not request.user.has_perm("scoring.view_pilot"):
            found = found.exclude(role=Track.Role.PILOT)
        kept["scoring_tracks"] = sorted(
            found, key=lambda track: (track.role != Track.Role.LIVE, track.pk)
        )
    return kept["scoring_tracks"]


def chosen_track(request: HttpRequest) -> Track | None:
    """None where no model is live, nor tried in a pilot."""
    tracks = tracks_of(request)
    wanted = request.GET.get(PARAMETER)
    return next((track for track in tracks if str(track.pk) == wanted), next(iter(tracks), None))


def title_of(track: Track) -> str:
    if track.role == Track.Role.LIVE:
        return track.model.name
    return gettext("%(model)s (%(role)s)") % {
        "model": track.model.name,
        "role": track.get_role_display(),
    }


def progress(track: Track) -> dict[str, int] | None:
    """Blocks ``done`` of ``all`` by the recompute that is under way; None where none is."""
    blocks = RecomputeRange.objects.filter(
        recompute__track=track, recompute__finished_at=None
    ).aggregate(done=Count("done_at"), all=Count("pk"))
    return blocks if blocks["all"] else None


def not_reached(track: Track, contacts: Iterable[int]) -> set[int]:
    """Those of these contacts that a running recompute has still to come to.

    What is stored of them may be another version's: its breakdown has other rules.
    """
    blocks: dict[int, set[int]] = {}
    for pk in contacts:
        blocks.setdefault(block_of(pk), set()).add(pk)
    waiting = RecomputeRange.objects.filter(
        recompute__track=track, recompute__finished_at=None, done_at=None, block__in=blocks
    )
    return {pk for block in waiting.values_list("block", flat=True) for pk in blocks[block]}

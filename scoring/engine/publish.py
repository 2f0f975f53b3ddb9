"""A version goes live: from now on the track is computed by it."""

from datetime import datetime

from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from contacts.models import Contact
from scoring.criteria.models import Version
from scoring.engine.compile import kept_from
from scoring.engine.models import Cause, Recompute, Track
from scoring.engine.pilots.models import Pilot
from scoring.engine.recompute import start
from scoring.engine.results import score
from scoring.engine.sweep import sweep_track


def publish(version: Version, as_of: datetime | None = None) -> Recompute:
    """Make this the live version of its model, and begin the recompute that it needs.

    Only rules that differ from the version before are computed anew, where that version's
    scores are complete. The caller does the work, or leaves it to a worker.
    """
    with transaction.atomic():
        Pilot.objects.end_with(version, timezone.now())
        # In an order of their own: that of the class would lock the model's row as well.
        siblings = Version.objects.select_for_update(no_key=True).filter(model=version.model)
        siblings = siblings.order_by("pk")
        list(siblings.values_list("pk"))
        track, new = Track.objects.select_for_update().get_or_create(
            model=version.model,
            role=Track.Role.LIVE,
            defaults={"version": version, "swept_at": as_of or timezone.now()},
        )
        earlier = as_of is not None and as_of < track.swept_at
        base = None if new or earlier else base_for(track, version)
        if base is not None:
            # What the patch keeps must be as of the same instant as what it computes.
            sweep_track(track.pk, track.instant(as_of))
        try_out(version, track.instant(as_of))
        siblings.live().exclude(pk=version.pk).update(state=Version.State.RETIRED)
        Version.objects.filter(pk=version.pk).update(state=Version.State.LIVE)
        Track.objects.filter(pk=track.pk).update(version=version)
        track.refresh_from_db()
        return start(track, Cause.VERSION, as_of, base)


def try_out(version: Version, as_of: datetime) -> None:
    """Score one contact, so that a version that cannot be computed never goes live.

    Every refresh does all tracks: one that fails would stop the others.
    """
    anybody = list(Contact.objects.order_by("pk").values_list("pk", flat=True)[:1])
    score(version.document_value, anybody, as_of, DEFAULT_DB_ALIAS)


def base_for(track: Track, version: Version) -> Version | None:
    """The version whose stored scores can be patched; None where there are none."""
    complete = track.recomputes.filter(finished_at__isnull=False).exists()
    kept = kept_from(version.document_value, track.version.document_value)
    return track.version if complete and kept and track.version != version else None

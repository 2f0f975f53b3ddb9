"""The year week by week: what the engine says of each Monday of it, from the first on.

Nothing is invented here. At the end of each week everybody who had come by then, and for whom
anything can have changed in it, is scored as of that instant; so each total has the history that
explains it, and reports over the year have something to count.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from contacts.batches import batches
from contacts.models import Contact, ImportRun
from scoring.engine.models import Cause, Track
from scoring.engine.refresh import refresh
from scoring.engine.sweep import due

WEEK: Final = timedelta(days=7)
WEEKS: Final = 52
# Contacts in one transaction.
AT_ONCE: Final = 400


def began(run: ImportRun) -> datetime:
    """When the version went live in the demo: a year before the day of its data."""
    return anchor_of(run) - WEEKS * WEEK


def anchor_of(run: ImportRun) -> datetime:
    return run.started_at.replace(microsecond=0)


def replay(track: Track, run: ImportRun) -> Iterator[int]:
    """Score the weeks that are still to come on this track; one number for each of them.

    Where it was cut short it goes on: the track knows up to when it is right.
    """
    document = track.version.document_value
    for place in range(1, WEEKS + 1):
        at = began(run) + place * WEEK
        if at <= track.swept_at:
            continue
        moved = due(document, track.swept_at, at)
        known: Any = Contact.objects.filter(created_at__lte=at).order_by("pk")
        new = known.exclude(scores__track=track).values_list("pk", flat=True)
        reached = moved.intersection(known.values_list("pk", flat=True)) | set(new)
        for some in batches(sorted(reached), AT_ONCE):
            refresh(some, Cause.TIME, at)
        track.swept_at = at
        track.save(update_fields=["swept_at"])
        yield place

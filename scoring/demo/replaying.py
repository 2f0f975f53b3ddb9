"""The year week by week, and its last week day by day: what the engine says at the end of each.

Nothing is invented here. At each end everybody who had come by then, and for whom anything can
have changed since the one before, is scored as of that instant; so each total has the history
that explains it, and reports over the year have something to count. A meeting looks at its last
days, so what became hot in them has its own day.
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
DAY: Final = timedelta(days=1)
WEEKS: Final = 52
# Contacts in one transaction.
AT_ONCE: Final = 400


def began(run: ImportRun) -> datetime:
    """When the version went live in the demo: a year before the day of its data."""
    return anchor_of(run) - WEEKS * WEEK


def anchor_of(run: ImportRun) -> datetime:
    return run.started_at.replace(microsecond=0)


def ends(run: ImportRun) -> list[datetime]:
    """The instants at which everybody is scored, in order; the last is that of the data."""
    weeks = [began(run) + place * WEEK for place in range(1, WEEKS)]
    return [*weeks, *(anchor_of(run) - days * DAY for days in range(6, -1, -1))]


def replay(track: Track, run: ImportRun) -> Iterator[int]:
    """Score what is still to come on this track; the number of the end that was reached, from 1.

    Where it was cut short it goes on: the track knows up to when it is right.
    """
    document = track.version.document_value
    for place, at in enumerate(ends(run), 1):
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

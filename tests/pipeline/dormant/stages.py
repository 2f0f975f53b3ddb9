"""Leads that were once hot and have gone quiet, for the tests of finding and waking them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from contacts.models import Contact
from scoring.engine.models import Score, ScoreChange, Track
from tests.engine.scored import MODEL, forget_pending, go_live, person, visit

DAY = timedelta(days=1)


def live() -> Track:
    return go_live(MODEL)


def lead(
    track: Track,
    name: str,
    *,
    fit: int = 30,
    peak: int = 70,
    peaked: int = 100,
    quiet: int = 70,
    now: datetime | None = None,
    **fields: Any,
) -> Contact:
    """Somebody with this fit, whose total was ``peak`` so many days ago, and who is quiet since."""
    at = now or timezone.now()
    who = person(name, **fields)
    visit(who, quiet * DAY, "/about", now=at)
    forget_pending()
    band = "hot" if peak >= 60 else "warm" if peak >= 30 else "cold"
    ScoreChange.objects.create(
        track=track, contact=who, revision=900, version=track.version, cause="activity",
        as_of=at - peaked * DAY, written_at=at, total_before=fit, band_before="warm",
        total=peak, band=band, breakdown=[30, 0, peak - 30],
    )  # fmt: skip
    Score.objects.update_or_create(
        track=track,
        contact=who,
        defaults={
            "revision": 901, "total": fit, "fit": fit, "interest": 0, "band": "warm",
            "grade": "A2", "excluded": False, "groups": [fit, 0], "breakdown": [fit, 0, 0],
            "changed_at": at,
        },
    )  # fmt: skip
    return who

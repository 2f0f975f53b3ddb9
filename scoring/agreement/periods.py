"""From when to when each version was live, as the recomputes of the live track tell it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scoring.criteria.models import ScoringModel, Version
from scoring.engine.models import Cause, Recompute, Track


@dataclass(frozen=True, slots=True)
class Period:
    """``until`` is None where it is live now."""

    version_id: int
    since: datetime
    until: datetime | None


def periods(models: Iterable[ScoringModel]) -> dict[int, list[Period]]:
    """Version id -> its periods, the earliest first. Going live begins a recompute each time."""
    begun = list(
        Recompute.objects.filter(
            track__model__in=models, track__role=Track.Role.LIVE, cause=Cause.VERSION
        )
        .order_by("track_id", "pk")
        .values_list("track_id", "version_id", "started_at")
    )
    found: dict[int, list[Period]] = {}
    for place, (track, version, since) in enumerate(begun):
        later = begun[place + 1] if place + 1 < len(begun) else None
        until = later[2] if later and later[0] == track else None
        found.setdefault(version, []).append(Period(version, since, until))
    return found


def has_been_live(version: Version) -> bool:
    return Recompute.objects.filter(
        version=version, track__role=Track.Role.LIVE, cause=Cause.VERSION
    ).exists()

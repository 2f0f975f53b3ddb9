"""What the pictures of the first page ask: days up to today, of the model that is shown there."""

from typing import Final

from django.http import HttpRequest
from django.utils import timezone

from scoring.engine.admin.tracks import tracks_of
from scoring.engine.models import Track
from scoring.reports.asking import OWN_DAYS, Question, own_zone
from scoring.reports.periods import Grain, Period

WEEKS: Final = 12


def live_track(request: HttpRequest) -> Track | None:
    """Of the first model that is live; goals and reports are not about what is only tried."""
    found = tracks_of(request)
    return next((track for track in found if track.role == Track.Role.LIVE), None)


def asked(track: Track, days: int, grain: Grain = Grain.WEEK) -> Question:
    """Of the last days, today among them."""
    now, zone = timezone.now(), own_zone()
    period = Period.ending(now.astimezone(zone).date(), days, zone)
    return Question(period, grain, now, OWN_DAYS, track.model)

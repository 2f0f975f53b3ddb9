"""What would have been foretold at the beginning of past weeks, kept as if it had been."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F

from scoring.engine.models import Track
from scoring.reports.ahead.foretelling import foretold, is_enough
from scoring.reports.ahead.jobs import DAYS
from scoring.reports.ahead.looks import Look, since_the_first
from scoring.reports.ahead.models import ForecastMade, ForecastMadeQuerySet
from scoring.reports.ahead.rows import leads_by_day
from scoring.reports.ahead.seen import Seen, look_back
from scoring.reports.asking import Question, own_zone
from scoring.reports.periods import DAY, Grain, Period, first_of, midnight

# The first four weeks of each are over, and the last of the oldest ones.
WEEKS: Final = range(5, 17)
RUNS: Final = 200


def kept_here() -> ForecastMadeQuerySet:
    """Those of the demo: what a worker keeps it keeps some time after the week has begun."""
    return ForecastMade.objects.filter(made_at=F("as_of"))


def set_up(track: Track, now: datetime) -> None:
    """Once; the rows are read once for all of them, and futures drawn as few as will do."""
    if ForecastMade.objects.exists():
        return
    zone = own_zone()
    today = now.astimezone(zone).date()
    whole = Period.ending(today, 2 * DAYS, zone)
    question = Question(period=whole, grain=Grain.WEEK, now=now, model=track.model)
    leads = leads_by_day(question, whole)
    looks = []
    for week in WEEKS:
        monday = first_of(today, Grain.WEEK) - timedelta(weeks=week)
        rests_on = since_the_first(Period.ending(monday - DAY, DAYS // 7 * 7, zone), leads)
        if rests_on is not None:
            looks.append(Seen(Look(rests_on, midnight(monday, zone))))
    look_back(question, track, looks, leads)
    bands = [band.name for band in track.version.document_value.bands]
    for seen in filter(is_enough, looks):
        spans = foretold(seen, bands, runs=RUNS).spans
        look = seen.look
        ForecastMade.objects.keep(track.model, look.now, look.period, spans, bands[-1])
    ForecastMade.objects.update(made_at=F("as_of"))

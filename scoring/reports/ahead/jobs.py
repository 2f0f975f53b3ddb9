"""Keeps a forecast each week, so that everybody can see later how it turned out: a chore."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import chore
from scoring.engine.models import Track
from scoring.reports.ahead.foretelling import foretold, is_enough
from scoring.reports.ahead.looks import Look, since_the_first, whole_weeks
from scoring.reports.ahead.models import ForecastMade
from scoring.reports.ahead.rows import leads_by_day
from scoring.reports.ahead.seen import Seen, look_back
from scoring.reports.asking import Question, own_zone
from scoring.reports.periods import Grain, Period, first_of, midnight

DAYS: int = 365


@chore("forecasts", every=3600, title=_("Kept forecasts"))
def keep_forecasts() -> int:
    """One forecast that this week lacks."""
    now = timezone.now()
    zone = own_zone()
    monday = midnight(first_of(now.astimezone(zone).date(), Grain.WEEK), zone)
    for track in Track.objects.filter(role=Track.Role.LIVE).select_related("model", "version"):
        if not ForecastMade.objects.there_is(track.model, monday):
            keep(track, monday)
            return 1
    return 0


def keep(track: Track, as_of: datetime) -> None:
    """As of the first instant of the week, whenever the worker comes to it.

    Where too little is known it is kept empty: whoever looks next does not count again.
    """
    zone = own_zone()
    last = as_of.astimezone(zone).date() - timedelta(days=1)
    period = Period.ending(last, DAYS, zone)
    question = Question(period=period, grain=Grain.WEEK, now=as_of, model=track.model)
    bands = [band.name for band in track.version.document_value.bands]
    whole = whole_weeks(question)
    leads = leads_by_day(question, whole) if whole else {}
    rests_on = since_the_first(whole, leads) if whole else None
    if rests_on is None:
        ForecastMade.objects.keep(track.model, as_of, period, {}, bands[-1])
        return
    seen = Seen(Look(rests_on, as_of))
    look_back(question, track, [seen], leads)
    told = foretold(seen, bands).spans if is_enough(seen) else {}
    ForecastMade.objects.keep(track.model, as_of, rests_on, told, bands[-1])

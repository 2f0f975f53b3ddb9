"""What the coming weeks will bring, what the open deals are worth, and how it turned out before."""

from collections.abc import Sequence
from typing import ClassVar, Final

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from scoring.engine.proportions import FEW
from scoring.reports.ahead.behind import behind
from scoring.reports.ahead.definitions import MEASURES
from scoring.reports.ahead.foretelling import Foretold, Spans, exact, foretold, is_enough
from scoring.reports.ahead.history import history_sections
from scoring.reports.ahead.looks import Look, since_the_first, whole_weeks
from scoring.reports.ahead.pipeline import pipeline_tables
from scoring.reports.ahead.rows import leads_by_day, visitors
from scoring.reports.ahead.seen import Seen, look_back
from scoring.reports.ahead.tables import ahead_blocks, rates_table, weekly_table, weeks_said
from scoring.reports.ahead.turned_out import BACK, kept, kept_looks, tried, tried_looks
from scoring.reports.asking import NumberAsked, Question
from scoring.reports.blocks import Block, Section, Tone, Words
from scoring.reports.periods import Period
from scoring.reports.report import Measure, Report, Text, register
from scoring.reports.statistics.foresight import Times
from scoring.reports.statistics.pace import Pace

VISITS_MOST: Final = 10_000_000
# All steps of a what-if together, in times of now: each of its five percentages may be at its most.
TIMES_MOST: Final = 100_000
NO_MODEL: Final = _("No scoring model is live yet: there are no bands to forecast from.")
TOO_FEW: Final = _(
    "Too few to forecast: at least four whole weeks and 15 new leads in the period are needed. "
    "Choose a longer period, or come back later."
)
TOO_FEW_OPPORTUNITIES: Final = _(
    "Fewer than 15 leads of the period became opportunities while they were in a band, as far as "
    "the history of scores goes: too few to forecast opportunities by band."
)
TOO_FEW_CUSTOMERS: Final = _(
    "Fewer than 15 deals of the period were won: too few to forecast customers and revenue."
)
TOO_MUCH: Final = _(
    "What is asked is, all steps together, more than 100,000 times what there is now: the forecast "
    "does not reach so far. Ask for fewer visits, or for lower percentages."
)
UNKNOWN_VISITS: Final = _(
    "No page views of known contacts are stored for the period. Say how many visits a week there "
    "were so far; until then other visits change nothing."
)


@register
class Forecast(Report):
    slug: ClassVar[str] = "forecast"
    title: ClassVar[Text] = _("Forecast")
    purpose: ClassVar[Text] = _(
        "Visits, leads, hot leads, opportunities, customers and revenue of the coming 4, 8 and 12 "
        "weeks, what the open deals are worth, and how earlier forecasts turned out."
    )
    icon: ClassVar[str] = "online_prediction"
    order: ClassVar[int] = 80
    asks: ClassVar[frozenset[str]] = frozenset(
        {"model", "campaign", "segment", "source", "owner", "country"}
    )
    numbers: ClassVar[Sequence[NumberAsked]] = (
        NumberAsked("visited", _("Visits a week so far (0: as counted)"), 0, 0, VISITS_MOST),
        NumberAsked("visits", _("What if visits a week (0: as so far)"), 0, 0, VISITS_MOST),
        NumberAsked("volume", _("What if leads of a visit, % of now"), 100, 0, 1000),
        NumberAsked("hot", _("What if entries into bands of a lead, % of now"), 100, 0, 1000),
        NumberAsked("rates", _("What if opportunities of a band, % of now"), 100, 0, 1000),
        NumberAsked("won", _("What if customers of an opportunity, % of now"), 100, 0, 1000),
        NumberAsked("amount", _("What if revenue of a customer, % of now"), 100, 0, 1000),
    )
    is_slow: ClassVar[bool] = True
    days: ClassVar[int] = 365
    measures: ClassVar[Sequence[Measure]] = MEASURES

    def make(self, question: Question) -> Sequence[Section]:
        track, whole = question.track, whole_weeks(question)
        if track is None:
            return [Section("", [Words(str(NO_MODEL))])]
        if whole is None:
            return [Section("", [Words(str(TOO_FEW))])]
        made = kept_looks(question) if question.is_of_all else []
        first = min([whole.first - BACK, *(one.look.period.first for _made, one in made)])
        today = question.period.day_of(question.now)
        leads = leads_by_day(question, Period(first, today, whole.zone))
        period = since_the_first(whole, leads)
        if period is None:
            return [Section("", [Words(str(TOO_FEW))])]
        seen = Seen(Look(period, question.now))
        earlier = tried_looks(whole, leads) if question.is_of_all else []
        look_back(question, track, [seen, *(one for _made, one in made), *earlier], leads)
        pipeline = Section(gettext("Open pipeline"), pipeline_tables(question, track, period))
        if not is_enough(seen):
            return [Section("", [Words(str(TOO_FEW))]), pipeline]
        bands = [band.name for band in track.version.document_value.bands]
        return [
            *self.coming(question, seen, bands),
            pipeline,
            *history_sections(question, kept(question, made), tried(question, earlier, bands)),
        ]

    def coming(self, question: Question, seen: Seen, bands: Sequence[str]) -> list[Section]:
        visited = self.number(question, "visited")
        weekly = visited or Pace.of(seen.visits).mean
        times = self.times(question, weekly)
        if times.most > TIMES_MOST:
            return [Section("", [Words(str(TOO_MUCH), Tone.WARNING)])]
        told = foretold(seen, bands, times)
        spans = self.spans(question, told)
        period = seen.look.period
        hint = gettext("From %(weeks)s: %(period)s.") % {
            "weeks": weeks_said(seen.look.weeks),
            "period": period,
        }
        counted = 0 if visited else visitors(question, period)
        waits = {band: seen.bands[band] for band in told.known.bands}
        return [
            Section("", [*warnings(told, asks_visits(question) and not weekly),
                         *ahead_blocks(spans, told.hottest, hint)]),
            Section(
                gettext("What it rests on"),
                [weekly_table(seen, told, visited, counted), rates_table(waits, seen.deals)],
            ),
        ]  # fmt: skip

    def times(self, question: Question, weekly: float) -> Times:
        """``weekly``: visits so far."""
        wanted = self.number(question, "visits")
        per_cent = {
            name: self.number(question, name) / 100
            for name in ("volume", "hot", "rates", "won", "amount")
        }
        return Times(
            visits=wanted / weekly if wanted and weekly else 1.0,
            leads=per_cent["volume"],
            entries=per_cent["hot"],
            opportunities=per_cent["rates"],
            customers=per_cent["won"],
            revenue=per_cent["amount"],
        )

    def spans(self, question: Question, told: Foretold) -> Spans:
        """Visits that were given are not in doubt."""
        given = self.number(question, "visits") or self.number(question, "visited")
        rest = {name: bands for name, bands in told.spans.items() if name != "visits"}
        return {"visits": exact(given), **rest} if given else told.spans

    def behind(self, question: Question, key: str) -> QuerySet[Contact] | None:
        track = question.track
        return behind(question, track, key) if track else None


def asks_visits(question: Question) -> bool:
    return bool(question.numbers.get("visits"))


def warnings(told: Foretold, are_visits_unknown: bool) -> list[Block]:
    found = []
    if are_visits_unknown:
        found.append(UNKNOWN_VISITS)
    if told.opportunities < FEW:
        found.append(TOO_FEW_OPPORTUNITIES)
    if told.known.deals.events < FEW:
        found.append(TOO_FEW_CUSTOMERS)
    return [Words(str(each), Tone.WARNING) for each in found]

"""What the coming weeks will bring, and what the open deals are worth."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, Final

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from scoring.engine.admin.badges import band_name
from scoring.engine.models import Track
from scoring.engine.proportions import FEW
from scoring.reports import chain, weighing
from scoring.reports.asking import NumberAsked, Question
from scoring.reports.blocks import (
    Block,
    Chart,
    Column,
    Section,
    Series,
    Shape,
    Table,
    Tone,
    Words,
)
from scoring.reports.periods import Period
from scoring.reports.report import Measure, Report, Text, register
from scoring.reports.statistics.foresight import DAYS, Band, Known, Run, band_of, simulated
from scoring.reports.statistics.survival import Curve
from scoring.reports.values import Kind, Value, count, money, text

HORIZONS: Final = (4, 8, 12)
WEEKS: Final = HORIZONS[-1]
WEEKS_LEAST: Final = 4
NO_MODEL: Final = _("No scoring model is live yet: there are no bands to forecast from.")
TOO_FEW: Final = _(
    "Too few to forecast: at least four whole weeks and 15 new leads in the period are needed. "
    "Choose a longer period, or come back later."
)
TOO_FEW_OPPORTUNITIES: Final = _(
    "Fewer than 15 leads of the period became opportunities while they were in a band, as far as "
    "the history of scores goes: too few to forecast opportunities, customers and revenue."
)
TOO_FEW_CUSTOMERS: Final = _(
    "Fewer than 15 deals of the period were won: too few to forecast customers and revenue."
)


def measures() -> Iterator[Measure]:
    yield Measure(
        "ahead",
        _("Expected"),
        _(
            "The middle of 2,000 simulated futures, from now on; in brackets where 95 of 100 of "
            "them lie, and beside it 80 of 100. The simulation begins with the same seed, so the "
            "same question has the same answer. Numbers of a week follow Poisson's distribution; "
            "that the rates are known only from the whole weeks of the period is in the span. "
            "Holidays, seasons and campaigns to come are not known to it."
        ),
    )
    yield Measure(
        "visits",
        _("Visits"),
        _(
            "Days on which a known contact viewed pages, each contact by itself, in the time zone "
            "of the default working calendar, at the mean of the period."
        ),
    )
    yield Measure(
        "leads",
        _("Leads"),
        _("Contacts that were created, or stored where it is not said when they were created."),
    )
    yield Measure(
        "entries",
        _("Into the highest band"),
        _("Times that a lead enters the highest band of the live model, also once more."),
    )
    yield Measure(
        "opportunities",
        _("Opportunities"),
        _(
            "Leads in a band that get a deal while they are in it. The chance by week is Kaplan "
            "and Meier's for each band, of those who entered it in the period: who is still open "
            "counts up to today, and who left the band never gets there from it. What entered "
            "before the period is not counted on."
        ),
    )
    yield Measure(
        "customers",
        _("Customers and revenue"),
        _(
            "Deals of contacts that are won, by Kaplan and Meier's curve from opening to winning; "
            "a lost one is never won. Revenue draws amounts from the deals won in the period."
        ),
    )
    yield Measure(
        "weighted",
        _("Open pipeline"),
        _(
            "The amounts of open deals, times the probability of their stage, or times the share "
            "of deals won among those closed in the period whose contact was in the same band when "
            "they were opened. With fewer than 15 closed deals of a band, the share of all stands."
        ),
    )


@register
class Forecast(Report):
    slug: ClassVar[str] = "forecast"
    title: ClassVar[Text] = _("Forecast")
    purpose: ClassVar[Text] = _(
        "Leads, hot leads, opportunities, customers and revenue of the coming 4, 8 and 12 weeks, "
        "and what the open deals are worth."
    )
    icon: ClassVar[str] = "online_prediction"
    order: ClassVar[int] = 80
    asks: ClassVar[frozenset[str]] = frozenset(
        {"model", "campaign", "segment", "source", "owner", "country"}
    )
    numbers: ClassVar[Sequence[NumberAsked]] = (
        NumberAsked("volume", _("What if leads were, in % of now"), 100, 0, 1000),
        NumberAsked("rates", _("What if rates were, in % of now"), 100, 0, 1000),
    )
    is_slow: ClassVar[bool] = True
    days: ClassVar[int] = 365
    measures: ClassVar[Sequence[Measure]] = tuple(measures())

    def make(self, question: Question) -> Sequence[Section]:
        track, period = question.track, chain.whole_weeks(question)
        if track is None:
            return [Section("", [Words(str(NO_MODEL))])]
        leads = chain.leads_by_week(question, period) if period else []
        if period is None or len(leads) < WEEKS_LEAST or sum(leads) < FEW:
            return [Section("", [Words(str(TOO_FEW))])]
        stays, deals = chain.stays(question, track, period), chain.deals(question, period)
        bands = [band.name for band in track.version.document_value.bands if band.name in stays]
        known = Known(
            leads=leads,
            entries={band: stays[band].of for band in bands},
            bands={band: stays[band].step(WEEKS) for band in bands},
            deals=deals.step(WEEKS),
            amounts=chain.amounts_won(question, period),
            leads_times=self.number(question, "volume") / 100,
            rates_times=self.number(question, "rates") / 100,
        )
        visits = chain.visits(question, period)
        curves = {band_name(band): stays[band].reached for band in bands}
        return [
            Section("", list(self.ahead(known, track, visits, period))),
            Section(gettext("What it rests on"), [rates_table(curves, deals.reached)]),
            Section(gettext("Open pipeline"), [pipeline_table(question, track, period)]),
        ]

    def ahead(self, known: Known, track: Track, visits: int, period: Period) -> Iterator[Block]:
        hottest = track.version.document_value.bands[-1].name
        runs = simulated(known, WEEKS)
        found = forecasts(runs, hottest)
        events = sum(step.events for step in known.bands.values())
        if events < FEW:
            yield Words(str(TOO_FEW_OPPORTUNITIES), Tone.WARNING)
            found = {name: found[name] for name in ("leads", "entries")}
        elif known.deals.events < FEW:
            yield Words(str(TOO_FEW_CUSTOMERS), Tone.WARNING)
            found = {name: found[name] for name in ("leads", "entries", "opportunities")}
        if known.entries.get(hottest, 0) < FEW:
            del found["entries"]
        labels = [weeks_said(weeks) for weeks in HORIZONS]
        shown = [name for name in found if name not in ("leads", "revenue")] or ["leads"]
        titles = titles_of(hottest)
        yield Chart(
            "ahead",
            gettext("Expected in the coming weeks, with the span of 95 of 100"),
            Shape.BARS,
            labels,
            [
                Series(
                    titles[name],
                    [band.middle for band in found[name]],
                    [band.low95 for band in found[name]],
                    [band.high95 for band in found[name]],
                )
                for name in shown
            ],
        )
        weekly = visits / len(known.leads) * known.leads_times
        rows = [
            [text(gettext("visits")), text(weeks_said(weeks)), count(round(weekly * weeks))]
            + [text(""), text("")]
            for weeks in HORIZONS
        ]
        for name, bands in found.items():
            rows += [
                row_of(name, titles[name], *pair) for pair in zip(HORIZONS, bands, strict=True)
            ]
        columns = [
            Column(gettext("what")),
            Column(gettext("within")),
            Column(gettext("expected (95 of 100)"), "ahead"),
            Column(gettext("80 of 100: from"), "ahead"),
            Column(gettext("to"), "ahead"),
        ]
        hint = gettext("From %(weeks)s: %(period)s.") % {
            "weeks": weeks_said(len(known.leads)),
            "period": period,
        }
        yield Table("ahead", gettext("The coming weeks"), columns, rows, hint=hint)


def titles_of(hottest: str) -> Mapping[str, str]:
    return {
        "leads": gettext("leads"),
        "entries": gettext("into %(band)s") % {"band": band_name(hottest)},
        "opportunities": gettext("opportunities"),
        "customers": gettext("customers"),
        "revenue": gettext("revenue"),
    }


def forecasts(runs: Sequence[Run], hottest: str) -> dict[str, list[Band]]:
    """By what is forecast, a span for each horizon."""
    ways: dict[str, list[Sequence[float]]] = {
        "leads": [run.leads for run in runs],
        "entries": [run.entries.get(hottest, [0] * WEEKS) for run in runs],
        "opportunities": [run.opportunities for run in runs],
        "customers": [run.customers for run in runs],
        "revenue": [run.revenue for run in runs],
    }
    return {
        name: [band_of([sum(way[:weeks]) for way in numbers]) for weeks in HORIZONS]
        for name, numbers in ways.items()
    }


def row_of(name: str, title: str, weeks: int, band: Band) -> list[Value]:
    kind = Kind.MONEY if name == "revenue" else Kind.COUNT
    return [
        text(title),
        text(weeks_said(weeks)),
        Value(kind, band.middle, band.low95, band.high95),
        Value(kind, band.low80),
        Value(kind, band.high80),
    ]


def weeks_said(weeks: int) -> str:
    return ngettext("%(count)d week", "%(count)d weeks", weeks) % {"count": weeks}


def rates_table(bands: Mapping[str, Curve], won: Curve) -> Table:
    """How many of 1 get to the next step within each horizon."""
    steps = [
        (gettext("%(band)s to opportunity") % {"band": band}, curve)
        for band, curve in reversed(list(bands.items()))
    ]
    steps.append((gettext("opportunity to customer"), won))
    rows = [
        [text(title), count(curve.of), count(curve.events)]
        + [share_within(curve, weeks) for weeks in HORIZONS]
        for title, curve in steps
    ]
    measure = "opportunities"
    within = [Column(gettext("within %(weeks)s") % {"weeks": weeks_said(weeks)}, measure)
              for weeks in HORIZONS]  # fmt: skip
    columns = [Column(gettext("from, to")), Column(gettext("began")), Column(gettext("got there"))]
    return Table("rates", gettext("Rates and times"), [*columns, *within], rows)


def share_within(curve: Curve, weeks: int) -> Value:
    step = curve.at(DAYS * weeks)
    if not curve.of:
        return Value(Kind.SHARE, None, of=0)
    if step is None:
        return Value(Kind.SHARE, 0.0, of=curve.of)
    return Value(Kind.SHARE, step.reached, step.low, step.high, step.at_risk)


def pipeline_table(question: Question, track: Track, period: Period) -> Table:
    rates = weighing.win_rates(question, track, period)
    stages = weighing.weighed(question, track, rates)
    rows = [
        [
            text(f"{one.stage.pipeline}: {one.stage}"),
            count(one.deals),
            money(one.amount),
            Value(Kind.SHARE, one.stage.probability / 100),
            money(cents(one.by_stage)),
            money(None if one.by_band is None else cents(one.by_band)),
        ]
        for one in stages
    ]
    known = [one.by_band for one in stages if one.by_band is not None]
    total = [
        text(gettext("all")),
        count(sum(one.deals for one in stages)),
        money(sum((one.amount for one in stages), Decimal(0))),
        text(""),
        money(cents(sum((one.by_stage for one in stages), Decimal(0)))),
        money(cents(sum(known, Decimal(0))) if len(known) == len(stages) else None),
    ]
    columns = [
        Column(gettext("stage")),
        Column(gettext("deals")),
        Column(gettext("amount")),
        Column(gettext("probability")),
        Column(gettext("weighted by stage"), "weighted"),
        Column(gettext("weighted by band"), "weighted"),
    ]
    title = gettext("Open deals and what they are worth")
    empty = gettext("No deal is open.")
    return Table("pipeline", title, columns, rows, total if rows else None, empty=empty)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)

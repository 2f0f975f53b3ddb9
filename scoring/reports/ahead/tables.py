"""The tables and the picture of what is expected, and of what that rests on."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from django.utils.translation import gettext, ngettext

from scoring.engine.admin.badges import band_name
from scoring.engine.proportions import Z
from scoring.reports.ahead.foretelling import Foretold, Spans
from scoring.reports.ahead.looks import HORIZONS, Waits
from scoring.reports.ahead.seen import Seen
from scoring.reports.blocks import Block, Chart, Column, Series, Shape, Table, Words
from scoring.reports.charts import draw
from scoring.reports.statistics.chances import DAYS
from scoring.reports.statistics.counting import counted_interval
from scoring.reports.statistics.foresight import Band
from scoring.reports.statistics.pace import Pace, Trend, dispersion
from scoring.reports.statistics.survival import Curve
from scoring.reports.values import Kind, Value, count, text

# Of the highest bar, so high is the picture: a span that is wider would leave bars like slivers.
MANY_TIMES: Final = 2


def titles_of(hottest: str) -> Mapping[str, str]:
    return {
        "visits": gettext("visits"),
        "leads": gettext("leads"),
        "entries": gettext("into %(band)s") % {"band": band_name(hottest)},
        "opportunities": gettext("opportunities"),
        "customers": gettext("customers"),
        "revenue": gettext("revenue"),
    }


def weeks_said(weeks: int) -> str:
    return ngettext("%(count)d week", "%(count)d weeks", weeks) % {"count": weeks}


def ahead_blocks(spans: Spans, hottest: str, hint: str) -> Iterator[Block]:
    titles = titles_of(hottest)
    labels = [weeks_said(weeks) for weeks in HORIZONS]
    drawn = [name for name in spans if name not in ("visits", "leads", "revenue")] or ["leads"]
    title = gettext("Expected in the coming weeks, with the span of 95 of 100: %(what)s")
    shown = [[spans[name][weeks - 1] for weeks in HORIZONS] for name in drawn]
    most = MANY_TIMES * max(band.middle for bands in shown for band in bands)
    chart = Chart(
        "ahead",
        title % {"what": ", ".join(titles[name] for name in drawn)},
        Shape.BARS,
        labels,
        [series_of(titles[name], bands) for name, bands in zip(drawn, shown, strict=True)],
        most=most or None,
    )
    yield chart
    if any(whisker.is_cut for whisker in draw(chart).whiskers):
        said = gettext(
            "Where a span ends in an arrow it goes on beyond the picture; the table says how far."
        )
        yield Words(said)
    rows = [
        row_of(name, titles[name], weeks, bands[weeks - 1])
        for name, bands in spans.items()
        for weeks in HORIZONS
    ]
    columns = [
        Column(gettext("what")),
        Column(gettext("within")),
        Column(gettext("expected (95 of 100)"), "ahead"),
        Column(gettext("80 of 100: from"), "ahead"),
        Column(gettext("to"), "ahead"),
    ]
    yield Table("ahead", gettext("The coming weeks"), columns, rows, hint=hint)


def series_of(title: str, bands: Sequence[Band]) -> Series:
    return Series(
        title,
        [band.middle for band in bands],
        [band.low95 for band in bands],
        [band.high95 for band in bands],
    )


def expected(name: str, band: Band) -> Value:
    kind = Kind.MONEY if name == "revenue" else Kind.COUNT
    if band.low95 == band.high95 == band.middle:
        return Value(kind, band.middle)
    return Value(kind, band.middle, band.low95, band.high95)


def row_of(name: str, title: str, weeks: int, band: Band) -> list[Value]:
    kind = Kind.MONEY if name == "revenue" else Kind.COUNT
    ends = [Value(kind, band.low80), Value(kind, band.high80)]
    return [text(title), text(weeks_said(weeks)), expected(name, band), *ends]


def weekly_table(seen: Seen, told: Foretold, visited: int, visitors: int) -> Table:
    """From visits to leads and bands, as many as came in a week. ``visited``: as it was given."""
    known = told.known
    visits = [visited] * len(known.leads) if visited else known.visits
    rows: list[list[Value]] = []
    if visited:
        given = [count(sum(visits)), Value(Kind.NUMBER, visited), NO_SHARE]
        rows.append([text(gettext("visits")), *given, Value(Kind.NUMBER, visited), NO_SHARE])
    elif any(visits):
        rows.append(weekly_row(gettext("visits"), visits, "visits"))
    if visitors and not visited:
        title = gettext("visitors in the whole period")
        rows.append([text(title), count(visitors, "visits"), NOBODY, NO_SHARE, NOBODY, NO_SHARE])
    per_visit = ratio(known.leads, sum(visits))
    rows.append(weekly_row(gettext("leads"), known.leads, "leads", per_visit))
    for band, entries in reversed(list(known.entries.items())):
        title = gettext("into %(band)s") % {"band": band_name(band)}
        came = sum(known.leads[-len(entries) :])
        rows.append(weekly_row(title, entries, f"entered={band}", ratio(entries, came)))
    rows.append(weekly_row(gettext("deals opened"), seen.deals_opened, "deals"))
    columns = [
        Column(gettext("what")),
        Column(gettext("counted"), "weekly"),
        Column(gettext("in a week, lately"), "weekly"),
        Column(gettext("of those before"), "weekly"),
        Column(gettext("in a week, at the end"), "weekly"),
        Column(gettext("growth a week"), "weekly"),
    ]
    return Table("weekly", gettext("From visits to leads and bands"), columns, rows)


NOBODY = Value(Kind.NUMBER, None)
NO_SHARE = Value(Kind.SHARE, None)


def weekly_row(
    title: str, numbers: Sequence[int], behind: str, of_before: Value = NO_SHARE
) -> list[Value]:
    pace = Pace.of(numbers)
    places = 1 if pace.mean < 10 else None
    mean, low, high = (round(each, places) for each in (pace.mean, *pace.interval()))
    weekly = Value(Kind.NUMBER, mean, low, high)
    counted = count(sum(numbers), behind)
    return [text(title), counted, weekly, of_before, level_of(pace), growth_of(pace.trend)]


def level_of(pace: Pace) -> Value:
    """As many as the last week brings by level and growth: from there the forecast goes on."""
    if not pace.number:
        return NOBODY
    level = pace.expected(1) * math.exp(-pace.trend.growth)
    unsure = math.hypot(
        math.sqrt(pace.wide / (pace.number + 0.5)), pace.trend.deviation * pace.trend.middle
    )
    ends = (level * math.exp(way * Z * unsure) for way in (0, -1, 1))
    number, low, high = (round(each, 1 if level < 10 else None) for each in ends)
    return Value(Kind.NUMBER, number, low, high)


def growth_of(trend: Trend) -> Value:
    """Of a week over the one before, in shares."""
    growth, low, high = map(math.expm1, (trend.growth, *trend.interval()))
    return Value(Kind.SHARE, growth, low, high)


def ratio(numbers: Sequence[int], before: int) -> Value:
    """Per one of the step before, with its interval; it may be more than one."""
    if not before:
        return Value(Kind.SHARE, None, of=0)
    low, high = counted_interval(sum(numbers), dispersion(numbers))
    return Value(Kind.SHARE, sum(numbers) / before, low / before, high / before, before)


def rates_table(bands: Mapping[str, Waits], won: Waits) -> Table:
    """How many of 1 get to the next step within each horizon."""
    steps = [
        (gettext("%(band)s to opportunity") % {"band": band_name(band)}, waits,
         f"entered={band}", f"opened={band}")
        for band, waits in reversed(list(bands.items()))
    ]  # fmt: skip
    steps.append((gettext("opportunity to customer"), won, "deals", "won"))
    rows = [rate_row(*step) for step in steps]
    measure = "opportunities"
    within = [Column(gettext("within %(weeks)s") % {"weeks": weeks_said(weeks)}, measure)
              for weeks in HORIZONS]  # fmt: skip
    columns = [Column(gettext("from, to")), Column(gettext("began")), Column(gettext("got there"))]
    return Table("rates", gettext("Rates and times"), [*columns, *within], rows)


def rate_row(title: str, waits: Waits, began: str, came: str) -> list[Value]:
    curve = waits.reached
    shares = [share_within(curve, weeks) for weeks in HORIZONS]
    return [text(title), count(curve.of, began), count(curve.events, came), *shares]


def share_within(curve: Curve, weeks: int) -> Value:
    step = curve.at(DAYS * weeks)
    if not curve.of:
        return Value(Kind.SHARE, None, of=0)
    if step is None:
        return Value(Kind.SHARE, 0.0, of=curve.of)
    return Value(Kind.SHARE, step.reached, step.low, step.high, step.at_risk)

"""The tables and the fan of how earlier forecasts turned out."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext

from scoring.reports.ahead.looks import HORIZONS, WEEKS
from scoring.reports.ahead.promised import promised
from scoring.reports.ahead.tables import weeks_said
from scoring.reports.ahead.turned_out import Score, Told, scores
from scoring.reports.asking import Question
from scoring.reports.blocks import Block, Chart, Column, Section, Series, Shape, Table, Words
from scoring.reports.values import Kind, Value, count, day, text

# Of these there is a picture, where they were told.
DRAWN = ("leads", "customers")


def history_sections(
    question: Question, kept: Sequence[Told], tried: Sequence[Told]
) -> list[Section]:
    if not question.is_of_all:
        words = gettext(
            "Earlier forecasts are of all leads: ask for all to see how they turned out."
        )
        return [Section(gettext("How earlier forecasts turned out"), [Words(words)])]
    waiting = gettext(
        "No kept forecast is four weeks old yet. The worker keeps one at the start of each week."
    )
    none = gettext("There is not enough history to try it on earlier weeks.")
    lead = gettext(
        "Nobody made these forecasts: it is what the same method would have said at the end of "
        "earlier weeks, from what had happened by then, with the fields of contacts and the "
        "amounts of deals as they are today."
    )
    return [
        Section(
            gettext("How earlier forecasts turned out"), list(told_blocks("kept", kept, waiting))
        ),
        Section(
            gettext("Tried afterwards on earlier weeks"),
            list(told_blocks("tried", tried, none)),
            lead if tried else "",
        ),
    ]


def told_blocks(key: str, told: Sequence[Told], none: str) -> Iterator[Block]:
    if not told:
        yield Words(none)
        return
    if (said := promised(told, names())) is not None:
        yield said
    yield from fans(key, told)
    yield score_table(key, list(scores(told)))
    yield each_table(key, told)


def fans(key: str, told: Sequence[Told]) -> Iterator[Chart]:
    """Of the newest whose time is over, or else of the oldest, week by week."""
    over = [one for one in told if one.weeks == WEEKS]
    one = over[0] if over else told[-1]
    titles = names()
    for name in DRAWN:
        if name not in one.spans:
            continue
        bands, came = one.spans[name], one.came[name]
        summed = [sum(came[: week + 1]) if week < one.weeks else None for week in range(WEEKS)]
        blank: list[float | None] = [None] * WEEKS
        yield Chart(
            f"{key}-{name}",
            gettext("%(what)s from %(day)s on, week by week, all together")
            % {"what": titles[name], "day": day(one.day)},
            Shape.FAN,
            [str(week + 1) for week in range(WEEKS)],
            [
                Series(gettext("95 of 100"), blank, [each.low95 for each in bands],
                       [each.high95 for each in bands]),
                Series(gettext("80 of 100"), blank, [each.low80 for each in bands],
                       [each.high80 for each in bands]),
                Series(gettext("expected"), [each.middle for each in bands]),
                Series(gettext("came"), summed),
            ],
            axis=gettext("weeks"),
        )  # fmt: skip


def names() -> dict[str, str]:
    return {
        "visits": gettext("Visits"),
        "leads": gettext("Leads"),
        "entries": gettext("Into the highest band"),
        "opportunities": gettext("Opportunities"),
        "customers": gettext("Customers"),
        "revenue": gettext("Revenue"),
    }


def score_table(key: str, found: Sequence[Score]) -> Table:
    titles = names()
    rows = [
        [
            text(f"{titles[score.name]}, {weeks_said(score.weeks)}"),
            count(len(score.pairs)),
            Value.share(score.inside(80)),
            Value.share(score.inside(95)),
            Value(kind_of(score.name), round(score.error, 1)),
            Value(kind_of(score.name), round(score.bias, 1)),
            Value(Kind.SHARE, score.bias_share),
        ]
        for score in found
    ]
    columns = [
        Column(gettext("what, within")),
        Column(gettext("forecasts"), "turned_out"),
        Column(gettext("within 80 of 100"), "inside"),
        Column(gettext("within 95 of 100"), "inside"),
        Column(gettext("off on average"), "error"),
        Column(gettext("came more than expected"), "bias"),
        Column(gettext("in per cent"), "bias"),
    ]
    return Table(f"{key}-scores", gettext("How well it was told"), columns, rows)


def kind_of(name: str) -> Kind:
    return Kind.MONEY if name == "revenue" else Kind.NUMBER


def each_table(key: str, told: Sequence[Told]) -> Table:
    """Of the first weeks alone: the others overlap, and would make a long table."""
    weeks, titles = HORIZONS[0], names()
    rows = []
    for one in told:
        for name in one.spans:
            pair = one.pair(name, weeks)
            if pair is None:
                continue
            band, came = pair
            kind = Kind.MONEY if name == "revenue" else Kind.COUNT
            rows.append(
                [
                    day(one.day),
                    text(titles[name]),
                    Value(kind, band.middle, band.low95, band.high95),
                    Value(kind, band.low80),
                    Value(kind, band.high80),
                    Value(kind, came),
                ]
            )
    columns = [
        Column(gettext("forecast from")),
        Column(gettext("what")),
        Column(gettext("expected (95 of 100)"), "ahead"),
        Column(gettext("80 of 100: from"), "ahead"),
        Column(gettext("to"), "ahead"),
        Column(gettext("came"), "turned_out"),
    ]
    title = gettext("Expected and come within %(weeks)s") % {"weeks": weeks_said(weeks)}
    return Table(f"{key}-each", title, columns, rows)

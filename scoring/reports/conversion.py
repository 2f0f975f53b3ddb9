"""What came of which band and of which total: tables and charts of known outcomes."""

from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext

from scoring.engine.admin.badges import band_name
from scoring.engine.proportions import Proportion
from scoring.reports.blocks import Block, Chart, Column, Series, Shape, Table
from scoring.reports.judging import Judged
from scoring.reports.statistics.ranking import Part, gains, parts
from scoring.reports.values import Kind, Value, count, number, opened, text

PARTS: Final = 10


def by_band(found: Judged, former: Judged) -> list[Block]:
    names = [band.name for band in found.document.bands]
    shares = [found.of_band(name) for name in names]
    spans = [share.interval() if share.of else (None, None) for share in shares]
    chart = Chart(
        "bands",
        gettext("Conversion by band"),
        Shape.BARS,
        [band_name(name) for name in names],
        [
            Series(
                gettext("conversion"),
                [share.share for share in shares],
                [low for low, _high in spans],
                [high for _low, high in spans],
            )
        ],
        shares=True,
        line=(gettext("all"), found.base),
    )
    columns = [
        Column(gettext("band")),
        Column(gettext("known outcomes"), "known"),
        Column(gettext("succeeded"), "known"),
        Column(gettext("conversion"), "conversion"),
        Column(gettext("lift"), "lift"),
        Column(gettext("expected"), "expected"),
    ]
    rows = [
        [
            text(band_name(name)),
            opened(inside.of, f"band:{name}"),
            opened(inside.count, f"won:{name}"),
            Value.share(inside, f"won:{name}", f"band:{name}"),
            number(lift(inside, found.base)),
            expected(inside, former.of_band(name)),
        ]
        for name, inside in reversed(list(zip(names, shares, strict=True)))
    ]
    hint = gettext(
        "Calibration: “expected” is what the conversion of the period before would have given."
    )
    return [chart, Table("bands", gettext("Conversion by band"), columns, rows, hint=hint)]


def lift(share: Proportion, base: float) -> float | None:
    return None if share.share is None or not base else share.share / base


def expected(share: Proportion, former: Proportion) -> Value:
    """A number of successes; nothing where the period before says nothing."""
    return number(None if former.share is None else round(former.share * share.of, 1))


def by_total(found: Judged) -> list[Block]:
    cut = parts(found.cases, PARTS)
    labels = [span_of(part) for part in cut]
    spans = [part.found.interval() for part in cut]
    conversion = Chart(
        "totals",
        gettext("Conversion by total, the highest tenth first"),
        Shape.BARS,
        labels,
        [
            Series(
                gettext("conversion"),
                [part.found.share for part in cut],
                [low for low, _high in spans],
                [high for _low, high in spans],
            )
        ],
        shares=True,
        line=(gettext("all"), found.base),
    )
    points = gains(cut)
    gain = Chart(
        "gains",
        gettext("Gains: of all successes, how many are among the highest totals"),
        Shape.LINES,
        [str(Value(Kind.SHARE, seen)) for seen, _hit in points],
        [
            Series(gettext("by the score"), [hit for _seen, hit in points]),
            Series(gettext("by chance"), [seen for seen, _hit in points]),
        ],
        shares=True,
    )
    return [conversion, totals_table(found, cut, points), gain]


def totals_table(
    found: Judged, cut: Sequence[Part], points: Sequence[tuple[float, float]]
) -> Table:
    columns = [
        Column(gettext("total")),
        Column(gettext("known outcomes"), "known"),
        Column(gettext("succeeded"), "known"),
        Column(gettext("conversion"), "conversion"),
        Column(gettext("lift"), "lift"),
        Column(gettext("of all successes, down to here")),
    ]
    won = sum(one.succeeded for one in found.outcomes)
    rows = [
        [
            text(span_of(part)),
            opened(part.found.of, f"part:{place}"),
            opened(part.found.count, f"part_won:{place}"),
            Value.share(part.found, f"part_won:{place}", f"part:{place}"),
            number(lift(part.found, found.base)),
            gained(hit, won, place),
        ]
        for place, (part, (_seen, hit)) in enumerate(zip(cut, points[1:], strict=True))
    ]
    hint = gettext("Tenths of the known outcomes; equal totals stay together.")
    return Table("totals", gettext("Conversion by total"), columns, rows, hint=hint)


def gained(share: float, won: int, place: int) -> Value:
    """Exact, so without an interval: of the successes that there were, not of those to come."""
    if not won:
        return Value(Kind.SHARE, share)
    return Value(Kind.SHARE, share, of=won, behind=f"gained:{place}", among="won")


def span_of(part: Part) -> str:
    first, last = str(count(part.first)), str(count(part.last))
    if part.first == part.last:
        return first
    return gettext("%(first)s to %(last)s") % {"first": first, "last": last}

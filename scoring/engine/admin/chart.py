"""The picture of a score over time, as places in percent: the browser only draws it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext

from contacts.numerals import whole
from scoring.criteria.document import ModelDocument
from scoring.engine.admin.badges import band_name, shade
from scoring.engine.admin.lead_page import difference
from scoring.engine.course import Point, Source

# Of the width: closer together no pointer tells two of them apart.
APART: Final = 3.5
RULES_MOST: Final = 5
CHANGES_MOST: Final = 3
TICKS: Final = 6
HEADROOM: Final = 0.12


@dataclass(frozen=True, slots=True)
class Zone:
    """A band, from ``bottom`` up; ``start`` is empty for the lowest."""

    name: str
    start: str
    shade: str
    bottom: float
    height: float


@dataclass(frozen=True, slots=True)
class Row:
    """One change in words."""

    when: str
    change: str
    because: str
    rules: Sequence[str]
    source: Source


@dataclass(frozen=True, slots=True)
class Dot:
    """A place to point at, with the changes that lie there."""

    left: float
    bottom: float
    source: Source
    rows: Sequence[Row]
    more: str
    # Opens to the left where it would leave the picture on the right.
    is_late: bool


@dataclass(frozen=True, slots=True)
class Tick:
    left: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    zones: Sequence[Zone]
    lines: Sequence[tuple[Source, str]]
    dots: Sequence[Dot]
    ticks: Sequence[Tick]
    rows: Sequence[Row]
    now: float
    zero: float | None


@dataclass(frozen=True, slots=True)
class Scale:
    """From instants and totals to percent of the picture."""

    since: datetime
    until: datetime
    low: float
    high: float

    def x(self, at: datetime) -> float:
        share = (at - self.since) / (self.until - self.since)
        return round(100 * min(max(share, 0.0), 1.0), 2)

    def y(self, total: float) -> float:
        """From the bottom."""
        share = (total - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 2)


def chart_of(
    points: Sequence[Point],
    document: ModelDocument,
    since: datetime,
    now: datetime,
    until: datetime,
) -> Chart:
    scale = scale_of(points, document, since, until)
    rows = [
        row
        for former, point in zip([None, *points], points, strict=False)
        if (row := row_of(former, point, now)) is not None
    ]
    return Chart(
        zones=list(zones(document, scale)),
        lines=list(lines(points, scale)),
        dots=list(dots(points, scale, now)),
        ticks=list(ticks(scale)),
        rows=rows[::-1],
        now=scale.x(now),
        zero=scale.y(0) if scale.low < 0 else None,
    )


def scale_of(
    points: Sequence[Point], document: ModelDocument, since: datetime, until: datetime
) -> Scale:
    totals = [point.total for point in points if point.total is not None]
    starts = [band.start for band in document.bands if band.start is not None]
    low, high = min([0, *totals]), max([1, *totals, *starts])
    room = (high - low) * HEADROOM
    return Scale(since, until, low - (room if low < 0 else 0), high + room)


def zones(document: ModelDocument, scale: Scale) -> Iterator[Zone]:
    ends = [*(band.start for band in document.bands[1:]), None]
    for band, end in zip(document.bands, ends, strict=True):
        bottom = 0.0 if band.start is None else scale.y(band.start)
        top = 100.0 if end is None else scale.y(end)
        start = "" if band.start is None else whole(band.start)
        yield Zone(band.name, start, shade(band.name, document), bottom, round(top - bottom, 2))


def lines(points: Sequence[Point], scale: Scale) -> Iterator[tuple[Source, str]]:
    """What to draw for each source: in steps, but for what was only looked at now and then."""
    for source in Source:
        parts = [
            part(point, after, scale)
            for point, after in zip(points, [*points[1:], None], strict=True)
            if point.source is source and point.total is not None
        ]
        if parts:
            yield source, " ".join(parts)


def part(point: Point, after: Point | None, scale: Scale) -> str:
    """From one point to the next one, in the units of the drawing, which count from above."""
    x, y = scale.x(point.at), 100 - scale.y(point.total or 0)
    until = scale.x(after.at) if after else 100.0
    start = f"M{x:.2f} {y:.2f}"
    if after is None or after.total is None:
        return f"{start}H{until:.2f}"
    next_y = 100 - scale.y(after.total)
    if point.source is Source.WORKED_OUT:
        return f"{start}L{until:.2f} {next_y:.2f}"
    return f"{start}H{until:.2f}V{next_y:.2f}"


def dots(points: Sequence[Point], scale: Scale, now: datetime) -> Iterator[Dot]:
    """The changes as places to point at; what is too close together shares one."""
    shown: list[tuple[Point, Row]] = []
    for former, point in zip([None, *points], points, strict=False):
        row = row_of(former, point, now)
        if row is None or point.source is Source.WORKED_OUT or point.at < scale.since:
            continue
        if shown and scale.x(point.at) - scale.x(shown[0][0].at) >= APART:
            yield dot(shown, scale)
            shown = []
        shown.append((point, row))
    if shown:
        yield dot(shown, scale)


def dot(shown: Sequence[tuple[Point, Row]], scale: Scale) -> Dot:
    point, _row = shown[-1]
    left = scale.x(point.at)
    more = len(shown) - CHANGES_MOST
    said = ngettext("and %(count)d earlier change", "and %(count)d earlier changes", more)
    return Dot(
        left=left,
        bottom=scale.y(point.total or 0),
        source=point.source,
        rows=[row for _point, row in reversed(shown)][:CHANGES_MOST],
        more=said % {"count": more} if more > 0 else "",
        is_late=left > 50,
    )


def row_of(former: Point | None, point: Point, now: datetime) -> Row | None:
    """None where nothing changed since the former point, but for the present."""
    is_now = point.at == now
    unchanged = former is not None and former.total == point.total and former.band == point.band
    if unchanged and not point.moved and not is_now:
        return None
    because = {
        Source.WORKED_OUT: gettext("worked out by the version of today"),
        Source.STORED: point.cause,
        Source.FORETOLD: gettext("if nothing more happens"),
    }[point.source]
    return Row(
        when=gettext("now") if is_now else moment(point.at),
        change=change(former, point),
        because="" if is_now else because,
        rules=[] if is_now else moved(point),
        source=point.source,
    )


def change(former: Point | None, point: Point) -> str:
    after = standing(point)
    if former is None or former.total is None or former.total == point.total:
        return after
    return gettext("%(before)s → %(after)s") % {"before": whole(former.total), "after": after}


def standing(point: Point) -> str:
    if point.total is None:
        return gettext("outside the audience")
    said = {"total": whole(point.total), "band": band_name(point.band)}
    return gettext("%(total)s, %(band)s") % said


def moved(point: Point) -> list[str]:
    heaviest = sorted(point.moved, key=lambda pair: -abs(pair[1]))
    said = [
        difference(name, points, name in point.excluding) for name, points in heaviest[:RULES_MOST]
    ]
    if (more := len(heaviest) - RULES_MOST) > 0:
        text = ngettext("and %(count)d more rule", "and %(count)d more rules", more)
        said.append(text % {"count": more})
    return said


def moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def ticks(scale: Scale) -> Iterator[Tick]:
    for number in range(TICKS):
        share = (number + 0.5) / TICKS
        at = scale.since + (scale.until - scale.since) * share
        yield Tick(round(100 * share, 2), date_format(at, pgettext("format of a date", "M Y")))

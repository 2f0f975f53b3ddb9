"""Charts as places in a drawing, so that page, print and PDF show the same picture.

Drawn by the server and not by a script: it is there without one, prints sharp, and the
numbers beside it stand in a table. In grey, series differ by their pattern and marks.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from contacts.numerals import numeral
from scoring.reports.blocks import Chart, Shape
from scoring.reports.values import Kind, per_cent, places_of, shown

# The drawing has these units; it is scaled to its place.
WIDTH: Final = 720.0
HEIGHT: Final = 240.0
# Of a picture that stands beside others: its words stay as large.
SMALL_WIDTH: Final = 440.0
SMALL_HEIGHT: Final = 190.0
LEFT: Final = 52.0
RIGHT: Final = 12.0
TOP: Final = 14.0
BOTTOM: Final = 30.0
TICKS: Final = 4
# A label takes so much room, or as much as its letters and a gap; those of a small picture are
# larger on a phone.
LABEL_WIDTH: Final = 54.0
LETTER_WIDTH: Final = 5.6
SMALL_LETTER_WIDTH: Final = 7.2
# Told apart by their lightness as well, so also in grey. The page has its own for the dark.
COLOURS: Final = ("#1d4ed8", "#93c5fd", "#0f766e", "#fbbf24", "#7c2d12")
PATTERNS: Final = len(COLOURS)


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    pattern: int
    title: str

    @property
    def colour(self) -> str:
        return COLOURS[self.pattern]


@dataclass(frozen=True, slots=True)
class Whisker:
    x: float
    low: float
    high: float
    # It goes on beyond the picture.
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    y: float
    pattern: int
    title: str

    @property
    def colour(self) -> str:
        return COLOURS[self.pattern]


@dataclass(frozen=True, slots=True)
class Line:
    path: str
    pattern: int

    @property
    def colour(self) -> str:
        return COLOURS[self.pattern]


@dataclass(frozen=True, slots=True)
class Label:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    bars: Sequence[Bar]
    areas: Sequence[Line]
    whiskers: Sequence[Whisker]
    lines: Sequence[Line]
    marks: Sequence[Mark]
    ticks: Sequence[Label]
    labels: Sequence[Label]
    across: tuple[float, str] | None
    # Pattern, colour and title of each series; empty where there is only one.
    key: Sequence[tuple[int, str, str]]
    zero: float
    width: float
    height: float
    left: float = LEFT

    @property
    def right(self) -> float:
        return self.width - RIGHT

    @property
    def bottom(self) -> float:
        return self.height - BOTTOM


class Plot:
    """The scale of one chart, and what is drawn on it."""

    def __init__(self, chart: Chart, width: float, height: float) -> None:
        self.chart, self.width, self.height = chart, width, height
        self.low, self.high = span_of(chart)
        self.step = (width - LEFT - RIGHT) / max(1, len(chart.labels))

    def x(self, place: float) -> float:
        return round(LEFT + self.step * place, 2)

    def y(self, number: float) -> float:
        share = (number - self.low) / (self.high - self.low)
        return round(self.height - BOTTOM - share * (self.height - BOTTOM - TOP), 2)

    def said(self, number: float) -> str:
        if self.chart.shares:
            return shown(Kind.SHARE, number)
        return numeral(number, 0 if number == int(number) else 1)

    def title(self, series: int, place: int, number: float) -> str:
        one = self.chart.series[series]
        said = f"{self.chart.labels[place]}: {self.said(number)}"
        return f"{one.title}, {said}" if len(self.chart.series) > 1 else said

    def bars(self) -> Iterator[Bar]:
        beside = self.chart.shape is not Shape.STACKED
        count = len(self.chart.series) if beside else 1
        width = self.step * 0.72 / count
        tops = [0.0] * len(self.chart.labels)
        for series, one in enumerate(self.chart.series):
            for place, number in enumerate(one.numbers):
                if number is None:
                    continue
                start = 0.0 if beside else tops[place]
                tops[place] += number
                upper, lower = (
                    self.y(max(start, start + number)),
                    self.y(min(start, start + number)),
                )
                shift = 0.14 * self.step + (series * width if beside else 0)
                yield Bar(
                    x=round(self.x(place) + shift, 2),
                    y=upper,
                    width=round(width * 0.94, 2),
                    height=round(max(lower - upper, 0.0), 2),
                    pattern=series % PATTERNS,
                    title=self.title(series, place, number),
                )

    def middle(self, series: int, place: int) -> float:
        """Where the mark, or the bar, of a series stands."""
        if self.chart.shape in (Shape.LINES, Shape.FAN, Shape.STACKED):
            return self.along(place)
        width = self.step * 0.72 / len(self.chart.series)
        return round(self.x(place) + 0.14 * self.step + (series + 0.47) * width, 2)

    def along(self, place: int) -> float:
        """Where a label stands: in the middle of its step, or as far along as it is said to lie."""
        places = self.chart.places
        if not places or places[-1] == places[0]:
            return self.x(place + 0.5)
        share = (places[place] - places[0]) / (places[-1] - places[0])
        return self.x(0.5 + share * (len(places) - 1))

    def whiskers(self) -> Iterator[Whisker]:
        for series, one in enumerate(self.chart.series):
            for place, (low, high) in enumerate(zip(one.lows, one.highs, strict=True)):
                if low is not None and high is not None:
                    lower, upper = (self.y(min(each, self.high)) for each in (low, high))
                    yield Whisker(self.middle(series, place), lower, upper, high > self.high)

    def lines(self) -> Iterator[Line]:
        for series, one in enumerate(self.chart.series):
            path, pen = "", "M"
            for place, number in enumerate(one.numbers):
                if number is None:
                    pen = "M"
                    continue
                path += f"{pen}{self.middle(series, place):.2f} {self.y(number):.2f}"
                pen = "L"
            yield Line(path, series % PATTERNS)

    def areas(self) -> Iterator[Line]:
        """From the lows of a series to its highs and back."""
        for series, one in enumerate(self.chart.series):
            ends = [
                (place, low, high)
                for place, (low, high) in enumerate(zip(one.lows, one.highs, strict=True))
                if low is not None and high is not None
            ]
            upper = [f"{self.middle(series, at):.2f} {self.y(high):.2f}" for at, _low, high in ends]
            lower = [f"{self.middle(series, at):.2f} {self.y(low):.2f}" for at, low, _high in ends]
            if ends:
                yield Line(f"M{'L'.join([*upper, *lower[::-1]])}Z", series % PATTERNS)

    def marks(self) -> Iterator[Mark]:
        for series, one in enumerate(self.chart.series):
            for place, number in enumerate(one.numbers):
                if number is not None:
                    x, y = self.middle(series, place), self.y(number)
                    yield Mark(x, y, series % PATTERNS, self.title(series, place, number))

    def ticks(self) -> Iterator[Label]:
        step = tick_step(self.high - self.low)
        if counts(self.chart):
            step = max(1.0, step)
        number = math.ceil(self.low / step) * step
        while number <= self.high + step / 1000:
            yield Label(self.y(number), self.tick(number, step))
            number += step

    def tick(self, number: float, step: float) -> str:
        if self.chart.shares:
            return per_cent(number, places_of(100 * step))
        return numeral(number, 0 if step >= 1 else 1)

    def labels(self) -> Iterator[Label]:
        letter = SMALL_LETTER_WIDTH if self.width == SMALL_WIDTH else LETTER_WIDTH
        longest = max((len(text) + 1 for text in self.chart.labels), default=0)
        room = max(LABEL_WIDTH, letter * longest)
        if self.chart.places:
            yield from self.apart(room)
            return
        most = max(1, int((self.width - LEFT - RIGHT) / room))
        every = -(-len(self.chart.labels) // most)
        for place, text in enumerate(self.chart.labels):
            if place % every == 0:
                yield Label(self.x(place + 0.5), text)

    def apart(self, room: float) -> Iterator[Label]:
        """Those that do not lie over the one before them."""
        free = 0.0
        for place, text in enumerate(self.chart.labels):
            at = self.along(place)
            if at >= free:
                yield Label(at, text)
                free = at + room


def draw(chart: Chart, is_small: bool = False) -> Drawing:
    size = (SMALL_WIDTH, SMALL_HEIGHT) if is_small else (WIDTH, HEIGHT)
    plot = Plot(chart, *size)
    is_fan = chart.shape is Shape.FAN
    is_line = chart.shape is Shape.LINES or is_fan
    patterns = [place % PATTERNS for place in range(len(chart.series))]
    key = [
        (pattern, COLOURS[pattern], one.title)
        for pattern, one in zip(patterns, chart.series, strict=True)
    ]
    across = chart.line and (plot.y(chart.line[1]), f"{chart.line[0]}: {plot.said(chart.line[1])}")
    return Drawing(
        bars=[] if is_line else list(plot.bars()),
        areas=list(plot.areas()) if is_fan else [],
        whiskers=[] if is_fan else list(plot.whiskers()),
        lines=list(plot.lines()) if is_line else [],
        marks=list(plot.marks()) if is_line else [],
        ticks=list(plot.ticks()),
        labels=list(plot.labels()),
        across=across,
        key=key if len(key) > 1 else [],
        zero=plot.y(min(max(0.0, plot.low), plot.high)),
        width=plot.width,
        height=plot.height,
    )


def counts(chart: Chart) -> bool:
    """Nothing between two whole numbers can be: there is no half of a lead."""
    return not chart.shares and all(number == int(number) for number in drawn(chart))


def drawn(chart: Chart) -> Iterator[float]:
    for one in chart.series:
        yield from (number for number in (*one.numbers, *one.lows) if number is not None)
        highs = (number for number in one.highs if number is not None)
        yield from (number if chart.most is None else min(number, chart.most) for number in highs)
    if chart.line:
        yield chart.line[1]


def span_of(chart: Chart) -> tuple[float, float]:
    """From the lowest to the highest of what is drawn, zero among it."""
    if chart.shape is Shape.STACKED:
        columns = zip(*(one.numbers for one in chart.series), strict=True)
        found = [*drawn(chart), *(sum(number or 0 for number in column) for column in columns)]
    else:
        found = [*drawn(chart)]
    low, high = min([0.0, *found]), max([0.0, *found])
    if low == high:
        return low, low + 1
    room = tick_step(high - low)
    return math.floor(low / room) * room, math.ceil(high / room) * room


def tick_step(span: float) -> float:
    """1, 2 or 5 of some power of ten, so that there are about four."""
    rough = span / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999)

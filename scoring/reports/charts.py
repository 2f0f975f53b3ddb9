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
LEFT: Final = 52.0
RIGHT: Final = 12.0
TOP: Final = 14.0
BOTTOM: Final = 30.0
TICKS: Final = 4
LABELS_MOST: Final = 12
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
    whiskers: Sequence[Whisker]
    lines: Sequence[Line]
    marks: Sequence[Mark]
    ticks: Sequence[Label]
    labels: Sequence[Label]
    across: tuple[float, str] | None
    # Pattern, colour and title of each series; empty where there is only one.
    key: Sequence[tuple[int, str, str]]
    zero: float
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    bottom: float = HEIGHT - BOTTOM


class Plot:
    """The scale of one chart, and what is drawn on it."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.low, self.high = span_of(chart)
        self.step = (WIDTH - LEFT - RIGHT) / max(1, len(chart.labels))

    def x(self, place: float) -> float:
        return round(LEFT + self.step * place, 2)

    def y(self, number: float) -> float:
        share = (number - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 2)

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
        if self.chart.shape in (Shape.LINES, Shape.STACKED):
            return self.x(place + 0.5)
        width = self.step * 0.72 / len(self.chart.series)
        return round(self.x(place) + 0.14 * self.step + (series + 0.47) * width, 2)

    def whiskers(self) -> Iterator[Whisker]:
        for series, one in enumerate(self.chart.series):
            for place, (low, high) in enumerate(zip(one.lows, one.highs, strict=True)):
                if low is not None and high is not None:
                    yield Whisker(self.middle(series, place), self.y(low), self.y(high))

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

    def marks(self) -> Iterator[Mark]:
        for series, one in enumerate(self.chart.series):
            for place, number in enumerate(one.numbers):
                if number is not None:
                    x, y = self.middle(series, place), self.y(number)
                    yield Mark(x, y, series % PATTERNS, self.title(series, place, number))

    def ticks(self) -> Iterator[Label]:
        step = tick_step(self.high - self.low)
        number = math.ceil(self.low / step) * step
        while number <= self.high + step / 1000:
            yield Label(self.y(number), self.tick(number, step))
            number += step

    def tick(self, number: float, step: float) -> str:
        if self.chart.shares:
            return per_cent(number, places_of(100 * step))
        return numeral(number, 0 if step >= 1 else 1)

    def labels(self) -> Iterator[Label]:
        every = -(-len(self.chart.labels) // LABELS_MOST)
        for place, text in enumerate(self.chart.labels):
            if place % every == 0:
                yield Label(self.x(place + 0.5), text)


def draw(chart: Chart) -> Drawing:
    plot = Plot(chart)
    is_line = chart.shape is Shape.LINES
    patterns = [place % PATTERNS for place in range(len(chart.series))]
    key = [
        (pattern, COLOURS[pattern], one.title)
        for pattern, one in zip(patterns, chart.series, strict=True)
    ]
    across = chart.line and (plot.y(chart.line[1]), f"{chart.line[0]}: {plot.said(chart.line[1])}")
    return Drawing(
        bars=[] if is_line else list(plot.bars()),
        whiskers=list(plot.whiskers()),
        lines=list(plot.lines()) if is_line else [],
        marks=list(plot.marks()) if is_line else [],
        ticks=list(plot.ticks()),
        labels=list(plot.labels()),
        across=across,
        key=key if len(key) > 1 else [],
        zero=plot.y(min(max(0.0, plot.low), plot.high)),
    )


def span_of(chart: Chart) -> tuple[float, float]:
    """From the lowest to the highest of what is drawn, zero among it."""
    if chart.shape is Shape.STACKED:
        columns = zip(*(one.numbers for one in chart.series), strict=True)
        found = [sum(number or 0 for number in column) for column in columns]
    else:
        found = [number for one in chart.series for number in one.numbers if number is not None]
    found += [end for one in chart.series for end in (*one.lows, *one.highs) if end is not None]
    found += [chart.line[1]] if chart.line else []
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

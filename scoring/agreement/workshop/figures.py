"""Where today's contacts stand and how many rise, as plain data: asked of any threshold.

Pure: what was found is passed in, and goes out signed with the page, so that what is kept
with a choice are the figures that its reader saw.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any, Final

# So many places has the line; more than there are pixels would be of no use.
STEPS_MOST: Final = 400
BARS_MOST: Final = 40

Pairs = tuple[tuple[int, int], ...]
# How often from a total, or from nowhere, to another one.
Moves = Counter[tuple[int | None, int]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Totals of ``seen`` of ``of`` contacts, and the rises of ``weeks``.

    ``rises``: at each edge by how many the number changes of those who rise through a total
    there; ``always`` are those who came from nowhere. ``stored``: read from the stored
    scores, not worked out. ``history``: the rises are those of the stored history.
    ``rises_seen`` of ``of`` contacts were asked for their rises.
    """

    totals: Pairs
    seen: int
    of: int
    rises: Pairs
    always: int
    rises_seen: int
    weeks: float
    stored: bool
    history: bool

    @property
    def is_estimate(self) -> bool:
        return self.seen < self.of

    @property
    def rises_are_estimate(self) -> bool:
        return not self.history or self.rises_seen < self.of

    def above(self, threshold: int) -> int:
        found = sum(count for total, count in self.totals if total >= threshold)
        return round(found * self.of / self.seen) if self.seen else 0

    def per_week(self, threshold: int) -> float:
        """How often a week somebody rises from below the threshold to it or above."""
        if not self.weeks or not self.rises_seen:
            return 0.0
        found = self.always + sum(change for edge, change in self.rises if edge <= threshold)
        return max(0, found) * self.of / self.rises_seen / self.weeks

    def data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_data(cls, data: Mapping[str, Any]) -> "Figures":
        pairs = {name: tuple(map(tuple, data[name])) for name in ("totals", "rises")}
        return cls(**{**data, **pairs})


def rises_of(moves: Moves) -> tuple[Pairs, int]:
    """The edges of moves upward, (total before or None, total after), and who was nowhere."""
    edges: Counter[int] = Counter()
    always = 0
    for (before, after), count in moves.items():
        if before is None:
            always += count
        elif before < after:
            edges[before + 1] += count
        else:
            continue
        edges[after + 1] -= count
    return tuple(sorted((edge, change) for edge, change in edges.items() if change)), always


@dataclass(frozen=True, slots=True)
class Bar:
    """Of a histogram, in hundredths of its width and height; ``low`` to ``high`` inclusive."""

    low: int
    high: int
    count: int
    x: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The totals that the line can stand at."""

    low: int
    high: int
    step: int

    @classmethod
    def of(cls, totals: Iterable[int]) -> "Scale":
        found = list(totals) or [0]
        low, high = min(found), max(found) + 1
        step = max(1, -(-(high - low) // STEPS_MOST))
        return cls(low, low + -(-(high - low) // step) * step, step)

    @property
    def places(self) -> range:
        return range(self.low, self.high + 1, self.step)

    def at(self, total: int) -> float:
        """Where a total lies, in hundredths of the width."""
        width = self.high - self.low
        return round(100 * (min(max(total, self.low), self.high) - self.low) / width, 2)


def steps(figures: Figures, scale: Scale) -> list[tuple[int, int, float]]:
    """For every place of the line: how many are above it, and how many a week rise to it."""
    totals = [total for total, _count in figures.totals]
    sums = [0, *accumulate(count for _total, count in figures.totals)]
    edges = [edge for edge, _change in figures.rises]
    changes = [0, *accumulate(change for _edge, change in figures.rises)]
    share = figures.of / figures.seen if figures.seen else 0.0
    asked = figures.rises_seen * figures.weeks
    found = []
    for place in scale.places:
        above = sums[-1] - sums[bisect_left(totals, place)]
        rising = max(0, figures.always + changes[bisect_right(edges, place)])
        weekly = rising * figures.of / asked if asked else 0.0
        found.append((place, round(above * share), round(weekly, 2)))
    return found


def histogram(figures: Figures, scale: Scale) -> list[Bar]:
    size = max(1, -(-(scale.high - scale.low) // BARS_MOST))
    counts: Counter[int] = Counter()
    for total, count in figures.totals:
        counts[(total - scale.low) // size] += count
    most = max(counts.values(), default=0)
    share = figures.of / figures.seen if figures.seen else 0.0
    width = 100 * size / (scale.high - scale.low)
    return [
        Bar(
            low=scale.low + place * size,
            high=scale.low + (place + 1) * size - 1,
            count=round(count * share),
            x=round(place * width, 2),
            width=round(min(width, 100 - place * width), 2),
            height=round(100 * count / most, 2),
        )
        for place, count in sorted(counts.items())
    ]

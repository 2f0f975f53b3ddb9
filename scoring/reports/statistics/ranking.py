"""How well totals put those who succeed before those who do not."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from scoring.engine.proportions import Proportion, Z

Cases = Sequence[tuple[int, bool]]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The chance that of one who succeeded and one who did not the first has the higher total.

    One half is chance, 1 is perfect; equal totals count half (Mann and Whitney). The interval
    is that of Hanley and McNeil (1982).
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Part:
    """Those with totals from ``first`` to ``last``, both of them met."""

    first: int
    last: int
    found: Proportion


def ranking(cases: Iterable[tuple[int, bool]]) -> Ranking | None:
    """None where all succeeded, or nobody did."""
    ordered = sorted(cases)
    won = sum(succeeded for _total, succeeded in ordered)
    lost = len(ordered) - won
    if not won or not lost:
        return None
    below, pairs = 0, 0.0
    for _total, alike in groupby(ordered, key=lambda case: case[0]):
        outcomes = [succeeded for _same, succeeded in alike]
        here = sum(outcomes)
        others = len(outcomes) - here
        pairs += here * (below + others / 2)
        below += others
    value = pairs / (won * lost)
    spread = Z * math.sqrt(variance(value, won, lost))
    return Ranking(value, max(0.0, value - spread), min(1.0, value + spread))


def variance(value: float, won: int, lost: int) -> float:
    both_won = value / (2 - value)
    both_lost = 2 * value**2 / (1 + value)
    found = (
        value * (1 - value)
        + (won - 1) * (both_won - value**2)
        + (lost - 1) * (both_lost - value**2)
    )
    return max(0.0, found) / (won * lost)


def parts(cases: Cases, number: int) -> list[Part]:
    """The highest totals first, in so many parts of about the same size, fewer where many tie.

    Equal totals stay together: a boundary between them would be drawn by chance.
    """
    ordered = sorted(cases, key=lambda case: -case[0])
    found: list[Part] = []
    taken: list[tuple[int, bool]] = []
    level = done = 0
    for _total, alike in groupby(ordered, key=lambda case: case[0]):
        taken += alike
        reached = (done + len(taken)) * number // len(ordered)
        if reached > level:
            found.append(part_of(taken))
            done, level, taken = done + len(taken), reached, []
    return found


def part_of(cases: Cases) -> Part:
    won = sum(succeeded for _total, succeeded in cases)
    return Part(cases[-1][0], cases[0][0], Proportion(won, len(cases)))


def gains(found: Sequence[Part]) -> list[tuple[float, float]]:
    """After each part: the share of all that were looked at, and of all successes found."""
    everybody = sum(part.found.of for part in found)
    won = sum(part.found.count for part in found)
    points, seen, hit = [(0.0, 0.0)], 0, 0
    for part in found:
        seen += part.found.of
        hit += part.found.count
        points.append((seen / everybody, hit / won if won else 0.0))
    return points

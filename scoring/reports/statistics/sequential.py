"""A test that may be looked at again and again: the bounds of a group sequential design.

Looking weekly at an ordinary test finds a difference that is not there far more often than in
5 of 100 cases. Here the 5 % are spent over the looks (Lan and DeMets 1983) in the manner of
O'Brien and Fleming (1979): little at first, nearly all at the planned end, so that the end
is hardly later than that of a test with one look. The bounds are found by integrating the
density of the statistic from look to look (Armitage, McPherson and Rowe 1969).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import NormalDist
from typing import Final

ALPHA: Final = 0.05
POWER: Final = 0.8
# The density is carried on so many points; with more, bounds differ in the fourth place.
POINTS: Final = 161
# A look comes so many gaps between these points after the last one, at least: at two and a
# common bound that is 0.3 of 100 of the information.
LEAST_GAPS: Final = 2
NORMAL: Final = NormalDist()
# Beyond this no bound is looked for: what would be spent there is less than 1 in 10^15.
FARTHEST: Final = 8.0


def spent(share: float, alpha: float = ALPHA) -> float:
    """Of ``alpha`` what may be spent when this share of the information is there.

    Two-sided: each side spends its half by a function of its own, as is usual.
    """
    if share <= 0:
        return 0.0
    quantile = NORMAL.inv_cdf(1 - alpha / 4)
    return 4 * (1 - NORMAL.cdf(quantile / math.sqrt(min(share, 1.0))))


def bounds(shares: Sequence[float], alpha: float = ALPHA) -> list[float]:
    """For each look the size that the statistic must exceed; ``shares`` of the information rise.

    A look has no bound where its share is hardly more than at the last one that has: what it
    adds is counted with the next.
    """
    return list(walked(tuple(min(share, 1.0) for share in shares), alpha).bounds)


@dataclass(frozen=True, slots=True)
class Walk:
    """How far the looks have come: ``density`` is that of the sum inside the bounds so far."""

    bounds: tuple[float, ...] = ()
    density: Sequence[tuple[float, float]] = ((0.0, 1.0),)
    share: float = 0.0
    paid: float = 0.0

    @property
    def gap(self) -> float:
        """From point to point of the density; 0 where it is one point."""
        return self.density[1][0] - self.density[0][0] if len(self.density) > 1 else 0.0


@lru_cache(maxsize=512)
def walked(shares: tuple[float, ...], alpha: float) -> Walk:
    """Each look rests on the ones before, which were worked out when they were taken."""
    if not shares:
        return Walk()
    before, share = walked(shares[:-1], alpha), shares[-1]
    step = math.sqrt(max(0.0, share - before.share))
    # Narrower than the points are apart what comes in falls between them, and sums are wrong.
    if step <= before.gap * LEAST_GAPS:
        return replace(before, bounds=(*before.bounds, math.inf))
    budget = spent(share, alpha) - before.paid
    bound = bound_for(budget, before.density, step, math.sqrt(share))
    edge = bound * math.sqrt(share)
    return Walk(
        bounds=(*before.bounds, bound),
        density=carried(edge, before.density, step),
        share=share,
        paid=before.paid + crossing(edge, before.density, step),
    )


def bound_for(
    budget: float, density: Sequence[tuple[float, float]], step: float, scale: float
) -> float:
    """By halving, on the scale of the statistic."""
    low, high = 0.0, FARTHEST
    if crossing(high * scale, density, step) > budget:
        return high
    for _halving in range(48):
        middle = (low + high) / 2
        if crossing(middle * scale, density, step) > budget:
            low = middle
        else:
            high = middle
    return high


def crossing(edge: float, density: Sequence[tuple[float, float]], step: float) -> float:
    """The chance that the sum leaves the span from -edge to edge at this look."""
    return sum(
        weight * (NORMAL.cdf((-edge - at) / step) + 1 - NORMAL.cdf((edge - at) / step))
        for at, weight in density
    )


def carried(
    edge: float, density: Sequence[tuple[float, float]], step: float
) -> list[tuple[float, float]]:
    """The density of the sum inside the span, as points with weights by Simpson's rule."""
    width = min(edge, FARTHEST)
    gap = 2 * width / (POINTS - 1)
    points = []
    for place in range(POINTS):
        at = -width + place * gap
        simpson = 1 if place in (0, POINTS - 1) else 4 if place % 2 else 2
        value = sum(
            weight * math.exp(-(((at - old) / step) ** 2) / 2) for old, weight in density
        ) / (step * math.sqrt(2 * math.pi))
        points.append((at, value * simpson * gap / 3))
    return points


def inflation(looks: int, alpha: float = ALPHA, power: float = POWER) -> float:
    """How many times larger the sample must be than that of a test with one look.

    By halving over the drift: the chance to cross some bound on its side is to be ``power``.
    """
    shares = tuple((look + 1) / looks for look in range(looks))
    limits = bounds(shares, alpha)
    single = NORMAL.inv_cdf(1 - alpha / 2) + NORMAL.inv_cdf(power)
    low, high = single, single * 1.5
    for _halving in range(24):
        middle = (low + high) / 2
        if chance_to_cross(middle, shares, limits) < power:
            low = middle
        else:
            high = middle
    return (high / single) ** 2


def chance_to_cross(drift: float, shares: Sequence[float], limits: Sequence[float]) -> float:
    """That the upper bound is crossed at some look, if the statistic drifts so far to the end."""
    density: list[tuple[float, float]] = [(0.0, 1.0)]
    before, found = 0.0, 0.0
    for share, limit in zip(shares, limits, strict=True):
        if math.isinf(limit):
            continue
        step, edge = math.sqrt(share - before), limit * math.sqrt(share)
        moved = [(at + drift * (share - before), weight) for at, weight in density]
        found += sum(weight * (1 - NORMAL.cdf((edge - at) / step)) for at, weight in moved)
        density = carried(edge, moved, step)
        before = share
    return found


def sample_size(base: float, better: float, looks: int = 1, power: float = POWER) -> int:
    """Of each side, to find a rise of the share from ``base`` to ``better`` with this power.

    By the pooled test (Fleiss 1981), without correction for continuity. Raises ValueError
    where the two are equal or no shares.
    """
    if not 0 <= base <= 1 or not 0 <= better <= 1 or base == better:
        raise ValueError("Two different shares between 0 and 1 are needed.")
    quantile, beyond = NORMAL.inv_cdf(1 - ALPHA / 2), NORMAL.inv_cdf(power)
    middle = (base + better) / 2
    spread = math.sqrt(2 * middle * (1 - middle))
    apart = math.sqrt(base * (1 - base) + better * (1 - better))
    single = ((quantile * spread + beyond * apart) / (better - base)) ** 2
    return math.ceil(single * (inflation(looks, power=power) if looks > 1 else 1))

"""Two shares beside one another: their difference, and how sure it is."""

import math
from dataclasses import dataclass

from scoring.engine.proportions import Proportion


@dataclass(frozen=True, slots=True)
class Difference:
    """``first`` less ``second``, as shares of 1."""

    value: float
    low: float
    high: float

    @property
    def is_certain(self) -> bool:
        """Whether it is no chance in 95 of 100 cases."""
        return self.low > 0 or self.high < 0


def difference(first: Proportion, second: Proportion) -> Difference | None:
    """By Newcombe's tenth method (1998), from the two Wilson intervals; None of nobody."""
    if first.share is None or second.share is None:
        return None
    value = first.share - second.share
    (low_1, high_1), (low_2, high_2) = first.interval(), second.interval()
    below = math.hypot(first.share - low_1, high_2 - second.share)
    above = math.hypot(high_1 - first.share, second.share - low_2)
    return Difference(value, value - below, value + above)


def z_of(first: Proportion, second: Proportion) -> float | None:
    """The pooled test statistic of two shares, normal if they are one; None if that is not told."""
    if not first.of or not second.of:
        return None
    pooled = (first.count + second.count) / (first.of + second.of)
    variance = pooled * (1 - pooled) * (1 / first.of + 1 / second.of)
    if variance <= 0:
        return None
    return (first.count / first.of - second.count / second.of) / math.sqrt(variance)

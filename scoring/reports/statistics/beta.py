"""The beta distribution: a share between 0 and 1 that is known only in part.

Of a share that was counted it is the posterior with Jeffreys' prior (Brown, Cai and DasGupta 2001,
Statistical Science 16, 101-133). The incomplete beta function is Lentz's continued fraction, and
its inverse is found by halving: no numeric library is needed for a handful of spans.
"""

import math
from dataclasses import dataclass
from typing import Final, Self

TINY: Final = 1e-300
EXACT: Final = 1e-14
FRACTIONS: Final = 2_000
HALVINGS: Final = 60
# Below that a share is 0 or 1 for all that can be told.
SPLIT: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Beta:
    """``hits`` and ``misses`` are its two shapes, what was known before among them."""

    hits: float
    misses: float

    @classmethod
    def counted(cls, count: int, of: int) -> Self:
        return cls(count + 0.5, of - count + 0.5)

    @classmethod
    def matching(cls, mean: float, variance: float) -> Self:
        """The one of this mean and variance; no share varies more than one that is 0 or 1."""
        spread = mean * (1 - mean)
        size = max(SPLIT, spread / variance - 1) if variance > 0 else math.inf
        return cls(mean * size, (1 - mean) * size)

    @property
    def mean(self) -> float:
        return self.hits / (self.hits + self.misses)

    @property
    def variance(self) -> float:
        return self.mean * (1 - self.mean) / (self.hits + self.misses + 1)

    def below(self, share: float) -> float:
        """How probable it is that the true share is lower."""
        if share <= 0 or share >= 1:
            return float(share >= 1)
        # The fraction converges quickly on this side of the mean; the other is what is left.
        if share > (self.hits + 1) / (self.hits + self.misses + 2):
            return 1 - Beta(self.misses, self.hits).below(1 - share)
        told = (
            math.lgamma(self.hits + self.misses) - math.lgamma(self.hits)
            - math.lgamma(self.misses) + self.hits * math.log(share)
            + self.misses * math.log1p(-share)
        )  # fmt: skip
        return math.exp(told) / self.hits * fraction(self.hits, self.misses, share)

    def quantile(self, probability: float) -> float:
        low, high = 0.0, 1.0
        for _halving in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.below(middle) < probability else (low, middle)
        return (low + high) / 2

    def interval(self, share: float = 0.95) -> tuple[float, float]:
        """The middle of it: as much is left out at each end."""
        out = (1 - share) / 2
        return self.quantile(out), self.quantile(1 - out)


def fraction(hits: float, misses: float, share: float) -> float:
    """The continued fraction of the incomplete beta function."""
    found, above, below = 1.0, math.inf, 1.0
    for step in range(1, FRACTIONS):
        half = step // 2
        part = -(hits + half) * (hits + misses + half) if step % 2 else half * (misses - half)
        part *= share / (hits + step - 1) / (hits + step)
        below = 1 / apart(1 + part * below)
        above = apart(1 + part / above)
        found *= above * below
        if abs(above * below - 1) < EXACT:
            break
    return found


def apart(number: float) -> float:
    """From zero."""
    return number if abs(number) > TINY else TINY

"""What open deals are worth, and how far what they bring may be from that.

Each deal brings all of its amount or nothing, and the chance of that is itself known from few
deals. Mean and variance of the sum are exact; its distribution is taken as a beta one between
nothing and all of it, which is right for a single deal and for many. Of some few deals it may well
be that none is won, or each: then the span begins with nothing, or ends with all.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from scoring.reports.statistics.beta import Beta

# Left out at each end of a span of 95 of 100.
OUT: Final = 0.025


@dataclass(slots=True)
class Chance:
    """Deals that are won with the same chance, which is ``share`` as far as it was counted.

    ``mean`` and ``variance``: of what it may truly be. ``squares``: of their amounts.
    """

    share: Decimal
    mean: float
    variance: float
    amount: Decimal = Decimal(0)
    squares: float = 0.0
    deals: int = 0

    def add(self, deals: int, amount: Decimal, squares: float) -> None:
        self.deals += deals
        self.amount += amount
        self.squares += squares

    @property
    def expected(self) -> float:
        return float(self.amount) * self.mean

    @property
    def spread(self) -> float:
        """The variance of what they bring: all together if the chance is another, and by luck."""
        luck = self.mean * (1 - self.mean) - self.variance
        return float(self.amount) ** 2 * self.variance + self.squares * luck


@dataclass(frozen=True, slots=True)
class Worth:
    """``low`` and ``high``: between them lies what they bring in 95 of 100 cases."""

    value: Decimal
    low: float
    high: float


def worth_of(chances: Iterable[Chance]) -> Worth:
    """Of deals whose chances have nothing to do with one another."""
    known = list(chances)
    value = sum((one.amount * one.share for one in known), Decimal(0))
    most = float(sum((one.amount for one in known), Decimal(0)))
    mean, variance = sum(one.expected for one in known), sum(one.spread for one in known)
    if most <= 0 or variance <= 0:
        return Worth(value, float(value), float(value))
    low, high = Beta.matching(mean / most, variance / most**2).interval()
    if math.prod((1 - one.mean) ** one.deals for one in known) > OUT:
        low = 0.0
    if math.prod(one.mean**one.deals for one in known) > OUT:
        high = 1.0
    # The value is by the share that was counted, the span by what it may be.
    return Worth(value, min(most * low, float(value)), max(most * high, float(value)))

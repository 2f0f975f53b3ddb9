"""What past outcomes say of a threshold: pure arithmetic, no database.

docs/thresholds.md has each measure with its formula and where it comes from.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

# Of the normal distribution, for 95 of 100 intervals.
Z: Final = 1.959963984540054
# With fewer known outcomes than this no threshold is recommended.
FEW: Final = 15


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share of a number of cases with its Wilson interval; ``of`` 0 knows nothing."""

    count: int
    of: int

    @property
    def share(self) -> float | None:
        return self.count / self.of if self.of else None

    def interval(self, z: float = Z) -> tuple[float, float]:
        """Wilson's score interval; everything is possible where nothing is known."""
        if not self.of:
            return 0.0, 1.0
        share, square = self.count / self.of, z * z
        whole = 1 + square / self.of
        middle = (share + square / (2 * self.of)) / whole
        spread = share * (1 - share) / self.of + square / (4 * self.of * self.of)
        half = z * math.sqrt(spread) / whole
        # Rounding must not put the share itself outside.
        return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))


@dataclass(frozen=True, slots=True)
class Measures:
    """How well "from this total on" would have picked those who succeeded.

    ``above`` and ``known`` count contacts whose outcome is known; ``won_above`` and ``won``
    those of them who succeeded.
    """

    threshold: int
    above: int
    won_above: int
    known: int
    won: int

    @property
    def precision(self) -> Proportion:
        """Of those above, who succeeded: the conversion above the threshold."""
        return Proportion(self.won_above, self.above)

    @property
    def below(self) -> Proportion:
        """The conversion of those who would not have been called."""
        return Proportion(self.won - self.won_above, self.known - self.above)

    @property
    def recall(self) -> Proportion:
        """Of those who succeeded, who was above."""
        return Proportion(self.won_above, self.won)

    @property
    def base(self) -> Proportion:
        return Proportion(self.won, self.known)

    @property
    def lift(self) -> float | None:
        """How many times better than calling anybody; None where that cannot be said."""
        if not self.above or not self.won:
            return None
        return self.won_above * self.known / (self.above * self.won)

    def lift_interval(self) -> tuple[float, float] | None:
        """The interval of the precision by the conversion of all, which is taken as given."""
        if not self.won or not self.above:
            return None
        low, high = self.precision.interval()
        base = self.won / self.known
        return low / base, high / base

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 where nobody above succeeded."""
        both = self.above + self.won
        return 2 * self.won_above / both if both else 0.0

    def gain(self, value: Decimal, cost: Decimal) -> Decimal:
        """What calling everybody above would have brought, less the calls in vain."""
        return value * self.won_above - cost * (self.above - self.won_above)


class Outcomes:
    """Known outcomes by their totals, ready to be asked of any threshold."""

    def __init__(self, known: Iterable[tuple[int, bool]]) -> None:
        ordered = sorted(known)
        self._totals = [total for total, _won in ordered]
        self._won = [0]
        for _total, won in ordered:
            self._won.append(self._won[-1] + won)

    def __len__(self) -> int:
        return len(self._totals)

    @property
    def won(self) -> int:
        return self._won[-1]

    @property
    def are_few(self) -> bool:
        return len(self) < FEW

    @property
    def totals(self) -> list[int]:
        """Each total once, rising: between two of them no threshold differs."""
        return sorted(set(self._totals))

    def at(self, threshold: int) -> Measures:
        below = bisect_left(self._totals, threshold)
        won = self.won
        return Measures(threshold, len(self) - below, won - self._won[below], len(self), won)

    def best_f1(self) -> Measures | None:
        """The highest F1; of equals the higher threshold, which needs fewer calls."""
        found = [self.at(total) for total in self.totals]
        best = max(found, key=lambda one: (one.f1, one.threshold), default=None)
        return best if best is not None and best.won_above else None

    def best_gain(self, value: Decimal, cost: Decimal) -> Measures | None:
        """The highest gain; None where every threshold would have cost more than it brought."""
        found = [self.at(total) for total in self.totals]
        best = max(found, key=lambda one: (one.gain(value, cost), one.threshold), default=None)
        return best if best is not None and best.gain(value, cost) > 0 else None


def candidates(totals: Sequence[int], most: int) -> list[int]:
    """At most so many of some rising totals, evenly taken, the first and last among them."""
    if len(totals) <= most:
        return list(totals)
    last = len(totals) - 1
    return [totals[round(place * last / (most - 1))] for place in range(most)]

"""Mantel and Haenszel's odds ratio: what a rule is worth among contacts that are otherwise alike.

Each stratum is a table of four counts. The interval is that of Robins, Breslow and Greenland
(1986), which holds for few large strata and for many small ones.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scoring.engine.proportions import Z


@dataclass(frozen=True, slots=True)
class Stratum:
    """Of those for whom the rule counted, who succeeded and who did not; then of the others."""

    held_won: int
    held_lost: int
    other_won: int
    other_lost: int

    @property
    def count(self) -> int:
        return self.held_won + self.held_lost + self.other_won + self.other_lost

    @property
    def both(self) -> float:
        """The part of it that speaks for the rule."""
        return self.held_won * self.other_lost / self.count

    @property
    def crossed(self) -> float:
        return self.held_lost * self.other_won / self.count


@dataclass(frozen=True, slots=True)
class OddsRatio:
    """1 says that the rule tells nothing beyond what the strata tell already."""

    value: float
    low: float
    high: float

    @property
    def is_certain(self) -> bool:
        """Whether it lies to one side of 1 in 95 of 100 cases."""
        return self.low > 1 or self.high < 1


def odds_ratio(strata: Iterable[Stratum]) -> OddsRatio | None:
    """None where it cannot be told: no stratum has both kinds of cases on both sides."""
    tables = [each for each in strata if each.count]
    both = sum(each.both for each in tables)
    crossed = sum(each.crossed for each in tables)
    if not both or not crossed:
        return None
    value = both / crossed
    spread = Z * math.sqrt(variance(tables, both, crossed))
    return OddsRatio(value, value * math.exp(-spread), value * math.exp(spread))


def variance(tables: Iterable[Stratum], both: float, crossed: float) -> float:
    """Of the logarithm."""
    first = second = third = 0.0
    for each in tables:
        agree = (each.held_won + each.other_lost) / each.count
        differ = (each.held_lost + each.other_won) / each.count
        first += agree * each.both
        second += agree * each.crossed + differ * each.both
        third += differ * each.crossed
    return first / (2 * both**2) + second / (2 * both * crossed) + third / (2 * crossed**2)

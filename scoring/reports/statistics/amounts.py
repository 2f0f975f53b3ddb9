"""What customers bring, and how surely the mean of it is known from those who came.

The mean is off by a normal number on the scale of logarithms. Its variance is that of a mean, by
the variance of the amounts over their squared mean; or else, where that is more, the one of the
mean of a lognormal distribution (Cox's, in Zhou and Gao 1997, Statistics in Medicine 16, 783-790):
where few are very large, the largest are still to come. The variance of the amounts is itself
known from few: it is drawn, scaled inverse chi-squared, with one deal's worth of the prior that
amounts vary by as much as they are.
"""

import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from scoring.reports.statistics.pace import MANY

# Variance of amounts by their squared mean, and of their logarithms, before any is known.
PRIOR: Final = 1.0
# The variance is not drawn larger than that many times what was seen.
WIDEST: Final = 4.0


@dataclass(frozen=True, slots=True)
class Amounts:
    """Any of them with the same chance.

    ``uneven``: their variance by their squared mean. ``logarithms``: the variance of those.
    """

    each: Sequence[float]
    mean: float
    deviation: float
    least: float
    uneven: float
    logarithms: float

    @classmethod
    def of(cls, each: Sequence[float]) -> Self:
        if not each:
            return cls([0.0], 0.0, 0.0, 0.0, 0.0, 0.0)
        mean = statistics.fmean(each)
        relative = [amount / mean for amount in each] if mean else []
        logarithms = [math.log(amount) for amount in relative if amount > 0]
        return cls(
            each, mean, statistics.pstdev(each), min(each), varied(relative), varied(logarithms)
        )

    def total(self, number: int, chance: random.Random) -> float:
        """Of so many customers."""
        if number <= MANY:
            return sum(chance.choices(self.each, k=number))
        drawn = chance.gauss(number * self.mean, math.sqrt(number) * self.deviation)
        return max(number * self.least, drawn)

    def unsure(self, chance: random.Random) -> float:
        """A factor about 1: how far the mean may be off."""
        number = len(self.each)
        times = min(WIDEST, 1 / chance.gammavariate(number / 2, 2 / number))
        simple = times * self.uneven / number
        skewed = times * self.logarithms
        lognormal = skewed / number + skewed**2 / (2 * (number + 1))
        return math.exp(chance.gauss(0, math.sqrt(max(simple, lognormal))))


def varied(numbers: Sequence[float]) -> float:
    """Their variance, with what was known before as one more."""
    if not numbers:
        return 0.0
    middle = statistics.fmean(numbers)
    squares = sum((number - middle) ** 2 for number in numbers)
    return (squares + PRIOR) / len(numbers)

"""How many come in a week, whether that grows, and how surely that is known.

Poisson's distribution with weights that halve with age (the power-discounted filter of Harvey and
Fernandes 1989, Journal of Business & Economic Statistics 7, 407-417), with a steady growth beside
the level. Given the growth, the level has a gamma distribution (Jeffreys' prior); the growth
itself is taken as normal about its mode (Laplace's approximation).

What goes on neither as it was nor in a steady trend is off by more than that. How much is measured
by trying the same on earlier weeks (rolling origins: Tashman 2000, International Journal of
Forecasting 16, 437-450): by what the errors vary more than they should, the logarithm of the rate
wanders in the weeks to come (moments, as DerSimonian and Laird 1986). That mean is known from few
weeks; the upper end of its own span is taken, for too little drift promises too much.
"""

import math
import random
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Self

from scoring.engine.proportions import Z
from scoring.reports.statistics.counting import counted_interval

# Weeks after which a week counts half.
HALF: Final = 8
# Older weeks count less than one in a thousand.
REACH: Final = 104
# Above that the normal distribution is as good, and quicker.
MANY: Final = 50
# Before anything is known, a rate grows or falls by no more than that a week in two of three cases.
GROWTH: Final = 0.03
# Weeks that the same is tried on, from every second week that has so many before it.
TRIED: Final = 4
TRIED_APART: Final = 2
TRIED_FROM: Final = 8
# The mode is found in fewer; a step is no longer than that.
STEPS: Final = 50
STEP_MOST: Final = 0.1
EXACT: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Trend:
    """The logarithm of the rate grows by ``growth`` a week, give or take ``deviation``.

    ``weeks``: so many weeks like the last one bring as many as came, each counting by its age.
    ``middle`` and ``variance``: of how long ago, in weeks and below zero, those came.
    """

    growth: float = 0.0
    deviation: float = 0.0
    weeks: float = 0.0
    middle: float = 0.0
    variance: float = 0.0

    @classmethod
    def of(cls, past: Sequence[int], wide: float) -> Self:
        aged = [(age - len(past), 0.5 ** ((len(past) - age) / HALF), number)
                for age, number in enumerate(past, 1)]  # fmt: skip
        number = sum(weight * each for _at, weight, each in aged)
        moment = sum(weight * each * at for at, weight, each in aged)
        weights = [(at, weight) for at, weight, _number in aged]
        growth = 0.0
        for _step in range(STEPS):
            weeks, middle, variance = spread_over(weights, growth)
            surely = number * variance / wide + GROWTH**-2
            step = ((moment - number * middle) / wide - growth * GROWTH**-2) / surely
            if abs(step) < EXACT:
                break
            growth += max(-STEP_MOST, min(STEP_MOST, step))
        return cls(growth, surely**-0.5, weeks, middle, variance)

    def interval(self) -> tuple[float, float]:
        """In which the growth lies in 95 of 100 cases."""
        return self.growth - Z * self.deviation, self.growth + Z * self.deviation

    def drawn(self, chance: random.Random) -> tuple[float, float]:
        """A growth that may be the true one, and the ``weeks`` that go with it."""
        more = chance.gauss(0, self.deviation)
        weeks = self.weeks * math.exp(more * self.middle + more**2 * self.variance / 2)
        return self.growth + more, weeks


def spread_over(aged: Sequence[tuple[int, float]], growth: float) -> tuple[float, float, float]:
    """The sum of the weights if it grew like that, and the mean and variance of their times."""
    weights = [(at, weight * math.exp(growth * at)) for at, weight in aged]
    total = sum(weight for _at, weight in weights)
    middle = sum(weight * at for at, weight in weights) / total
    return total, middle, sum(weight * (at - middle) ** 2 for at, weight in weights) / total


@dataclass(frozen=True, slots=True)
class Pace:
    """So many came in so many weeks, ``wide`` times as unevenly as by pure chance.

    A week counts half as much as one that is eight weeks younger. ``drift``: by what the variance
    of the logarithm of the rate grows in each coming week, beyond what is known of level and trend.
    """

    number: float
    weeks: float
    wide: float
    trend: Trend = field(default_factory=Trend)
    drift: float = 0.0

    @classmethod
    def of(cls, past: Sequence[int]) -> Self:
        return cls.without_drift(past, drift_of(past[-REACH:]))

    @classmethod
    def without_drift(cls, past: Sequence[int], drift: float = 0.0) -> Self:
        past = past[-REACH:]
        weights = [0.5 ** (age / HALF) for age in range(len(past))][::-1]
        number = sum(weight * each for weight, each in zip(weights, past, strict=True))
        wide = dispersion(past)
        trend = Trend.of(past, wide) if past else Trend()
        return cls(number, sum(weights), wide, trend, drift)

    @property
    def mean(self) -> float:
        return self.number / self.weeks if self.weeks else 0.0

    def interval(self) -> tuple[float, float]:
        """In which the mean of a week lies in 95 of 100 cases."""
        if not self.weeks:
            return 0.0, 0.0
        low, high = counted_interval(self.number, self.wide)
        return low / self.weeks, high / self.weeks

    def expected(self, weeks: int) -> float:
        """In so many coming weeks together."""
        level = (self.number + 0.5) / self.trend.weeks
        return level * sum(math.exp(self.trend.growth * week) for week in range(1, weeks + 1))

    def variance(self, weeks: int) -> float:
        """Of the logarithm of what comes in so many weeks together, where the trend goes on."""
        distance = (weeks + 1) / 2 - self.trend.middle
        level = self.wide / (self.number + 0.5) + (self.trend.deviation * distance) ** 2
        return self.wide / self.expected(weeks) + level

    def drawn(self, times: float, weeks: int, chance: random.Random) -> list[int]:
        """Numbers of the coming weeks that go on, and differ by as much, as those before."""
        if not self.weeks:
            return [0] * weeks
        growth, held = self.trend.drawn(chance)
        rate = times * chance.gammavariate((self.number + 0.5) / self.wide, self.wide / held)
        drift = chance.gauss(0, math.sqrt(self.drift))
        rates = [rate * math.exp(growth * week + drift * wandered(week))
                 for week in range(1, weeks + 1)]  # fmt: skip
        return [number_of_a_week(each, self.wide, chance) for each in rates]


def wandered(week: int) -> float:
    """How far, as a multiple of one week's step. All weeks of one future go the same way."""
    return math.sqrt(week)


# The mean of the weeks that are tried together.
WANDERED: Final = statistics.fmean(wandered(week) for week in range(1, TRIED + 1))


def drift_of(past: Sequence[int]) -> float:
    """From how far the next four weeks were off, seen from earlier ones; never below zero."""
    excess = []
    for end in range(len(past) - TRIED, TRIED_FROM - 1, -TRIED_APART):
        pace = Pace.without_drift(past[:end])
        came = sum(past[end : end + TRIED])
        error = math.log((came + 0.5) / (pace.expected(TRIED) + 0.5))
        # One burst is no wandering: nothing counts as off by more than Euler's number of times.
        excess.append(min(1.0, error**2) - pace.variance(TRIED))
    if not excess:
        return 0.0
    # One alone does not show how uncertain it is.
    unsure = statistics.stdev(excess) / math.sqrt(len(excess)) if len(excess) > 1 else 0.0
    return max(0.0, statistics.fmean(excess) + Z * unsure) / WANDERED**2


def number_of_a_week(rate: float, wide: float, chance: random.Random) -> int:
    """Of that mean, and of ``wide`` times that variance."""
    if wide > 1 and rate > 0:
        rate = chance.gammavariate(rate / (wide - 1), wide - 1)
    return poisson(rate, chance)


def dispersion(numbers: Sequence[int]) -> float:
    """The variance by the mean: 1 for what comes by pure chance, and never less.

    From week to week, so that what grows evenly is not taken for uneven (von Neumann 1941).
    """
    if len(numbers) < 2 or not any(numbers):
        return 1.0
    steps = sum((after - before) ** 2 for before, after in pairwise(numbers))
    mean = sum(numbers) / len(numbers)
    return max(1.0, steps / (2 * (len(numbers) - 1)) / mean)


def poisson(mean: float, chance: random.Random) -> int:
    if mean > MANY:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    # By inversion: one draw, and what is left of it after the chance of each number.
    left, number, part = chance.random(), 0, math.exp(-mean)
    while left > part > 0:
        left -= part
        number += 1
        part *= mean / number
    return number

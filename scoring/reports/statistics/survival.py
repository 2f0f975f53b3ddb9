"""Kaplan and Meier's curve: how many have reached something by when, honest about the rest.

Whoever has not reached it yet counts up to the day until which that is known, and no longer:
a rate of "reached so far" would make the youngest cohort look worst.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from scoring.engine.proportions import Z


@dataclass(frozen=True, slots=True)
class Step:
    """From ``at`` on ``reached`` of 1 have got there; ``at_risk`` could still have at that time.

    ``low`` and ``high``: the interval of ``reached``, by Greenwood's variance on the scale of
    log(-log) (Kalbfleisch and Prentice 1980), which stays within 0 and 1.
    """

    at: float
    reached: float
    low: float
    high: float
    at_risk: int


when = attrgetter("at")


@dataclass(frozen=True, slots=True)
class Curve:
    steps: Sequence[Step]
    of: int
    events: int

    def at(self, time: float) -> Step | None:
        """How it stands then; None before the first one has got there."""
        place = bisect_right(self.steps, time, key=when)
        return self.steps[place - 1] if place else None

    def reached(self, time: float) -> float:
        step = self.at(time)
        return step.reached if step else 0.0

    def time_of(self, share: float) -> float | None:
        """When so many of 1 had got there: 0.5 asks the median; None if that was not yet."""
        return next((step.at for step in self.steps if step.reached >= share), None)


def curve_of(cases: Iterable[tuple[float, bool]]) -> Curve:
    """Of (time, whether it was reached then); False: not reached up to then, unknown after."""
    events: Counter[float] = Counter()
    ends: Counter[float] = Counter()
    for time, happened in cases:
        ends[time] += 1
        events[time] += happened
    at_risk = total = sum(ends.values())
    left, variance, steps = 1.0, 0.0, []
    for time in sorted(ends):
        if number := events[time]:
            left *= 1 - number / at_risk
            rest = at_risk - number
            variance = variance + number / (at_risk * rest) if rest else math.inf
            low, high = interval(left, variance)
            steps.append(Step(time, 1 - left, 1 - high, 1 - low, at_risk))
        at_risk -= ends[time]
    return Curve(steps, total, sum(events.values()))


def interval(left: float, variance: float) -> tuple[float, float]:
    """Of the share that is left over; where nobody is left, no width can be told."""
    if left <= 0 or math.isinf(variance):
        return 0.0, 0.0
    spread = Z * math.sqrt(variance) / abs(math.log(left))
    return left ** math.exp(spread), left ** math.exp(-spread)

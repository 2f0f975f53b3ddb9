"""Events that were counted, and how far their true mean may be off."""

import math

from scoring.engine.proportions import Z


def counted_interval(number: float, wide: float = 1.0) -> tuple[float, float]:
    """Of the mean of a count, in 95 of 100 cases, by Byar's approximation of the exact one.

    ``wide``: so many times the variance of pure chance.
    """
    events = number / wide
    low = events * cube(events, -Z) if events > 0 else 0.0
    return wide * max(0.0, low), wide * (events + 1) * cube(events + 1, Z)


def cube(events: float, z: float) -> float:
    return (1 - 1 / (9 * events) + z / (3 * math.sqrt(events))) ** 3

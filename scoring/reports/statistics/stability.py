"""The population stability index: how far a distribution has moved from another one.

Sum over the parts of (p - q) ln(p / q), as in the scoring of credits (Siddiqi 2006). Below
0.1 it is as it was, from 0.25 on it is another population.
"""

import math
from collections.abc import Sequence
from enum import Enum
from typing import Final

MOVED: Final = 0.1
OTHER: Final = 0.25
# Added to each part, so that an empty one is small and not infinite (Laplace's half).
HALF: Final = 0.5


class Stability(Enum):
    STABLE = "stable"
    MOVED = "moved"
    OTHER = "other"


def index_of(before: Sequence[int], after: Sequence[int]) -> float | None:
    """Of counts in the same parts; None where one of the two has nobody."""
    if not sum(before) or not sum(after):
        return None
    old, new = shares(before), shares(after)
    return sum((q - p) * math.log(q / p) for p, q in zip(old, new, strict=True))


def shares(counts: Sequence[int]) -> list[float]:
    total = sum(counts) + HALF * len(counts)
    return [(count + HALF) / total for count in counts]


def stability(index: float) -> Stability:
    if index < MOVED:
        return Stability.STABLE
    return Stability.MOVED if index < OTHER else Stability.OTHER

"""From one place to the next: the chance of each coming week, and how surely it is known.

The time since somebody came is cut into stretches. In each the share of those who get there, of
those who still could, is a beta distribution: those who did and did not, with Jeffreys' prior
over all stretches together. Where everybody was watched to the end the share of all of them is
Jeffreys' posterior of that share, and the times are Dirichlet's; where not, it is the discrete
beta process (Hjort 1990, Annals of Statistics 18, 1259-1294), about Kaplan and Meier's curve.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import Final, Self

# Where a stretch begins, in days; those after the last one end where anything ends.
STARTS: Final = (0, 7, 14, 28, 56)
# Of a share that is spread over all stretches.
PRIOR: Final = 0.5


@dataclass(frozen=True, slots=True)
class Stretch:
    """Of those who still could at its begin: how many did and did not, the prior among them.

    ``fresh`` and ``waiting``: what each week has of it, if all get there in this stretch.
    """

    hits: float
    misses: float
    fresh: Sequence[float]
    waiting: Sequence[float]

    @classmethod
    def counted(
        cls, place: int, hits: float, misses: float,
        fresh: Sequence[float], waiting: Sequence[float],
    ) -> Self:  # fmt: skip
        """Of the stretches the one at this place. Each has as much of the prior's hits as the
        others, and of its misses what those after it do not have.
        """
        each = PRIOR / len(STARTS)
        after = PRIOR + each * (len(STARTS) - 1 - place)
        return cls(hits + each, max(0.0, misses) + after, fresh, waiting)


@dataclass(frozen=True, slots=True)
class Chances:
    """Of one who comes in a week: in that week and in those after it. ``waiting``: what those who
    wait already will bring in each week.
    """

    fresh: Sequence[float]
    waiting: Sequence[float]

    def flowing(self, entering: Sequence[float]) -> list[float]:
        """Expected of each week: of those who wait, and who came before or in it."""
        return [
            waiting + sum(map(mul, entering, self.fresh[week::-1]))
            for week, waiting in enumerate(self.waiting)
        ]


@dataclass(frozen=True, slots=True)
class Step:
    """``events``: of how many it is known that they got there."""

    stretches: Sequence[Stretch]
    events: int

    def drawn(self, chance: random.Random) -> Chances:
        """Chances that may be the true ones."""
        left, parts = 1.0, []
        for one in self.stretches:
            share = chance.betavariate(one.hits, one.misses)
            parts.append(left * share)
            left -= left * share
        return Chances(
            mixed([one.fresh for one in self.stretches], parts),
            mixed([one.waiting for one in self.stretches], parts),
        )


def mixed(rows: Sequence[Sequence[float]], parts: Sequence[float]) -> list[float]:
    return [sum(map(mul, parts, column)) for column in zip(*rows, strict=True)]

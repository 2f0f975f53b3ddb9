"""How sure a share is that was counted in few cases."""

from dataclasses import dataclass
from math import sqrt
from typing import Final

# Of a normal distribution, for an interval that holds in 95 of 100 cases.
Z: Final = 1.96


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``of`` cases, with Wilson's interval: it is fair also near none and all."""

    count: int
    of: int

    @property
    def value(self) -> float:
        return self.count / self.of if self.of else 0.0

    @property
    def low(self) -> float:
        return max(0.0, self._middle - self._half)

    @property
    def high(self) -> float:
        return min(1.0, self._middle + self._half)

    @property
    def _middle(self) -> float:
        return (self.count + Z * Z / 2) / (self.of + Z * Z)

    @property
    def _half(self) -> float:
        # Without a single case: all is possible.
        left = self.value * (1 - self.value) * self.of + Z * Z / 4
        return Z * sqrt(left) / (self.of + Z * Z)

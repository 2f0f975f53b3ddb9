"""What is to be done with a rule, by what became of the leads that it counted for."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median
from typing import Final

from scoring.criteria.document import Rule
from scoring.reports.statistics.strata import OddsRatio

# Points are suggested in steps that people would choose.
STEP: Final = 5
# A rule must be so many times off what the others are worth before it is said.
OFF: Final = 2.0


class Verdict(Enum):
    KEEP = "keep"
    RAISE = "raise"
    LOWER = "lower"
    DROP = "drop"
    DEAD = "dead"
    TWIN = "twin"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Advice:
    """``points``: what is suggested; None is off, or nothing where the verdict says so."""

    verdict: Verdict
    points: int | None = None


def per_point(facts: Iterable[tuple[Rule, OddsRatio | None]]) -> float | None:
    """What a point is worth in this model: the middle of those rules that are sure."""
    sure = [
        math.log(ratio.value) / rule.points
        for rule, ratio in facts
        if ratio is not None and ratio.is_certain and not rule.exclude and rule.points
        and math.log(ratio.value) / rule.points > 0
    ]  # fmt: skip
    return median(sure) if sure else None


def advice(
    rule: Rule, fires: int, twins: Sequence[str], ratio: OddsRatio | None, point: float | None
) -> Advice:
    """By the rule's odds ratio beside the others, and only where that is no chance."""
    if not fires:
        return Advice(Verdict.DEAD)
    if twins:
        return Advice(Verdict.TWIN)
    if rule.exclude or not rule.points or ratio is None:
        return Advice(Verdict.UNKNOWN)
    if not ratio.is_certain:
        return Advice(Verdict.UNKNOWN)
    says = math.log(ratio.value)
    if (says > 0) != (rule.points > 0):
        return Advice(Verdict.DROP)
    if point is None:
        return Advice(Verdict.KEEP)
    points = rounded(says / point)
    if points == rule.points or not points:
        return Advice(Verdict.KEEP)
    weight = abs(says / point)
    if abs(rule.points) / OFF < weight < abs(rule.points) * OFF:
        return Advice(Verdict.KEEP)
    # As numbers are: of -5 points that should be -20 it is said that they are to be lower.
    return Advice(Verdict.RAISE if points > rule.points else Verdict.LOWER, points)


def rounded(points: float) -> int:
    return STEP * round(points / STEP) if abs(points) >= STEP else round(points)

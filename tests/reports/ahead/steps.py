"""Steps of a forecast that are made up, not counted."""

from collections.abc import Sequence

from scoring.reports.statistics.steps import Step, Stretch


def step_of(fresh: Sequence[float], waiting: Sequence[float], events: int) -> Step:
    """These chances, about as sure as so many events make them."""
    twice = [[2 * each for each in numbers] for numbers in (fresh, waiting)]
    return Step([Stretch(max(1, events), max(1, events), *twice)], events)


def never(weeks: int) -> Step:
    return step_of([0.0] * weeks, [0.0] * weeks, 0)

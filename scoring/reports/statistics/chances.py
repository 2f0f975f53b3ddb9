"""The chance of each coming week, from Kaplan and Meier's curves of waits in whole days.

A wait counts the days that are over, so ``reached(2)`` is who got there before the third day was
over. Whoever waits since so many days is, on average, half a day further, and so is whoever came
on a given day: each is taken at the middle of the day. Marks are how many of 1 have got there by
the middle of each day.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from scoring.reports.statistics.survival import Curve

DAYS: Final = 7


def marks_of(curve: Curve, days: int) -> list[float]:
    return [midway(curve, day) for day in range(days + 1)]


def between(marks: Sequence[float], low: float, high: float) -> list[float]:
    """Those who get there between two marks, as if they were all."""
    return [(min(max(mark, low), high) - low) / (high - low) for mark in marks]


def evenly(start: int, end: int, days: int, is_known: bool) -> list[float]:
    """As if as many got there on each day from ``start`` on, before ``end``; or nobody ever."""
    if not is_known:
        return [0.0] * (days + 1)
    return [min(1.0, max(0.0, (day + 0.5 - start) / (end - start))) for day in range(days + 1)]


def of_waiting(marks: Sequence[float], age: int, weeks: int) -> list[float]:
    """Of one of all who came ``age`` days ago."""
    found = [marks[age + DAYS * week] for week in range(weeks + 1)]
    return [after - before for before, after in pairwise(found)]


def of_entering(marks: Sequence[float], weeks: int) -> list[float]:
    """Of one who comes at any time of a week: in that week, in the one after it, and so on.

    At the end of a week those of its first day have waited for six days and a half, and those
    of the last one for half a day.
    """
    found = [0.0]
    for week in range(weeks):
        found.append(sum(marks[DAYS * week : DAYS * (week + 1)]) / DAYS)
    return [after - before for before, after in pairwise(found)]


def midway(curve: Curve, day: int) -> float:
    """How many have got there by the middle of the day that begins after ``day`` days."""
    return (curve.reached(day - 1) + curve.reached(day)) / 2

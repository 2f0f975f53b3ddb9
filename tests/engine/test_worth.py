"""How the worth of one activity falls with its age, as tables."""

import pytest

from scoring.criteria.durations import Duration
from scoring.criteria.moments import Moment
from scoring.criteria.rules import Decay
from scoring.engine.worth import Step, faded, steps

pytestmark = pytest.mark.once

MONTH = Duration.parse("1 month")


@pytest.mark.parametrize(
    ("points", "percent", "worths"),
    [
        (10, 25, [10, 8, 5, 3, 0, 0]),  # 7.5 and 2.5 are rounded away from zero
        (-10, 25, [-10, -8, -5, -3, 0, 0]),
        (1, 50, [1, 1, 0, 0]),
        (-1, 50, [-1, -1, 0, 0]),
        (1, 51, [1, 0, 0]),
        (3, 33, [3, 2, 1, 0, 0]),
        (1000, 1, [1000, 990, 980]),
        (5, 100, [5, 0, 0]),
        (7, 7, [7, 7, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0]),
    ],
)
def test_it_fades_by_its_percent_and_rounds_half_away_from_zero(
    points: int, percent: int, worths: list[int]
) -> None:
    assert [faded(points, percent, lapsed) for lapsed in range(len(worths))] == worths


@pytest.mark.parametrize("lapsed", [99, 100, 101, 10_000])
def test_it_never_fades_below_nothing(lapsed: int) -> None:
    assert faded(1000, 1, lapsed) == (10 if lapsed == 99 else 0)


@pytest.mark.parametrize(
    ("points", "percent", "expected"),
    [
        (10, 50, [(1, 10), (2, 5)]),
        (5, 100, [(1, 5)]),
        (1, 50, [(2, 1)]),  # 1 and 0.5: two steps of one worth are one
        (1, 1, [(51, 1)]),  # 0.50 is 1, 0.49 is nothing
        (-3, 33, [(1, -3), (2, -2), (3, -1)]),
    ],
)
def test_it_joins_steps_of_equal_worth(
    points: int, percent: int, expected: list[tuple[int, int]]
) -> None:
    wanted = tuple(Step(Moment(MONTH, times), worth) for times, worth in expected)
    assert steps(points, Decay(percent, MONTH)) == wanted


def test_it_has_a_hundred_steps_at_most() -> None:
    falling = steps(1000, Decay(1, MONTH))
    assert [step.points for step in falling] == list(range(1000, 0, -10))
    assert [step.after.times for step in falling] == list(range(1, 101))

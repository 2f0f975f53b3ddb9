"""What grows or shrinks steadily is foretold as that, and what wanders with wider spans."""

import math
from random import Random
from statistics import variance

import pytest

from scoring.reports.statistics.foresight import Band, Known, band_of, simulated
from scoring.reports.statistics.pace import (
    TRIED,
    WANDERED,
    Pace,
    Trend,
    dispersion,
    drift_of,
    number_of_a_week,
)
from tests.reports.ahead.steps import never

pytestmark = pytest.mark.once

NEVER = never(12)
HORIZONS = (4, 12)
# By how much a week brings more than the one before, how many come now, how unevenly.
WORLDS = [
    (growth, mean, wide)
    for growth in (-0.03, 0.0, 0.03)
    for mean, wide in ((12.0, 1.0), (90.0, 3.0))
]


def grown(growth: float, mean: float, wide: float, weeks: range, chance: Random) -> list[int]:
    """``mean`` came in week 0."""
    rates = [mean * math.exp(growth * week) for week in weeks]
    return [number_of_a_week(rate, wide, chance) for rate in rates]


def told(past: list[int]) -> dict[int, Band]:
    runs = simulated(Known(past, {}, {}, NEVER, []), 12, runs=100)
    return {weeks: band_of([sum(run.leads[:weeks]) for run in runs]) for weeks in HORIZONS}


@pytest.mark.parametrize(("growth", "mean", "wide"), WORLDS)
def test_spans_hold_what_grows_and_what_does_not(growth: float, mean: float, wide: float) -> None:
    chance, tried = Random(5), 40
    inside = dict.fromkeys(HORIZONS, 0)
    for _world in range(tried):
        past, coming = (
            grown(growth, mean, wide, weeks, chance) for weeks in (range(-39, 1), range(1, 13))
        )
        for weeks, band in told(past).items():
            inside[weeks] += band.low80 <= sum(coming[:weeks]) <= band.high80
    for weeks, number in inside.items():
        assert 0.75 <= number / tried < 1, weeks


def test_spans_of_what_wanders_are_wider_and_hold_it() -> None:
    chance, tried, inside, drifted = Random(5), 60, 0, 0.0
    for _world in range(tried):
        level, numbers = math.log(60), []
        for _week in range(64):
            level += chance.gauss(0, 0.08)
            numbers.append(number_of_a_week(math.exp(level), 1, chance))
        band = told(numbers[:52])[12]
        inside += band.low80 <= sum(numbers[52:]) <= band.high80
        drifted += drift_of(numbers[:52])
    assert 0.7 < inside / tried < 1
    # Beside what the weights of level and trend themselves allow for.
    assert 0.08**2 < drifted / tried < 4 * 0.08**2


# By how much the logarithm of the rate wanders in a week, from what mean; what lies within 95 of
# 100 at least, after half a year.
SHORT = [(0.1, 50, 0.87), (0.05, 500, 0.87), (0.0, 200, 0.95)]


@pytest.mark.parametrize(("step", "mean", "least"), SHORT)
def test_spans_hold_from_half_a_year_too(step: float, mean: float, least: float) -> None:
    chance, tried, inside = Random(5), 120, 0
    for _world in range(tried):
        level, numbers = math.log(mean), []
        for _week in range(34):
            level += chance.gauss(0, step)
            numbers.append(number_of_a_week(math.exp(level), 1, chance))
        runs = simulated(Known(numbers[:26], {}, {}, NEVER, []), 8, runs=150)
        band = band_of([sum(run.leads) for run in runs])
        inside += band.low95 <= sum(numbers[26:]) <= band.high95
    assert inside / tried >= least


def test_a_week_wanders_as_far_as_the_drift_was_measured_by() -> None:
    """What four weeks together vary by is the excess that the drift was derived from."""
    pace = Pace(1e9, 1e6, 1.0, Trend(weeks=1e6), drift=0.01)
    chance = Random(1)
    drawn = [math.log(sum(pace.drawn(1.0, TRIED, chance))) for _run in range(4000)]
    assert variance(drawn) == pytest.approx(0.01 * WANDERED**2, rel=0.1)


def test_a_trend_is_that_of_a_slow_calculation() -> None:
    """Each growth and level of a fine grid, as probable as Poisson's distribution makes it."""
    past = [3, 5, 2, 6, 4, 8, 5, 9, 7, 8, 12, 9]
    trend, pace = Trend.of(past, 1.0), Pace.of(past)
    found: list[tuple[float, float, float]] = []
    for growth in (step / 500 for step in range(-60, 81)):
        for level in (math.exp(step / 40) for step in range(40, 160)):
            told = -0.5 * (growth / 0.03) ** 2 + 0.5 * math.log(level)
            for age, number in enumerate(reversed(past)):
                rate = level * math.exp(-growth * age)
                told += 0.5 ** (age / 8) * (number * math.log(rate) - rate)
            found.append((growth, math.log(level) + growth * 6, told))
    most = max(told for _growth, _rate, told in found)
    weights = [math.exp(told - most) for _growth, _rate, told in found]

    def moments(column: int) -> tuple[float, float]:
        mean = sum(w * row[column] for w, row in zip(weights, found, strict=True)) / sum(weights)
        squares = (w * (row[column] - mean) ** 2 for w, row in zip(weights, found, strict=True))
        return mean, math.sqrt(sum(squares) / sum(weights))

    assert moments(0) == pytest.approx((trend.growth, trend.deviation), rel=0.1)
    chance = Random(1)
    drawn = []
    for _run in range(4000):
        growth, weeks = trend.drawn(chance)
        drawn.append(math.log(chance.gammavariate(pace.number + 0.5, 1 / weeks)) + growth * 6)
    mean = sum(drawn) / len(drawn)
    deviation = math.sqrt(sum((each - mean) ** 2 for each in drawn) / len(drawn))
    assert (mean, deviation) == pytest.approx(moments(1), rel=0.05)


@pytest.mark.parametrize("past", [[], [0] * 30, [7], [3, 900, 0, 2] * 13, [5] * 400])
def test_nothing_is_too_odd_to_have_a_pace(past: list[int]) -> None:
    pace = Pace.of(past)
    drawn = pace.drawn(1.0, 12, Random(1))
    assert len(drawn) == 12
    assert all(0 <= number < 10**6 for number in drawn)
    assert pace.drift < 1


def test_what_goes_on_steadily_does_not_wander() -> None:
    assert drift_of([100] * 50) == drift_of([5] * 11) == 0
    assert drift_of([round(100 * 1.03**week) for week in range(50)]) == 0
    assert drift_of([20] * 20 + [200] * 20) > 0
    assert dispersion([5] * 11) == 1

"""Of simulated histories, what came lies within the spans about as often as they say."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import fmean, pstdev

import pytest

from scoring.reports.ahead.looks import Waits, wait_of
from scoring.reports.statistics.amounts import Amounts
from scoring.reports.statistics.foresight import (
    Known,
    Paces,
    Times,
    band_of,
    one_run,
    simulated,
)
from scoring.reports.statistics.pace import (
    HALF,
    MANY,
    Pace,
    dispersion,
    number_of_a_week,
)
from tests.reports.ahead.steps import never, step_of

pytestmark = pytest.mark.once

NEVER = never(4)
# Mean of a week, how unevenly they come, and the weeks that are known.
WORLDS = [(8.0, 1.0, 20), (60.0, 1.0, 52), (30.0, 3.0, 52), (1.0, 1.0, 30)]


@pytest.mark.parametrize(("mean", "wide", "weeks"), WORLDS)
def test_spans_hold_what_comes_about_as_often_as_they_say(
    mean: float, wide: float, weeks: int
) -> None:
    chance, inside80, inside95, tried = Random(7), 0, 0, 150
    for _world in range(tried):
        numbers = [number_of_a_week(mean, wide, chance) for _week in range(weeks + 4)]
        runs = simulated(Known(numbers[:weeks], {}, {}, NEVER, []), 4, runs=200)
        band, came = band_of([sum(run.leads) for run in runs]), sum(numbers[weeks:])
        inside80 += band.low80 <= came <= band.high80
        inside95 += band.low95 <= came <= band.high95
    # Four standard errors below; above it whole numbers make the spans a little too wide.
    assert 0.68 < inside80 / tried < 0.95
    assert inside95 / tried > 0.88


def test_a_week_counts_half_as_much_as_one_that_is_eight_weeks_younger() -> None:
    assert Pace.of([16] + [0] * HALF).number == 8
    assert Pace.of([10] * 30).mean == pytest.approx(10)
    rising = Pace.of(list(range(52)))
    assert 35 < rising.mean < 51
    low, high = rising.interval()
    assert low < rising.mean < high
    assert Pace.of([]).mean == 0


def test_what_grows_evenly_is_not_taken_for_uneven() -> None:
    assert dispersion(list(range(52))) == 1
    assert dispersion([5]) == dispersion([0, 0]) == 1
    assert dispersion([0, 40] * 10) > 10


# --- What goes on as it did ----------------------------------------------------------------

NOW, WEEK, PAST = datetime(2026, 4, 27, 12, tzinfo=UTC), timedelta(days=7), 52
# Days until it comes, of those with this share of 1 before them.
WAITS: dict[str, Callable[[float], float]] = {
    "within hours": lambda share: share / 2,
    "a day on average": lambda share: -math.log(1 - share),
    "ten days on average": lambda share: -10 * math.log(1 - share),
    "forty days on average": lambda share: -40 * math.log(1 - share),
    "in the third week": lambda share: 14 + 7 * share,
    "any time in two months": lambda share: 60 * share,
}


def waits_of(rate: int, share: float, wait: Callable[[float], float]) -> Waits:
    """So many came in each week of a year, spread evenly; who does not get there gives up."""
    found = Waits()
    for number in range(rate * PAST):
        begun = NOW - (number + 0.5) / rate * WEEK
        # Spread as evenly, and each unlike the other (Weyl's sequences).
        lot, part = number * math.sqrt(5) % 1, number * math.sqrt(2) % 1
        came = begun + timedelta(days=wait(part)) if lot < share else None
        gone = None if came else begun + timedelta(days=30 * part)
        found.counted[wait_of(begun, came, gone, NOW)] += 1
    return found


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
def test_where_all_goes_on_as_before_as_much_comes_as_before(
    wait: Callable[[float], float],
) -> None:
    """200 enter a band each week: 80 of them get a deal, and 40 of these are won."""
    known = Known(
        leads=[300] * PAST,
        entries={"hot": [200] * PAST},
        bands={"hot": waits_of(200, 0.4, wait).step(12)},
        deals=waits_of(80, 0.5, wait).step(12),
        amounts=[10.0, 30.0] * 1000,
    )
    runs = simulated(known, 12, runs=400)
    for weeks in (1, 4, 8, 12):
        for numbers, weekly in (
            ([sum(run.leads[:weeks]) for run in runs], 300),
            ([sum(run.opportunities[:weeks]) for run in runs], 200 * 0.4),
            ([sum(run.customers[:weeks]) for run in runs], 200 * 0.4 * 0.5),
            ([sum(run.revenue[:weeks]) for run in runs], 200 * 0.4 * 0.5 * 20),
        ):
            # Three of 100, in the first week five: waits are known in whole days.
            wanted = pytest.approx(weekly * weeks, rel=0.03, abs=0.05 * weekly)
            assert sum(numbers) / len(runs) == wanted, weeks


# --- However much is asked -----------------------------------------------------------------


class Counting(Random):
    """How often it was drawn from."""

    drawn = 0

    def random(self) -> float:
        self.drawn += 1
        return super().random()


def test_a_run_takes_no_more_draws_however_much_is_asked() -> None:
    step = step_of([0.1] * 12, [2.0] * 12, 500)
    paid = [10.0, 30.0] * 1000
    for times in (Times(), Times(50_000, 10, 10, 10, 10, 10)):
        known = Known([90, 5000] * 26, {"hot": [2000] * 52}, {"hot": step}, step, paid,
                      [200] * 52, [800] * 52, times)  # fmt: skip
        chance, amounts = Counting(1), Amounts.of(known.amounts)
        run = one_run(known, Paces.of(known), amounts, 12, chance)
        assert chance.drawn < 12 * 60
        each = sum(run.revenue) / sum(run.customers) / times.revenue
        assert each == pytest.approx(20, rel=0.05)
    assert sum(run.customers) > 10**9


def test_what_many_bring_is_as_if_each_was_drawn() -> None:
    chance, amounts = Random(3), Amounts.of([5.0, 10.0, 90.0])
    assert Amounts.of([]).total(1000, chance) == 0
    assert amounts.total(1, chance) in amounts.each
    at_once = [amounts.total(MANY + 1, chance) for _time in range(2000)]
    singly = [sum(chance.choices(amounts.each, k=MANY + 1)) for _time in range(2000)]
    assert fmean(at_once) == pytest.approx(fmean(singly), rel=0.02)
    assert pstdev(at_once) == pytest.approx(pstdev(singly), rel=0.07)

"""The arithmetic of the reports equals SciPy's, published tables, and itself by another way."""

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scoring.engine.proportions import Proportion
from scoring.reports.statistics.counting import counted_interval
from scoring.reports.statistics.difference import difference, z_of
from scoring.reports.statistics.sequential import (
    ALPHA,
    bounds,
    inflation,
    sample_size,
    spent,
    walked,
)
from scoring.reports.statistics.stability import Stability, index_of, stability
from scoring.reports.statistics.strata import Stratum, odds_ratio
from scoring.reports.statistics.survival import curve_of

pytestmark = pytest.mark.once

COUNTS = [1, 3, 15, 120, 4000]


@pytest.mark.parametrize("number", COUNTS)
def test_the_interval_of_a_count_is_scipys_exact_one(number: int) -> None:
    low, high = counted_interval(number)
    assert low == pytest.approx(stats.chi2.ppf(0.025, 2 * number) / 2, rel=0.02, abs=0.02)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * number + 2) / 2, rel=0.01)
    wide = counted_interval(number, 4.0)
    assert wide[1] - wide[0] > 1.5 * (high - low)


cases = st.lists(st.tuples(st.integers(1, 40).map(float), st.booleans()), min_size=1, max_size=60)


# SciPy has no interval where nobody is left over.
@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
@given(cases)
def test_a_survival_curve_and_its_interval_are_those_of_scipy(
    drawn: list[tuple[float, bool]],
) -> None:
    curve = curve_of(drawn)
    if not curve.events:
        assert curve.steps == []
        return
    done = [time for time, happened in drawn if happened]
    open_ones = [time for time, happened in drawn if not happened]
    found = stats.ecdf(stats.CensoredData(uncensored=done, right=open_ones))
    span = found.sf.confidence_interval(method="log-log")
    for step in curve.steps:
        assert 1 - step.reached == pytest.approx(found.sf.evaluate(step.at), abs=1e-12)
        if 0 < step.reached < 1:
            assert 1 - step.high == pytest.approx(span.low.evaluate(step.at), abs=1e-9)
            assert 1 - step.low == pytest.approx(span.high.evaluate(step.at), abs=1e-9)


def test_whoever_is_still_open_does_not_count_as_never() -> None:
    curve = curve_of([(1, True), (2, False), (3, True), (4, False)])
    assert curve.reached(0.5) == 0
    assert curve.reached(1) == pytest.approx(0.25)
    assert curve.reached(3) == pytest.approx(1 - 0.75 * 0.5)
    assert curve.time_of(0.5) == 3
    assert curve.time_of(0.9) is None


def test_an_index_of_stability_is_nothing_for_what_stayed_and_grows_with_what_moved() -> None:
    assert index_of([10, 20, 30], [100, 200, 300]) == pytest.approx(0, abs=0.001)
    moved = index_of([50, 30, 20], [30, 30, 40])
    assert moved is not None
    by_hand = 0.2 * math.log(0.5 / 0.3) + 0.2 * math.log(0.4 / 0.2)
    assert moved == pytest.approx(by_hand, rel=0.05)
    assert stability(moved) is Stability.MOVED or moved > 0.24
    assert index_of([0, 0], [1, 2]) is None
    assert index_of([5, 0], [0, 5]) is not None


def test_an_odds_ratio_over_strata_is_that_of_statsmodels() -> None:
    # As statsmodels 0.14 gives it: StratifiedTable.oddsratio_pooled_confint.
    found = odds_ratio([Stratum(8, 98, 5, 115), Stratum(22, 76, 16, 69)])
    assert found is not None
    found_as = (found.value, found.low, found.high)
    assert found_as == pytest.approx((1.403148543, 0.762515168, 2.582015306), abs=1e-8)


def test_one_stratum_gives_its_own_odds_ratio() -> None:
    found = odds_ratio([Stratum(20, 10, 5, 25)])
    assert found is not None
    table = stats.contingency.odds_ratio([[20, 10], [5, 25]], kind="sample")
    assert found.value == pytest.approx(table.statistic)
    span = table.confidence_interval()
    assert (found.low, found.high) == pytest.approx((span.low, span.high), rel=1e-6)
    assert found.is_certain


def test_an_odds_ratio_that_cannot_be_told_is_none() -> None:
    assert odds_ratio([]) is None
    assert odds_ratio([Stratum(0, 0, 0, 0)]) is None
    assert odds_ratio([Stratum(3, 0, 2, 0)]) is None


def test_a_difference_is_that_of_newcombe() -> None:
    # Newcombe 1998, table II, example (a): 56/70 - 48/80, method 10.
    found = difference(Proportion(56, 70), Proportion(48, 80))
    assert found is not None
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert found.is_certain
    assert difference(Proportion(0, 0), Proportion(1, 2)) is None


def test_the_statistic_of_two_shares_is_the_root_of_the_chi_square_of_scipy() -> None:
    found = z_of(Proportion(30, 100), Proportion(20, 100))
    chi = stats.chi2_contingency([[30, 70], [20, 80]], correction=False)
    assert found is not None
    assert found**2 == pytest.approx(chi.statistic)
    assert z_of(Proportion(0, 5), Proportion(0, 5)) is None


# As SAS and gsDesign have them: spending as O'Brien and Fleming, 0.025 on each side.
PUBLISHED = [
    (1, [1.9600]),
    (2, [2.9626, 1.9686]),
    (3, [3.7103, 2.5114, 1.9930]),
    (4, [4.3326, 2.9631, 2.3590, 2.0141]),
    (5, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
]


@pytest.mark.parametrize(("looks", "published"), PUBLISHED)
def test_the_bounds_are_those_of_the_tables(looks: int, published: list[float]) -> None:
    shares = [(look + 1) / looks for look in range(looks)]
    assert bounds(shares) == pytest.approx(published, abs=0.002)


def test_a_look_without_anything_new_has_no_bound() -> None:
    assert bounds([0.5, 0.5, 1.0])[1] == math.inf
    assert bounds([0.5, 0.5, 1.0])[2] == pytest.approx(bounds([0.5, 1.0])[1])


@pytest.mark.parametrize("step", [0.00003, 0.0001, 0.001, 0.0029, 0.0032, 0.01])
def test_looks_that_bring_little_cost_nothing(step: float) -> None:
    shares = (0.6, *(0.6 + look * step for look in range(1, 9)), 1.0)
    for looks in range(1, len(shares) + 1):
        walk = walked(shares[:looks], ALPHA)
        inside = sum(weight for _at, weight in walk.density)
        assert inside == pytest.approx(1 - walk.paid, abs=1e-5)
    assert bounds(shares)[-1] == pytest.approx(1.98, abs=0.03)


def test_all_is_spent_at_the_end_and_little_before() -> None:
    assert spent(1) == pytest.approx(0.05)
    assert spent(0.25) < 0.0001
    assert spent(0) == 0


def test_under_no_difference_five_in_a_hundred_cross_some_bound_however_often_one_looks() -> None:
    rng, looks, runs = Random(11), 8, 20_000
    limits = bounds([(look + 1) / looks for look in range(looks)])
    crossed = 0
    for _run in range(runs):
        total = 0.0
        for look, limit in enumerate(limits):
            total += rng.gauss(0, 1)
            if abs(total) / math.sqrt(look + 1) > limit:
                crossed += 1
                break
    low, high = stats.binomtest(crossed, runs).proportion_ci(confidence_level=0.999)
    assert low <= 0.05 <= high


@pytest.mark.parametrize(("looks", "published"), [(2, 1.008), (4, 1.024), (5, 1.028)])
def test_looking_often_costs_little(looks: int, published: float) -> None:
    """Jennison and Turnbull 2000, table 2.4 has 1.008, 1.024 and 1.028 for O'Brien and Fleming."""
    assert inflation(looks) == pytest.approx(published, abs=0.006)


def test_a_sample_is_as_large_as_in_the_tables() -> None:
    # Fleiss 1981, without correction: 0.10 against 0.20, power 0.8, two-sided 0.05.
    assert sample_size(0.10, 0.20) == 199
    assert sample_size(0.10, 0.20, looks=8) > 199
    for wrong in [(0.1, 0.1), (-1, 0.2), (0.2, 1.1)]:
        with pytest.raises(ValueError, match="shares"):
            sample_size(*wrong)

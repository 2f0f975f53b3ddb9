"""A pilot looked at weekly finds what is there, and seldom what is not: by the product's code."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import pytest
from scipy import stats

from scoring.reports.statistics.piloting import (
    Look,
    Said,
    Stratum,
    difference,
    look,
    needed,
    statistic,
)
from scoring.reports.statistics.sequential import bounds

pytestmark = pytest.mark.once

PILOTS: Final = 1_000
WEEKS: Final = 8
BASE, SMALLEST = 0.10, 0.10
# Three segments of unequal size that sell very differently; together 10 in 100.
SIZES: Final = np.array([0.5, 0.3, 0.2])
SHARES: Final = np.array([0.06, 0.11, 0.185])


def arrivals(chance: np.random.Generator, of: int) -> list[int]:
    """Leads whose days are over, week by week: many at first, then now more and now fewer."""
    shares = chance.uniform(0.5, 1.5, WEEKS)
    shares[0] *= 2
    return [round(number) + 1 for number in of * shares / shares.sum()]


def piloted(chance: np.random.Generator, weeks: Sequence[int], per_arm: int, gain: float) -> Look:
    """One pilot: its last look. Segment, arm and success of each lead are drawn by themselves."""
    counts = np.zeros((4, len(SIZES)), dtype=int)
    before: list[float] = []
    for number in weeks:
        here = chance.multinomial(number, SIZES)
        candidates = chance.binomial(here, 0.5)
        won = chance.binomial(candidates, SHARES + gain)
        controls = here - candidates
        counts += np.array([candidates, won, controls, chance.binomial(controls, SHARES)])
        found = look([Stratum(*each) for each in counts.T.tolist()], per_arm, before)
        if found.said is not Said.GO_ON:
            break
        before.append(found.share)
    return found


def simulated(seed: int, gain: float) -> Counter[Said]:
    chance, per_arm = np.random.default_rng(seed), needed(BASE, SMALLEST)
    # The same for both simulations: the bounds of each are worked out once.
    coming = np.random.default_rng(1)
    plans = [arrivals(coming, 2 * per_arm) for _plan in range(3)]
    return Counter(
        piloted(chance, plans[number % 3], per_arm, gain).said for number in range(PILOTS)
    )


def test_of_a_thousand_pilots_without_a_difference_at_most_fifty_declare_one() -> None:
    """By 20,000 pilots the true share is 3 in 100, so 50 of 1,000 are not met by luck.

    One thousand tell it to within 1.1 points in 95 of 100 cases.
    """
    found = simulated(20_260_101, 0.0)
    assert found[Said.KEEP] + found[Said.WORSE] <= 50
    assert found[Said.GO_ON] == 0


def test_of_a_thousand_pilots_with_the_planned_difference_eight_hundred_find_it() -> None:
    """Planned for 85 in 100; one thousand tell it to within 2.2 points."""
    found = simulated(20_260_102, SMALLEST)
    assert found[Said.KEEP] >= 800
    assert found[Said.WORSE] == 0


TABLES = [
    [Stratum(100, 20, 100, 10)],
    [Stratum(50, 10, 70, 4), Stratum(9, 3, 5, 1), Stratum(1, 1, 0, 0)],
    [Stratum(30, 2, 30, 12), Stratum(40, 20, 45, 29)],
]


@pytest.mark.parametrize("strata", TABLES)
def test_the_statistic_is_made_of_the_hypergeometric_moments_of_scipy(
    strata: list[Stratum],
) -> None:
    told = [each for each in strata if each.of > 1]
    moments = [stats.hypergeom(each.of, each.won, each.candidate_of) for each in told]
    beyond = sum(each.candidate_won for each in told) - sum(each.mean() for each in moments)
    variance = sum(each.var() for each in moments)
    expected = (abs(beyond) - 0.5) / variance**0.5 * (1 if beyond > 0 else -1)
    assert statistic(strata) == pytest.approx(expected)


def test_a_difference_over_strata_is_the_weighted_mean_with_the_variance_of_its_parts() -> None:
    one = difference([Stratum(100, 20, 100, 10)])
    assert one is not None
    spread = (0.2 * 0.8 / 100 + 0.1 * 0.9 / 100) ** 0.5
    assert (one.value, one.high - one.low) == pytest.approx((0.1, 2 * 1.959964 * spread))
    two = difference([Stratum(100, 20, 100, 10), Stratum(100, 60, 100, 70)])
    assert two is not None
    assert two.value == pytest.approx(0.0)


def test_where_nothing_can_be_told_nothing_is_said() -> None:
    for strata in ([], [Stratum(0, 0, 0, 0)], [Stratum(5, 0, 5, 0)], [Stratum(1, 1, 0, 0)]):
        assert statistic(strata) is None
        assert difference(strata) is None
    assert look([Stratum(5, 0, 5, 0)], 100, []).said is Said.GO_ON
    assert look([Stratum(100, 0, 100, 0)], 100, []).said is Said.NO_DIFFERENCE


def test_a_look_says_keep_worse_go_on_or_that_the_end_is_reached() -> None:
    better, worse = Stratum(200, 60, 200, 20), Stratum(200, 20, 200, 60)
    assert look([better], 400, [0.25]).said is Said.KEEP
    assert look([worse], 400, [0.25]).said is Said.WORSE
    assert look([Stratum(200, 21, 200, 20)], 400, [0.25]).said is Said.GO_ON
    last = look([Stratum(400, 41, 400, 40)], 400, [0.25, 0.5])
    assert last.said is Said.NO_DIFFERENCE
    assert last.bound == pytest.approx(bounds([0.25, 0.5, 1.0])[-1])


def test_a_look_that_adds_nothing_has_no_bound() -> None:
    """As where leads were erased since: fewer are known than at the look before."""
    found = look([Stratum(50, 40, 50, 0)], 100, [0.5])
    assert (found.bound, found.said) == (None, Said.GO_ON)


def test_more_leads_are_needed_the_smaller_the_difference() -> None:
    # Fleiss 1981 with his correction: 0.10 against 0.20 needs 219 at power 0.8, one look.
    assert needed(0.10, 0.10) == pytest.approx(219 * 1.04 * 1.14, rel=0.03)
    assert needed(0.10, 0.05) > 3 * needed(0.10, 0.10)
    with pytest.raises(ValueError, match="shares"):
        needed(0.95, 0.10)

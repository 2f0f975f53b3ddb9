"""The measures of a threshold, against published values and tables made by hand."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.engine.proportions import FEW, Outcomes, Proportion, candidates

pytestmark = pytest.mark.once

known = st.lists(st.tuples(st.integers(-200, 200), st.booleans()), max_size=60)
TEN = [(90, True), (80, True), (70, False), (60, True), (50, False)]
TEN += [(40, False), (30, True), (20, False), (10, False), (0, False)]


# Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3 (Wilson's).
@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_are_the_published_ones(
    count: int, of: int, low: float, high: float
) -> None:
    found = Proportion(count, of).interval()
    assert [round(end, 4) for end in found] == [low, high]


def test_of_nothing_known_everything_is_possible() -> None:
    nothing = Proportion(0, 0)
    assert (nothing.share, nothing.interval()) == (None, (0.0, 1.0))


@pytest.mark.parametrize(
    ("threshold", "above", "won_above", "precision", "recall", "lift", "f1"),
    [
        (-5, 10, 4, 0.4, 1.0, 1.0, 8 / 14),
        (30, 7, 4, 4 / 7, 1.0, 10 / 7, 8 / 11),
        (60, 4, 3, 0.75, 0.75, 1.875, 0.75),
        (61, 3, 2, 2 / 3, 0.5, 5 / 3, 4 / 7),
        (90, 1, 1, 1.0, 0.25, 2.5, 0.4),
    ],
)
def test_measures_by_hand(
    threshold: int,
    above: int,
    won_above: int,
    precision: float,
    recall: float,
    lift: float,
    f1: float,
) -> None:
    found = Outcomes(TEN).at(threshold)
    assert (found.above, found.won_above) == (above, won_above)
    assert found.precision.share == pytest.approx(precision)
    assert found.recall.share == pytest.approx(recall)
    assert found.lift == pytest.approx(lift)
    assert found.f1 == pytest.approx(f1)


def test_above_everybody_nothing_can_be_said() -> None:
    found = Outcomes(TEN).at(91)
    assert found.precision.share is None
    assert found.lift is None
    assert found.lift_interval() is None
    assert found.recall.share == 0
    assert found.f1 == 0


def test_the_best_by_f1_and_by_what_a_call_costs() -> None:
    outcomes = Outcomes(TEN)
    f1 = outcomes.best_f1()
    assert f1 is not None
    assert f1.threshold == 60
    cheap = outcomes.best_gain(Decimal(1000), Decimal(10))
    assert cheap is not None
    # A call in vain is cheap, so the one who was won at 30 is worth the three above him.
    assert cheap.threshold == 30
    assert cheap.gain(Decimal(1000), Decimal(10)) == 3970
    dear = outcomes.best_gain(Decimal(10), Decimal(1000))
    assert dear is not None
    assert dear.threshold == 80


def test_where_nobody_succeeded_no_threshold_is_the_best() -> None:
    lost = Outcomes([(10, False), (20, False)])
    assert lost.best_f1() is None
    assert lost.best_gain(Decimal(1000), Decimal(1)) is None
    assert Outcomes([]).best_f1() is None


def test_few_outcomes_are_called_few() -> None:
    assert Outcomes([(1, True)] * (FEW - 1)).are_few
    assert not Outcomes([(1, True)] * FEW).are_few


@given(known, st.integers(-250, 250), st.integers(0, 100))
def test_a_higher_threshold_never_finds_more(
    outcomes: list[tuple[int, bool]], low: int, more: int
) -> None:
    table = Outcomes(outcomes)
    lower, higher = table.at(low), table.at(low + more)
    assert higher.above <= lower.above
    assert (higher.recall.share or 0) <= (lower.recall.share or 0)


@given(known, st.integers(-250, 250))
def test_the_measures_agree_with_counting(outcomes: list[tuple[int, bool]], threshold: int) -> None:
    found = Outcomes(outcomes).at(threshold)
    assert found.above == sum(total >= threshold for total, _won in outcomes)
    assert found.won_above == sum(won for total, won in outcomes if total >= threshold)
    assert found.below.of + found.above == found.known == len(outcomes)
    assert found.below.count + found.won_above == found.won
    for share in (found.precision, found.recall, found.below):
        low, high = share.interval()
        assert 0 <= low <= high <= 1
        if share.share is not None:
            assert low <= share.share <= high


@given(known)
def test_no_other_threshold_is_better_than_the_best(outcomes: list[tuple[int, bool]]) -> None:
    table = Outcomes(outcomes)
    best = table.best_f1()
    rivals = [table.at(threshold).f1 for threshold in range(-201, 202)]
    assert max(rivals) == (best.f1 if best else 0)


@given(st.integers(1, 500), st.integers(1, 300))
def test_wilson_is_the_same_from_both_sides(of: int, won: int) -> None:
    count = min(of, won)
    low, high = Proportion(count, of).interval()
    other_low, other_high = Proportion(of - count, of).interval()
    assert low == pytest.approx(1 - other_high)
    assert high == pytest.approx(1 - other_low)


@given(st.lists(st.integers(), unique=True, max_size=100), st.integers(2, 30))
def test_candidates_are_few_and_hold_both_ends(totals: list[int], most: int) -> None:
    rising = sorted(totals)
    found = candidates(rising, most)
    assert len(found) <= most
    assert set(found) <= set(rising)
    assert found[:1] == rising[:1]
    assert found[-1:] == rising[-1:]

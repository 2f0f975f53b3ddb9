"""How well totals rank outcomes, as SciPy has it; parts that leave nobody out."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scoring.reports.statistics.ranking import gains, parts, ranking, variance

pytestmark = pytest.mark.once

cases = st.lists(st.tuples(st.integers(-5, 20), st.booleans()), min_size=1, max_size=80)


@given(cases)
def test_a_ranking_is_the_statistic_of_mann_and_whitney(drawn: list[tuple[int, bool]]) -> None:
    won = [total for total, succeeded in drawn if succeeded]
    lost = [total for total, succeeded in drawn if not succeeded]
    found = ranking(drawn)
    if not won or not lost:
        assert found is None
        return
    assert found is not None
    expected = stats.mannwhitneyu(won, lost).statistic / (len(won) * len(lost))
    assert found.value == pytest.approx(expected)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_the_interval_is_that_of_hanley_and_mcneil() -> None:
    """1982, their example: an area of 0.893 from 51 and 58 cases has a standard error of 0.032."""
    assert math.sqrt(variance(0.893, 51, 58)) == pytest.approx(0.032, abs=0.001)


@given(cases, st.integers(1, 12))
def test_parts_share_out_everybody_in_order_and_never_part_equals(
    drawn: list[tuple[int, bool]], number: int
) -> None:
    found = parts(drawn, number)
    assert sum(part.found.of for part in found) == len(drawn)
    assert sum(part.found.count for part in found) == sum(won for _total, won in drawn)
    assert len(found) <= number
    for higher, lower in zip(found, found[1:], strict=False):
        assert higher.first > lower.last
    for part in found:
        inside = [won for total, won in drawn if part.first <= total <= part.last]
        assert (part.found.of, part.found.count) == (len(inside), sum(inside))


@given(cases, st.integers(1, 12))
def test_gains_end_with_everybody_and_every_success(
    drawn: list[tuple[int, bool]], number: int
) -> None:
    points = gains(parts(drawn, number))
    assert points[0] == (0, 0)
    assert points[-1][0] == pytest.approx(1)
    assert points[-1][1] == pytest.approx(1 if any(won for _total, won in drawn) else 0)
    assert points == sorted(points)


def test_different_totals_make_parts_of_one_size() -> None:
    found = parts([(total, total % 2 == 0) for total in range(100)], 10)
    assert [(part.first, part.last, part.found.of) for part in found][:2] == [
        (90, 99, 10),
        (80, 89, 10),
    ]
    assert len(found) == 10

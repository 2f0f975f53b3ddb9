"""The parts into which the totals of all contacts are cut to compare two days."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.reports.spread import binned, edges_of

pytestmark = pytest.mark.once

CASES = [
    ({}, []),
    ({7: 5}, []),
    (dict.fromkeys(range(10), 1), [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    # Half of all have no points: the other half are cut into parts as large as all others.
    ({0: 50} | dict.fromkeys(range(1, 51), 1), [1, 11, 21, 31, 41]),
]


@pytest.mark.parametrize(("totals", "edges"), CASES)
def test_the_edges_cut_into_parts_of_about_equal_size(
    totals: dict[int, int], edges: list[int]
) -> None:
    assert edges_of(Counter(totals), 10) == edges


@given(st.dictionaries(st.integers(-50, 50), st.integers(1, 40)), st.integers(2, 10))
def test_no_two_parts_beside_one_another_hold_less_than_one_should(
    totals: dict[int, int], number: int
) -> None:
    counts = binned(Counter(totals), edges_of(Counter(totals), number))
    everybody = sum(counts)
    assert len(counts) <= number
    assert all((a + b) * number > everybody for a, b in zip(counts[:-1], counts[1:], strict=True))

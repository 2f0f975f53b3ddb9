"""Totals and rises, asked of any threshold: against counting one by one."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.agreement.workshop.distribution import rises_along
from scoring.agreement.workshop.figures import Figures, Scale, histogram, rises_of, steps

pytestmark = pytest.mark.once

moves = st.lists(st.tuples(st.none() | st.integers(-50, 50), st.integers(-50, 50)), max_size=40)
totals = st.dictionaries(st.integers(-500, 500), st.integers(1, 9), max_size=30)


def figures(
    counts: dict[int, int], rises: list[tuple[int | None, int]], of: int | None = None
) -> Figures:
    seen = sum(counts.values())
    edges, always = rises_of(Counter(rises))
    return Figures(
        tuple(sorted(counts.items())), seen, of or seen, edges, always, seen,
        weeks=4, stored=True, history=True,
    )  # fmt: skip


@given(moves, st.integers(-60, 60))
def test_rises_through_a_threshold_are_those_from_below_it(
    path: list[tuple[int | None, int]], threshold: int
) -> None:
    found = figures({0: 1}, path)
    rising = sum(
        after >= threshold and (before is None or before < threshold) for before, after in path
    )
    assert found.per_week(threshold) == rising / 4


@given(totals, moves)
def test_the_line_says_the_same_as_the_figures(
    counts: dict[int, int], path: list[tuple[int | None, int]]
) -> None:
    found = figures(counts, path)
    for place, above, week in steps(found, Scale.of(counts)):
        assert above == found.above(place)
        assert week == pytest.approx(found.per_week(place), abs=0.01)


@given(totals)
def test_a_higher_line_has_fewer_above_it_and_the_last_nobody(counts: dict[int, int]) -> None:
    found = [above for _place, above, _week in steps(figures(counts, []), Scale.of(counts))]
    assert found == sorted(found, reverse=True)
    assert found[-1] == 0
    assert found[0] == sum(counts.values())


@given(totals)
def test_every_contact_is_in_one_bar(counts: dict[int, int]) -> None:
    scale = Scale.of(counts)
    bars = histogram(figures(counts, []), scale)
    assert sum(bar.count for bar in bars) == sum(counts.values())
    assert all(bar.x >= 0 and bar.x + bar.width <= 100.1 for bar in bars)
    assert max((bar.height for bar in bars), default=100) == 100


@given(st.lists(st.integers(-(10**15), 10**15), max_size=20))
def test_the_line_has_few_places_however_far_the_totals(found: list[int]) -> None:
    scale = Scale.of(found)
    assert 2 <= len(scale.places) <= 402
    assert all(scale.low <= total < scale.high for total in found)
    assert all(0 <= scale.at(total) <= 100 for total in found)


def test_a_sample_is_scaled_to_all() -> None:
    found = figures({10: 3, 20: 1}, [(0, 10)], of=400)
    assert (found.above(10), found.above(11), found.is_estimate) == (400, 100, True)
    assert found.per_week(5) == 25


def test_figures_come_back_from_plain_data() -> None:
    found = figures({1: 2}, [(None, 3), (0, 2)])
    assert Figures.of_data(found.data()) == found


def test_along_a_path_only_what_goes_up_is_a_rise() -> None:
    assert list(rises_along([None, 3, 3, 1, None, 2, 5])) == [(None, 3), (None, 2), (2, 5)]

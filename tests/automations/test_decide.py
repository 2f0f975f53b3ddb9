"""When a trigger goes off, told by nothing but totals and instants."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.automations.decide import State, decide
from scoring.automations.triggers.base import Direction, Level, Rearm, RearmMode, level
from scoring.criteria.durations import Duration, Unit

pytestmark = pytest.mark.once

BEGIN = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOT = level(Direction.UP, 50, None)
COLD = level(Direction.DOWN, 30, None)
NEAR = level(Direction.UP, 40, None, until=50)
DAILY = Rearm()
ALWAYS = Rearm(cool_down_hours=0)


def crossings(
    looked_at: Level,
    rearm: Rearm,
    *totals: int | None,
    every: timedelta = timedelta(days=2),
    stored: State | None = None,
) -> list[int]:
    """The places of the changes, counted from 1, at which it goes off; None has no score."""
    found = []
    state = stored
    for place, (before, after) in enumerate(zip(totals, totals[1:], strict=False), 1):
        decision = decide(looked_at, rearm, state, before, after, BEGIN + every * place)
        state = decision.state
        if decision.fires:
            found.append(place)
    return found


@pytest.mark.parametrize(
    ("totals", "places"),
    [
        ((0, 49, 50), [2]),
        ((None, 80), [1]),
        ((49, 50, 49, 50), [1]),
        ((49, 50, 45, 50), [1]),
        ((49, 50, 44, 50), [1, 3]),
        ((60, 70, 50), []),
        ((60, 44, 60), [2]),
        ((0, 80, 0, 80, 0, 80), [1, 3, 5]),
        ((0, None, 80), [2]),
        ((0, 80, None, 80), [1]),
        ((80, None, 80), [2]),
        ((50, 50), []),
    ],
)
def test_it_crosses_upwards(totals: tuple[int | None, ...], places: list[int]) -> None:
    assert crossings(HOT, DAILY, *totals) == places


@pytest.mark.parametrize(
    ("totals", "places"),
    [
        ((40, 29), [1]),
        ((40, 30), []),
        ((None, 0), []),
        ((40, 29, 34, 29), [1]),
        ((40, 29, 35, 29), [1, 3]),
        ((40, None, 0), []),
    ],
)
def test_it_crosses_downwards(totals: tuple[int | None, ...], places: list[int]) -> None:
    assert crossings(COLD, DAILY, *totals) == places


@pytest.mark.parametrize(
    ("totals", "places"),
    [
        ((0, 40), [1]),
        ((0, 49, 55, 45), [1]),
        ((0, 55, 45), []),
        ((0, 55, 45, 0, 45), [4]),
        ((0, 40, 55, 0, 41), [1, 4]),
    ],
)
def test_near_is_from_below_only(totals: tuple[int, ...], places: list[int]) -> None:
    assert crossings(NEAR, DAILY, *totals) == places


def test_it_cools_down_before_it_goes_off_again() -> None:
    hourly = timedelta(hours=1)
    assert crossings(HOT, DAILY, 0, 50, 0, 50, 0, 50, every=hourly) == [1]
    assert crossings(HOT, ALWAYS, 0, 50, 0, 50, 0, 50, every=hourly) == [1, 3, 5]


def test_the_cool_down_ends_to_the_microsecond() -> None:
    fired = State(armed=False, episode=1, fired_at=BEGIN)
    end = BEGIN + timedelta(hours=24)
    early = decide(HOT, DAILY, fired, 0, 50, end - timedelta(microseconds=1))
    assert (early.fires, decide(HOT, DAILY, fired, 0, 50, end).fires) == (False, True)


def test_it_must_have_stayed_past_the_exit_without_a_break() -> None:
    week = Rearm(RearmMode.BELOW_EXIT_FOR, stay=Duration(7, Unit.DAYS), cool_down_hours=0)
    assert crossings(HOT, week, 0, 50, 10, 20, 50, every=timedelta(days=3)) == [1]
    assert crossings(HOT, week, 0, 50, 10, 20, 50, every=timedelta(days=4)) == [1, 4]
    broken = crossings(HOT, week, 0, 50, 10, 46, 10, 20, 50, every=timedelta(days=3))
    assert broken == [1]


@pytest.mark.parametrize("mode", [RearmMode.NEVER, RearmMode.MANUAL])
def test_it_does_not_go_off_again_by_itself(mode: RearmMode) -> None:
    assert crossings(HOT, Rearm(mode), 0, 50, 0, 50) == [1]


def test_whoever_is_armed_by_hand_crosses_again() -> None:
    armed = State(armed=True, episode=3, fired_at=BEGIN)
    assert crossings(HOT, Rearm(RearmMode.MANUAL), 0, 50, stored=armed) == [1]


def test_an_episode_counts_the_crossings() -> None:
    decision = decide(HOT, ALWAYS, State(True, 4), 0, 60, BEGIN)
    assert decision.state == State(False, 5, BEGIN)


def test_nothing_is_stored_for_whom_nothing_happened() -> None:
    assert decide(HOT, DAILY, None, 10, 20, BEGIN).state is None
    assert decide(HOT, DAILY, None, 70, 80, BEGIN).state is None


@pytest.mark.parametrize(
    ("direction", "at", "exit"),
    [
        (Direction.UP, 50, 45),
        (Direction.UP, 100, 90),
        (Direction.UP, 101, 90),
        (Direction.UP, 0, -5),
        (Direction.DOWN, 30, 35),
        (Direction.DOWN, 200, 220),
        (Direction.UP, -100, -110),
    ],
)
def test_the_margin_is_five_points_or_ten_per_cent(
    direction: Direction, at: int, exit: int
) -> None:
    assert level(direction, at, None).exit == exit


totals = st.lists(st.one_of(st.none(), st.integers(-20, 120)), min_size=2, max_size=30)


@given(totals)
def test_it_never_goes_off_twice_without_having_been_past_the_exit(
    history: list[int | None],
) -> None:
    places = crossings(HOT, ALWAYS, *history)
    for one, next_one in zip(places, places[1:], strict=False):
        between = [total for total in history[one:next_one] if total is not None]
        assert min(between) < HOT.exit


@given(totals)
def test_without_a_margin_every_rise_past_the_level_counts(history: list[int | None]) -> None:
    bare = Level(Direction.UP, 50, 50)
    rises: list[int] = []
    been_below = True
    for place, (before, after) in enumerate(zip(history, history[1:], strict=False), 1):
        been_below = been_below or (before is not None and before < 50)
        if after is not None and after >= 50 and (before is None or before < 50) and been_below:
            rises.append(place)
            been_below = False
    assert crossings(bare, ALWAYS, *history) == rises

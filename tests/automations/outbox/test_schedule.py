"""When a message is tried again, for every attempt, chance and wish of a receiver."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.automations.outbox.schedule import DELAYS, JITTER, MOST_ATTEMPTS, delay_after

pytestmark = pytest.mark.once

attempts = st.integers(1, MOST_ATTEMPTS - 1)
chances = st.floats(0, 1)


def test_the_schedule_takes_three_days_and_ends() -> None:
    assert sum(DELAYS, timedelta(0)) == timedelta(hours=75, minutes=35, seconds=5)
    assert len(DELAYS) == MOST_ATTEMPTS == 10


@given(attempts, chances)
def test_a_delay_is_within_a_fifth_of_the_schedule(n: int, chance: float) -> None:
    delay = delay_after(n, chance)
    assert delay is not None
    assert abs(delay - DELAYS[n]) <= DELAYS[n] * JITTER + timedelta(microseconds=1)


@given(st.lists(chances, min_size=MOST_ATTEMPTS, max_size=MOST_ATTEMPTS))
def test_all_delays_together_are_60_to_91_hours(drawn: list[float]) -> None:
    delays = [delay_after(n, drawn[n]) for n in range(1, MOST_ATTEMPTS)]
    total = sum((delay for delay in delays if delay is not None), timedelta(0))
    assert timedelta(hours=60) <= total <= timedelta(hours=91)


@given(chances)
def test_delays_rise(chance: float) -> None:
    delays = [delay_after(n, chance) for n in range(1, MOST_ATTEMPTS)]
    assert delays == sorted(delays, key=lambda delay: delay or timedelta.max)


@given(attempts, chances, st.floats(-1e12, 1e12))
def test_a_receivers_wish_lengthens_up_to_a_day_and_never_shortens(
    n: int, chance: float, wish: float
) -> None:
    without, with_wish = delay_after(n, chance), delay_after(n, chance, wish)
    assert without is not None
    assert with_wish is not None
    assert with_wish >= without
    assert with_wish <= max(without, timedelta(hours=24))
    if 0 <= wish <= 24 * 3600:
        assert with_wish >= timedelta(seconds=wish)


@pytest.mark.parametrize("n", [MOST_ATTEMPTS, MOST_ATTEMPTS + 1, 1000])
@given(chance=chances, wish=st.floats(0, 1e12))
def test_after_the_last_attempt_there_is_none(n: int, chance: float, wish: float) -> None:
    assert delay_after(n, chance, wish) is None

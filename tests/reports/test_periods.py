"""Whole days of a time zone, cut into pieces."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from scoring.reports.periods import Grain, Period, first_of, last_of

pytestmark = pytest.mark.once

MADRID = ZoneInfo("Europe/Madrid")
days = st.dates(date(1995, 1, 1), date(2060, 12, 31))


def test_a_day_on_which_the_clock_is_put_back_has_25_hours() -> None:
    period = Period(date(2026, 10, 25), date(2026, 10, 25), MADRID)
    assert period.end - period.start == timedelta(hours=24)  # by the wall clock
    assert period.end.astimezone(UTC) - period.start.astimezone(UTC) == timedelta(hours=25)


def test_an_instant_around_midnight_belongs_to_the_day_of_the_zone() -> None:
    period = Period(date(2026, 3, 1), date(2026, 3, 31), MADRID)
    assert period.day_of(datetime(2026, 3, 9, 23, 30, tzinfo=UTC)) == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("grain", "first", "last"),
    [
        (Grain.DAY, date(2026, 11, 18), date(2026, 11, 18)),
        (Grain.WEEK, date(2026, 11, 16), date(2026, 11, 22)),
        (Grain.MONTH, date(2026, 11, 1), date(2026, 11, 30)),
        (Grain.QUARTER, date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_piece_begins_and_ends(grain: Grain, first: date, last: date) -> None:
    assert first_of(date(2026, 11, 18), grain) == first
    assert last_of(date(2026, 11, 18), grain) == last


@given(days, st.integers(0, 900), st.sampled_from(Grain))
def test_pieces_follow_one_another_and_make_up_the_whole(
    first: date, length: int, grain: Grain
) -> None:
    period = Period(first, first + timedelta(days=length), MADRID)
    pieces = period.pieces(grain)
    assert pieces[0].first == period.first
    assert pieces[-1].last == period.last
    assert sum(piece.days for piece in pieces) == period.days
    for one, other in zip(pieces, pieces[1:], strict=False):
        assert one.end == other.start
        assert first_of(other.first, grain) == other.first


@given(days, st.integers(0, 400), st.integers(0, 400), st.sampled_from(Grain))
def test_a_day_belongs_to_the_piece_that_holds_it(
    first: date, length: int, place: int, grain: Grain
) -> None:
    period = Period(first, first + timedelta(days=length), MADRID)
    noon = period.start + timedelta(days=min(place, length), hours=12)
    found = period.piece_of(noon, grain)
    [piece] = [piece for piece in period.pieces(grain) if piece.start <= noon < piece.end]
    assert found == piece.first


def test_the_period_before_has_as_many_days_and_ends_where_it_begins() -> None:
    period = Period(date(2026, 3, 1), date(2026, 3, 31), MADRID)
    assert period.before() == Period(date(2026, 1, 29), date(2026, 2, 28), MADRID)


def test_labels_are_written_as_the_language_writes_months() -> None:
    month = Period(date(2026, 10, 12), date(2026, 10, 12), ZoneInfo("UTC"))
    said = {}
    for language in ("en", "es"):
        with override(language):
            said[language] = [month.label(Grain.WEEK), month.label(Grain.MONTH)]
    assert said == {"en": ["12 Oct", "Oct 2026"], "es": ["12 oct", "oct 2026"]}

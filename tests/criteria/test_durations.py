"""Durations on the calendar: month ends, leap days, and the way back from a cut-off."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.criteria.durations import Duration, DurationFault, Unit
from tests.profiles import examples

pytestmark = pytest.mark.once

MICROSECOND = timedelta(microseconds=1)
INSTANTS = st.datetimes(timezones=st.just(UTC))
DURATIONS = st.builds(Duration, st.integers(1, 999_999), st.sampled_from(Unit))
SHORT = st.builds(Duration, st.integers(1, 40), st.sampled_from(Unit))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "as_of", "cut_off"),
    [
        ("1 day", "2026-03-01T10:00", "2026-02-28T10:00"),
        ("2 weeks", "2026-03-01T10:00", "2026-02-15T10:00"),
        ("1 month", "2026-03-28T10:00", "2026-02-28T10:00"),
        ("6 months", "2026-08-31T10:00", "2026-02-28T23:59:59.999999"),
        ("6 months", "2024-08-31T10:00", "2024-02-29T23:59:59.999999"),
        ("6 months", "2024-08-29T10:00", "2024-02-29T10:00"),
        ("1 month", "2026-07-31T00:00", "2026-06-30T23:59:59.999999"),
        ("1 month", "2026-08-31T00:00", "2026-07-31T00:00"),
        ("1 year", "2024-02-29T23:59:59", "2023-02-28T23:59:59.999999"),
        ("4 years", "2024-02-29T12:00", "2020-02-29T12:00"),
        ("1 month", "2026-01-31T10:00", "2025-12-31T10:00"),
        ("13 months", "2026-01-15T10:00", "2024-12-15T10:00"),
    ],
)
def test_a_cut_off_keeps_to_the_calendar(text: str, as_of: str, cut_off: str) -> None:
    assert Duration.parse(text).before(at(as_of)) == at(cut_off)


@pytest.mark.parametrize(
    "text", ["999999 years", "36500 days", "9999 years", "1 year", "1 month", "1 week", "1 day"]
)
def test_a_cut_off_before_the_year_1_is_none(text: str) -> None:
    assert Duration.parse(text).before(at("0001-01-01T00:00")) is None


def test_a_multiple_counts_its_months_from_as_of() -> None:
    month = Duration.parse("1 month")
    assert month.before(at("2026-03-31T10:00")) == at("2026-02-28T23:59:59.999999")
    assert month.before(at("2026-03-31T10:00"), 2) == at("2026-01-31T10:00")


@pytest.mark.parametrize(
    ("text", "moment", "first"),
    [
        ("6 months", "2026-02-28T10:00", "2026-08-28T10:00"),
        ("6 months", "2026-02-28T23:59:59.999999", "2026-08-28T23:59:59.999999"),
        ("6 months", "2026-08-31T10:00", "2027-03-01T00:00"),
        ("1 month", "2026-12-31T10:00", "2027-01-31T10:00"),
        ("2 months", "2026-12-31T10:00", "2027-03-01T00:00"),
        ("1 year", "2024-02-29T12:00", "2025-03-01T00:00"),
        ("1 month", "2026-10-31T00:00", "2026-12-01T00:00"),
        ("1 day", "2026-10-31T00:00", "2026-11-01T00:00"),
    ],
)
def test_the_first_instant_after_a_window_is_known(text: str, moment: str, first: str) -> None:
    assert Duration.parse(text).first_after(at(moment)) == at(first)


@pytest.mark.parametrize(
    "text", ["1 day", "1 month", "10 years", "9999 years", "999999 weeks", "999999 years"]
)
def test_what_leaves_a_window_beyond_the_year_9999_never_does(text: str) -> None:
    assert Duration.parse(text).first_after(at("9999-12-31T23:59")) is None


def test_december_of_the_year_9999_has_no_month_after_it() -> None:
    assert Duration.parse("1 month").first_after(at("9999-10-31T00:00")) == at("9999-12-01T00:00")
    assert Duration.parse("2 years").first_after(at("9998-02-28T00:00")) is None


@examples(100)
@given(DURATIONS, INSTANTS, INSTANTS, st.integers(1, 5))
def test_a_cut_off_never_moves_backwards(
    duration: Duration, one: datetime, other: datetime, times: int
) -> None:
    earlier, later = sorted([one, other])
    first, second = duration.before(earlier, times), duration.before(later, times)
    assert first is None or (second is not None and first <= second)


@examples(100)
@given(SHORT, INSTANTS, st.integers(1, 5))
def test_first_after_is_the_very_first_instant(
    duration: Duration, moment: datetime, times: int
) -> None:
    first = duration.first_after(moment, times)
    if first is None:
        last = duration.before(datetime.max.replace(tzinfo=UTC), times)
        assert last is None or last < moment
        return
    reached = duration.before(first, times)
    assert reached is not None
    assert reached >= moment
    before = duration.before(first - MICROSECOND, times)
    assert before is None or before < moment


@examples(100)
@given(SHORT, st.datetimes(datetime(2020, 1, 28), datetime(2028, 3, 2), timezones=st.just(UTC)))
def test_first_after_is_the_way_back_at_month_ends(duration: Duration, as_of: datetime) -> None:
    cut_off = duration.before(as_of)
    assert cut_off is not None
    back = duration.first_after(cut_off)
    assert back is not None
    assert back <= as_of
    assert duration.before(back) == cut_off


@examples(100)
@given(DURATIONS)
def test_a_duration_is_read_as_it_is_written(duration: Duration) -> None:
    assert Duration.parse(str(duration)) == duration


@pytest.mark.parametrize(
    ("text", "written"), [("1 months", "1 month"), ("6 month", "6 months"), ("2 week", "2 weeks")]
)
def test_singular_and_plural_are_read_alike(text: str, written: str) -> None:
    assert str(Duration.parse(text)) == written


@pytest.mark.parametrize(
    "text",
    ["", "6", "months", "six months", "6months", "06 months", "6  months", "-1 days", "1.5 years"]
    + ["6 Months", "6 hours", " 6 days", "6 days ", "٦ days", "1000000 days", "9" * 5000 + " days"]
    + ["0 days", "0 months"],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(DurationFault):
        Duration.parse(text)


def test_no_time_at_all_is_an_age_only() -> None:
    assert str(Duration.parse("0 days", zero=True)) == "0 days"
    with pytest.raises(DurationFault, match="at least 1"):
        Duration.parse("0 months", zero=True)


def test_a_duration_is_said_in_words() -> None:
    assert Duration.parse("1 month").in_words() == "1 month"
    assert Duration.parse("6 months").in_words() == "6 months"
    assert Duration.parse("1 week").every_in_words() == "every week"
    assert Duration.parse("2 years").every_in_words() == "every 2 years"

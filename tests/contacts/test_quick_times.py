"""Times at one click: by the hours of a calendar, over nights, holidays and clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.quick_times import quick_time, quick_times
from contacts.weekly_hours import USUAL_WEEK, read_week
from contacts.working_time import WorkingTime

pytestmark = pytest.mark.once

# Monday to Friday 09:00-14:00 and 15:00-18:00.
WEEK = read_week(USUAL_WEEK)
MADRID, LIMA = ZoneInfo("Europe/Madrid"), ZoneInfo("America/Lima")
HOLIDAYS = frozenset({date(2026, 3, 30), date(2026, 12, 8)})


def at(zone: ZoneInfo, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


CASES = [
    # Where, now on the wall there, and what each choice is on that wall.
    (MADRID, "2026-12-02T10:00", "2026-12-02T12:00", "2026-12-03T09:00", "2026-12-07T09:00"),
    (MADRID, "2026-12-02T13:30", "2026-12-02T16:30", "2026-12-03T09:00", "2026-12-07T09:00"),
    (MADRID, "2026-12-02T17:30", "2026-12-03T10:30", "2026-12-03T09:00", "2026-12-07T09:00"),
    (MADRID, "2026-12-02T23:00", "2026-12-03T11:00", "2026-12-03T09:00", "2026-12-07T09:00"),
    # A Friday: tomorrow nobody works, so it is Monday, which then is no other choice.
    (MADRID, "2026-12-04T16:30", "2026-12-07T09:30", "2026-12-07T09:00", None),
    # A Monday before a holiday: "tomorrow" is the day after it.
    (MADRID, "2026-12-07T17:00", "2026-12-09T10:00", "2026-12-09T09:00", "2026-12-14T09:00"),
    # The Friday before the clock is put forward, and a Monday that is a holiday.
    (MADRID, "2026-03-27T17:30", "2026-03-31T10:30", "2026-03-31T09:00", None),
    (MADRID, "2026-03-26T17:30", "2026-03-27T10:30", "2026-03-27T09:00", "2026-03-31T09:00"),
    # The Friday before it is put back.
    (MADRID, "2026-10-23T17:30", "2026-10-26T10:30", "2026-10-26T09:00", None),
    (LIMA, "2026-12-02T10:00", "2026-12-02T12:00", "2026-12-03T09:00", "2026-12-07T09:00"),
]


@pytest.mark.parametrize(("zone", "now", "soon", "tomorrow", "monday"), CASES)
def test_a_choice_falls_into_the_hours_of_the_calendar(
    zone: ZoneInfo, now: str, soon: str, tomorrow: str, monday: str | None
) -> None:
    working = WorkingTime(zone, WEEK, HOLIDAYS)
    for name, expected in (("soon", soon), ("tomorrow", tomorrow), ("monday", monday)):
        found = quick_time(name, working, at(zone, now))
        assert found == (at(zone, expected) if expected else None), name


def test_the_two_clocks_of_a_year_give_the_same_hour_on_the_wall_at_different_instants() -> None:
    working = WorkingTime(MADRID, WEEK)
    before = quick_time("tomorrow", working, datetime(2026, 3, 26, 12, tzinfo=UTC))
    after = quick_time("tomorrow", working, datetime(2026, 3, 30, 12, tzinfo=UTC))
    assert (before, after) == (
        datetime(2026, 3, 27, 8, tzinfo=UTC),
        datetime(2026, 3, 31, 7, tzinfo=UTC),
    )


TITLES = [
    ("2026-12-02T10:00", ["In 2 working hours", "Tomorrow morning", "Next Monday"]),
    ("2026-12-04T10:00", ["In 2 working hours", "Next working day"]),
    ("2026-03-26T10:00", ["In 2 working hours", "Tomorrow morning", "Next week"]),
]


@pytest.mark.parametrize(("now", "titles"), TITLES)
def test_a_choice_is_called_what_it_is_on_this_day(now: str, titles: list[str]) -> None:
    found = quick_times(WorkingTime(MADRID, WEEK, HOLIDAYS), at(MADRID, now))
    assert [each.title for each in found] == titles


def test_an_unknown_choice_is_none() -> None:
    assert (
        quick_time("someday", WorkingTime(UTC_ZONE, WEEK), datetime(2026, 1, 1, tzinfo=UTC)) is None
    )


UTC_ZONE = ZoneInfo("UTC")


def test_where_nobody_works_for_years_there_is_nothing_to_choose() -> None:
    days = frozenset(date(2026, 1, 1) + timedelta(days=each) for each in range(3700))
    assert quick_times(WorkingTime(UTC_ZONE, WEEK, days), datetime(2026, 1, 5, tzinfo=UTC)) == []


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.sampled_from([MADRID, LIMA]))
def test_every_choice_is_to_come_and_none_begins_outside_the_hours(
    wall: datetime, zone: ZoneInfo
) -> None:
    now = wall.replace(tzinfo=UTC)
    working = WorkingTime(zone, WEEK, HOLIDAYS)
    found = quick_times(working, now)
    assert len({each.at for each in found}) == len(found)
    for each in found:
        assert each.at > now
        # The end of a day belongs to that day.
        assert working.is_working(each.at - timedelta(minutes=1)) or working.is_working(each.at)

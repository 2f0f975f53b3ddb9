"""Working time against a slow calendar that looks at every single minute."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.weekly_hours import USUAL_WEEK, Hours, HoursInvalid, Week, read_week
from contacts.working_time import NoWorkingTime, WorkingTime

pytestmark = pytest.mark.once

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MADRID = ZoneInfo("Europe/Madrid")
OFFICE = WorkingTime(MADRID, read_week(USUAL_WEEK), frozenset({date(2026, 10, 12)}))
# Whole days, half an hour more, put back over midnight, half an hour of summer, a day left out.
ZONES = {
    "Europe/Madrid": 2026,
    "Asia/Kathmandu": 2026,
    "America/St_Johns": 2008,
    "America/Sao_Paulo": 2018,
    "Australia/Lord_Howe": 2026,
    "Pacific/Apia": 2011,
    "Africa/Casablanca": 2026,
}


def madrid(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MADRID)


ADDED = [
    # Monday 5 October 2026; the Monday after is a holiday.
    ("2026-10-05T09:00", "1", "2026-10-05T10:00"),
    ("2026-10-05T13:30", "1", "2026-10-05T15:30"),
    ("2026-10-05T09:00", "5", "2026-10-05T14:00"),
    ("2026-10-05T14:20", "1", "2026-10-05T16:00"),
    ("2026-10-05T14:00", "1", "2026-10-05T16:00"),
    ("2026-10-05T07:00", "4", "2026-10-05T13:00"),
    ("2026-10-05T17:59:30", "1", "2026-10-06T09:59:30"),
    ("2026-10-09T17:00", "2", "2026-10-13T10:00"),
    ("2026-10-10T11:00", "8", "2026-10-13T18:00"),
    ("2026-10-10T11:00", "0", "2026-10-13T09:00"),
    ("2026-10-05T10:00", "0", "2026-10-05T10:00"),
    ("2026-10-05T09:00", "40", "2026-10-09T18:00"),
    # The clock is put back in the night to Sunday 25 October: no hour of work is lost.
    ("2026-10-23T17:00", "2", "2026-10-26T10:00"),
]


@pytest.mark.parametrize(("start", "hours", "end"), ADDED)
def test_hours_of_work_are_added(start: str, hours: str, end: str) -> None:
    assert OFFICE.add(madrid(start), int(hours) * HOUR) == madrid(end)


@pytest.mark.parametrize(("start", "hours", "end"), ADDED)
def test_what_lies_between_is_what_was_added(start: str, hours: str, end: str) -> None:
    assert OFFICE.between(madrid(start), madrid(end)) == int(hours) * HOUR
    assert OFFICE.between(madrid(end), madrid(start)) == 0 * HOUR


DAYS = [
    ("2026-10-05T10:30", 0, None, "2026-10-05T10:30"),
    ("2026-10-05T10:30", 1, None, "2026-10-06T10:30"),
    ("2026-10-09T10:30", 1, None, "2026-10-13T10:30"),
    ("2026-10-10T10:30", 0, None, "2026-10-13T10:30"),
    ("2026-10-10T10:30", 1, None, "2026-10-13T10:30"),
    ("2026-10-05T14:30", 1, None, "2026-10-06T15:00"),
    ("2026-10-05T22:00", 2, None, "2026-10-08T09:00"),
    ("2026-10-05T22:00", 2, time(8), "2026-10-07T08:00"),
    ("2026-10-05T10:30", 0, time(16), "2026-10-05T16:00"),
    ("2026-10-05T10:30", 0, time(8), "2026-10-06T08:00"),
    ("2026-10-23T10:30", 1, time(10), "2026-10-26T10:00"),
]


@pytest.mark.parametrize(("start", "days", "at", "end"), DAYS)
def test_working_days_are_added(start: str, days: int, at: time | None, end: str) -> None:
    assert OFFICE.add_days(madrid(start), days, at) == madrid(end)


def test_an_hour_left_out_is_not_worked_and_an_hour_repeated_is_worked_twice() -> None:
    night = WorkingTime(MADRID, tuple((Hours(60, 4 * 60),) for _day in range(7)))
    spring = madrid("2026-03-29T01:00")
    assert night.add(spring, 2 * HOUR) == madrid("2026-03-29T04:00")
    autumn = madrid("2026-10-25T01:00")
    assert night.add(autumn, 4 * HOUR) == madrid("2026-10-25T04:00")


def test_a_week_without_any_hour_is_refused() -> None:
    with pytest.raises(HoursInvalid, match="at least one day"):
        WorkingTime(MADRID, ((),) * 7)


def test_a_calendar_of_holidays_only_is_searched_for_ten_years_and_no_longer() -> None:
    first = date(2026, 1, 1)
    holidays = frozenset(first + timedelta(days=number) for number in range(12 * 366))
    closed = WorkingTime(MADRID, read_week(USUAL_WEEK), holidays)
    at = madrid("2026-06-01T10:00")
    with pytest.raises(NoWorkingTime, match="ten years"):
        closed.add(at, HOUR)
    with pytest.raises(NoWorkingTime, match="ten years"):
        closed.add_days(at, 1)
    with pytest.raises(NoWorkingTime, match="ten years"):
        closed.next_start(at)


def test_working_time_is_not_taken_away() -> None:
    with pytest.raises(ValueError, match="not taken away"):
        OFFICE.add(madrid("2026-10-05T10:00"), -HOUR)


class SlowCalendar:
    """The definition itself: an instant is worked or not by what the clock on the wall shows."""

    def __init__(self, work: WorkingTime) -> None:
        self.work = work

    def is_working(self, at: datetime) -> bool:
        local = at.astimezone(self.work.zone)
        if local.date() in self.work.holidays:
            return False
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.work.week[local.weekday()])

    def add(self, at: datetime, minutes: int) -> datetime | None:
        """None beyond three weeks, of which this calendar would never come to an end."""
        for _minute in range(21 * 24 * 60):
            if minutes == 0 and self.is_working(at - MINUTE):
                return at
            minutes -= self.is_working(at)
            at += MINUTE
        return None


def hours_of_a_day() -> st.SearchStrategy[tuple[Hours, ...]]:
    """None, one or two spans, to the minute."""
    ends = st.lists(st.integers(0, 24 * 60), min_size=0, max_size=4, unique=True)
    return ends.map(
        lambda found: tuple(
            Hours(*pair)
            for pair in zip(
                islice(sorted(found), 0, None, 2), islice(sorted(found), 1, None, 2), strict=False
            )
        )
    )


weeks: st.SearchStrategy[Week] = st.tuples(*[hours_of_a_day()] * 7).filter(any)
# By day of the year: the changes of the clock are tried as often as all other days together.
CHANGES = {
    "Europe/Madrid": [87, 297],
    "Asia/Kathmandu": [10],
    "America/St_Johns": [68, 306],
    "America/Sao_Paulo": [47, 307],
    "Australia/Lord_Howe": [94, 276],
    "Pacific/Apia": [363, 266],
    "Africa/Casablanca": [45, 80],
}


@st.composite
def instants(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    name = draw(st.sampled_from(sorted(ZONES)))
    near = st.sampled_from(CHANGES[name]).flatmap(lambda day: st.integers(day - 2, day + 1))
    day = draw(near | st.integers(0, 364))
    minute = draw(st.integers(0, 24 * 60 - 1))
    at = datetime(ZONES[name], 1, 1, tzinfo=UTC) + timedelta(days=day, minutes=minute)
    return ZoneInfo(name), at


@settings(max_examples=400)
@given(found=instants(), week=weeks, off=st.integers(0, 4), minutes=st.integers(1, 3000))
def test_it_adds_as_a_calendar_that_looks_at_every_minute(
    found: tuple[ZoneInfo, datetime], week: Week, off: int, minutes: int
) -> None:
    zone, at = found
    holiday = at.astimezone(zone).date() + timedelta(days=off)
    work = WorkingTime(zone, week, frozenset({holiday}))
    slow = SlowCalendar(work)
    expected = slow.add(at, minutes)
    if expected is None:
        assert work.add(at, timedelta(minutes=minutes)) > at + timedelta(days=20)
    else:
        assert work.add(at, timedelta(minutes=minutes)) == expected
    assert work.is_working(at) == slow.is_working(at)


@settings(max_examples=200)
@given(found=instants(), week=weeks)
def test_work_begins_at_the_first_minute_that_is_worked(
    found: tuple[ZoneInfo, datetime], week: Week
) -> None:
    zone, at = found
    work = WorkingTime(zone, week)
    start = work.next_start(at)
    assert work.is_working(start)
    between = int((start - at) / MINUTE)
    assert not any(work.is_working(at + number * MINUTE) for number in range(between))


@settings(max_examples=200)
@given(
    found=instants(),
    week=weeks,
    days=st.integers(0, 8),
    at=st.none() | st.times().map(lambda moment: moment.replace(second=0, microsecond=0)),
)
def test_so_many_days_of_work_lie_before_the_day_that_is_found(
    found: tuple[ZoneInfo, datetime], week: Week, days: int, at: time | None
) -> None:
    zone, start = found
    work = WorkingTime(zone, week)
    end = work.add_days(start, days, at)
    assert end >= start
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    passed = [first + timedelta(days=each) for each in range(1, (last - first).days + 1)]
    assert sum(bool(work.hours_on(day)) for day in passed) >= days

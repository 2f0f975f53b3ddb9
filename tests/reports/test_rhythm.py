"""When something comes round, by the clock on the wall, also where that is changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.weekly_hours import Hours
from contacts.working_time import WorkingTime
from scoring.reports.rhythm import Every, Rhythm

pytestmark = pytest.mark.once

EIGHT = time(8)
MADRID = WorkingTime(ZoneInfo("Europe/Madrid"), ((Hours(540, 1080),),) * 7)
CASES = [
    # The clocks go forward on 29 March 2026 at two, and back on 25 October at three.
    (Rhythm(Every.DAY, EIGHT), "2026-03-28T07:00", "2026-03-29T06:00"),
    (Rhythm(Every.DAY, EIGHT), "2026-10-24T06:00", "2026-10-25T07:00"),
    # An hour that is not there, and one that is there twice.
    (Rhythm(Every.DAY, time(2, 30)), "2026-03-28T01:30", "2026-03-29T01:30"),
    (Rhythm(Every.DAY, time(2, 30)), "2026-10-24T00:30", "2026-10-25T00:30"),
    (Rhythm(Every.WEEK, EIGHT, weekday=0), "2026-03-23T07:00", "2026-03-30T06:00"),
    (Rhythm(Every.MONTH, EIGHT, monthday=31), "2026-01-31T07:00", "2026-02-28T07:00"),
    (Rhythm(Every.MONTH, EIGHT, monthday=1), "2026-12-01T07:00", "2027-01-01T07:00"),
]


@pytest.mark.parametrize(("rhythm", "at", "after"), CASES, ids=str)
def test_it_comes_round_at_the_hour_of_the_wall(rhythm: Rhythm, at: str, after: str) -> None:
    this, following = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (at, after))
    assert rhythm.instant(rhythm.last_day(this, MADRID), MADRID) == this
    assert rhythm.instant(rhythm.next_day(this, MADRID), MADRID) == following
    before = following - timedelta(seconds=1)
    assert rhythm.instant(rhythm.last_day(before, MADRID), MADRID) == this


@given(
    now=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    rhythm=st.builds(
        Rhythm,
        every=st.sampled_from(Every.values),
        at=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
        weekday=st.integers(0, 6),
        monthday=st.integers(1, 31),
    ),
)
@settings(max_examples=50)
def test_now_lies_between_the_last_and_the_next_occasion(now: datetime, rhythm: Rhythm) -> None:
    last, following = rhythm.last_day(now, MADRID), rhythm.next_day(now, MADRID)
    assert rhythm.instant(last, MADRID) <= now < rhythm.instant(following, MADRID)
    days = [last + timedelta(days=number) for number in range((following - last).days + 1)]
    assert [day for day in days if rhythm.is_on(day)] == sorted({last, following})


def test_it_is_said_in_words() -> None:
    assert str(Rhythm(Every.WEEK, EIGHT, weekday=4)) == "Friday at 08:00"
    assert str(Rhythm(Every.DAY, EIGHT)) == "every day at 08:00"
    assert str(Rhythm(Every.MONTH, EIGHT, monthday=31)) == "on the last day of the month at 08:00"
    assert Rhythm(Every.MONTH, EIGHT, monthday=30).is_on(date(2026, 2, 28))

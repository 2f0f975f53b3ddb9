"""The hours of a week, typed and stored: what is understood, and what is said about the rest."""

import pytest

from contacts.weekly_hours import (
    DAYS,
    USUAL_WEEK,
    HoursInvalid,
    line_of,
    read_line,
    read_week,
    stored_week,
)

pytestmark = pytest.mark.once

TYPED = [
    ("09:00-14:00, 15:00-18:00", "09:00-14:00, 15:00-18:00"),
    ("9-14,15-18", "09:00-14:00, 15:00-18:00"),
    (" 9:30 \u2013 14.15 ; ", "09:30-14:15"),
    ("15:00-18:00, 09:00-14:00", "09:00-14:00, 15:00-18:00"),
    ("09:00-12:00, 12:00-13:00", "09:00-12:00, 12:00-13:00"),
    ("00:00-24:00", "00:00-24:00"),
    ("", ""),
]
WRONG = [
    ("always", "“always” are no hours; write them as in 09:00-14:00"),
    ("09:00", "“09:00” are no hours"),
    ("09:00-", "are no hours"),
    ("9:5-10", "are no hours"),
    ("09:00-14:00 15:00-18:00", "are no hours"),
    ("٠٩:٠٠-١٤:٠٠", "are no hours"),
    ("14:00-09:00", "14:00-09:00 ends before it begins; work past midnight"),
    ("09:00-09:00", "ends before it begins"),
    ("09:00-24:01", "A day goes from 00:00 to 24:00"),
    ("25-26", "A day goes from 00:00 to 24:00"),
    ("09:60-11:00", "A day goes from 00:00 to 24:00"),
    ("09:00-14:00, 13:00-18:00", "09:00-14:00 and 13:00-18:00 overlap"),
    (", ".join(f"{hour}-{hour + 1}" for hour in range(13)), "at most 12 spans"),
]
NO_WEEKS: list[object] = [
    None,
    [],
    {"monday": []},
    {"mon": "09:00-14:00"},
    {"mon": [["09:00"]]},
    {"mon": [["9:00", "14:00"]]},
    {"mon": [[9, 14]]},
    {"mon": ["09:00", "14:00"]},
    {"mon": [["14:00", "09:00"]]},
    {"mon": [["09:00", "14:00"], ["13:00", "15:00"]]},
]


@pytest.mark.parametrize(("typed", "shown"), TYPED)
def test_hours_are_read_as_people_write_them(typed: str, shown: str) -> None:
    assert line_of(read_line(typed)) == shown


@pytest.mark.parametrize(("typed", "told"), WRONG)
def test_it_says_what_is_wrong_with_hours(typed: str, told: str) -> None:
    with pytest.raises(HoursInvalid, match=told):
        read_line(typed)


@pytest.mark.parametrize("data", NO_WEEKS, ids=str)
def test_a_stored_week_is_checked(data: object) -> None:
    with pytest.raises(HoursInvalid):
        read_week(data)


def test_a_week_is_stored_as_it_is_read() -> None:
    assert stored_week(read_week(USUAL_WEEK)) == USUAL_WEEK
    assert stored_week(read_week({})) == {day: [] for day in DAYS}

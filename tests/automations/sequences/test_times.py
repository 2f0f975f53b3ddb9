"""When a step is due: weekends, holidays, changes of the clock, time zones, hours."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from contacts.models import Contact
from contacts.weekly_hours import read_week
from contacts.working_time import NoWorkingTime, WorkingTime
from scoring.automations.sequences.models import SequenceStep
from scoring.automations.sequences.times import (
    clock_of,
    due_at,
    moment_after,
    zone_of,
    zones_by_country,
)

pytestmark = pytest.mark.once

MADRID = ZoneInfo("Europe/Madrid")
DAYS = ["mon", "tue", "wed", "thu", "fri"]
WEEK = read_week(dict.fromkeys(DAYS, [["09:00", "18:00"]]))
# 5 and 6 January: an evening off and Epiphany.
CLOCK = WorkingTime(MADRID, WEEK, frozenset([date(2027, 1, 6)]))
NINE = time(9)


def local(text: str, zone: ZoneInfo = MADRID) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


# From, days, working days, at; when it is due. All by the clock in Madrid; 2027-01-04 is a Monday.
DUE = [
    ("2027-01-04 10:15", 0, True, None, "2027-01-04 10:15"),
    ("2027-01-04 08:15", 0, True, None, "2027-01-04 09:00"),
    ("2027-01-04 08:15", 0, True, NINE, "2027-01-04 09:00"),
    ("2027-01-04 09:00", 0, True, NINE, "2027-01-04 09:00"),
    ("2027-01-04 09:01", 0, True, NINE, "2027-01-05 09:00"),
    ("2027-01-04 18:00", 0, True, None, "2027-01-05 09:00"),
    ("2027-01-04 10:00", 1, True, None, "2027-01-05 10:00"),
    ("2027-01-05 10:00", 1, True, NINE, "2027-01-07 09:00"),  # over a holiday
    ("2027-01-08 10:00", 1, True, NINE, "2027-01-11 09:00"),  # over a weekend
    ("2027-01-09 10:00", 1, True, NINE, "2027-01-11 09:00"),  # from a Saturday
    ("2027-01-09 10:00", 0, True, None, "2027-01-11 10:00"),
    ("2027-01-04 10:00", 3, True, NINE, "2027-01-08 09:00"),
    ("2027-01-04 10:00", 2, False, NINE, "2027-01-07 09:00"),  # lands on the holiday
    ("2027-01-04 10:00", 3, False, NINE, "2027-01-07 09:00"),
    ("2027-01-07 10:00", 2, False, None, "2027-01-11 09:00"),  # lands on a Saturday
    ("2027-01-04 10:00", 0, False, NINE, "2027-01-05 09:00"),
    ("2027-01-04 10:00", 1, False, time(20), "2027-01-07 09:00"),  # outside the hours
    ("2027-03-26 10:00", 1, True, NINE, "2027-03-29 09:00"),  # the clock goes forward
    ("2027-03-26 10:00", 3, False, None, "2027-03-29 10:00"),
    ("2027-10-29 10:00", 1, True, NINE, "2027-11-01 09:00"),  # and back
    ("2027-10-29 10:00", 3, False, None, "2027-11-01 10:00"),
]


@pytest.mark.parametrize(("start", "days", "working", "at", "due"), DUE)
def test_a_step_is_due(start: str, days: int, working: bool, at: time | None, due: str) -> None:
    found = moment_after(local(start), days, working, at, CLOCK)
    assert found.astimezone(MADRID) == local(due)
    assert CLOCK.is_working(found)


def test_a_calendar_of_holidays_only_is_said_to_be_one() -> None:
    never = WorkingTime(
        MADRID,
        read_week({"mon": [["09:00", "10:00"]]}),
        frozenset(date.fromordinal(day) for day in range(date(2027, 1, 1).toordinal(), 743_800)),
    )
    with pytest.raises(NoWorkingTime):
        moment_after(local("2027-01-04 10:00"), 1, True, NINE, never)


ZONES = [
    ({"time_zone": "Asia/Tokyo"}, "ES", "Asia/Tokyo"),
    ({"time_zone": "Mars/Olympus"}, "FR", "Europe/Paris"),
    ({"time_zone": 5}, "FR", "Europe/Paris"),
    ({}, "FR", "Europe/Paris"),
    ({}, "PE", "America/Lima"),
    ({}, "jp", "Asia/Tokyo"),
    ({}, "US", "Europe/Madrid"),  # many
    ({}, "ES", "Europe/Madrid"),  # the Canary Islands
    ({}, "", "Europe/Madrid"),
    ({}, "ZZ", "Europe/Madrid"),
]


@pytest.mark.parametrize(("attributes", "country", "zone"), ZONES)
def test_a_contact_lives_by_a_clock(attributes: dict[str, object], country: str, zone: str) -> None:
    contact = Contact(email="a@example.com", country=country, attributes=attributes)
    assert zone_of(contact, MADRID).key == zone


def test_a_country_with_several_clocks_has_none() -> None:
    assert {"US", "ES", "BR", "AU", "RU"}.isdisjoint(zones_by_country())
    assert len(zones_by_country()) > 150


def test_an_e_mail_goes_by_the_contacts_clock_and_a_task_by_the_calendars() -> None:
    contact = Contact(email="a@example.com", country="JP")
    start = datetime(2027, 1, 7, 8, tzinfo=UTC)
    email = SequenceStep(kind="email", wait_days=1, wait_working=True, at=NINE)
    task = SequenceStep(kind="task", wait_days=1, wait_working=True, at=NINE)
    tokyo = ZoneInfo("Asia/Tokyo")
    assert due_at(start, email, clock_of(email, contact, CLOCK)) == local("2027-01-08 09:00", tokyo)
    assert due_at(start, task, clock_of(task, contact, CLOCK)) == local("2027-01-08 09:00")

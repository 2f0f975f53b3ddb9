"""Leads that go quiet, told by nothing but time."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact
from scoring.automations.silence import EVERY, listen
from tests.automations.set_up import Data, crossed, go_live, hot, person, visit
from tests.engine.scored import refresh_all

pytestmark = pytest.mark.django_db

WEEK: Data = {"kind": "quiet", "for": "7 days"}
MINUTE = timedelta(minutes=1)


def lead(name: str = "ana", *, ago: timedelta = timedelta(days=7) - MINUTE) -> Contact:
    """Somebody whose last activity was just less than a week ago."""
    who = person(name)
    visit(who, ago)
    refresh_all()
    return who


def later(**after: float) -> datetime:
    return timezone.now() + timedelta(**after)


def test_silence_is_heard_once_when_it_has_lasted() -> None:
    go_live()
    hot(WEEK, name="Quiet")
    who = lead()
    assert listen() == 0
    assert listen(later(hours=1)) == 1
    assert listen(later(hours=2)) == 0
    assert crossed(who) == [("Quiet", "down", "")]


def test_whoever_did_something_since_is_not_quiet() -> None:
    go_live()
    hot(WEEK, name="Quiet")
    who = lead()
    visit(who, timedelta(days=2), kind="email_open")
    refresh_all()
    assert (listen(later(hours=1)), crossed(who)) == (0, [])


def test_only_the_types_that_are_named_break_the_silence() -> None:
    go_live()
    hot({**WEEK, "type": "page_view"}, name="Quiet")
    who = lead()
    visit(who, timedelta(days=2), kind="email_open")
    refresh_all()
    assert (listen(later(hours=1)), len(crossed(who))) == (1, 1)


def test_a_lead_that_wakes_up_can_go_quiet_again() -> None:
    go_live()
    hot(WEEK, name="Quiet")
    who = lead()
    listen(later(hours=1))
    visit(who, timedelta(0))
    refresh_all()
    assert listen(later(days=7, hours=2)) == 1
    assert len(crossed(who)) == 2


def test_silence_from_before_it_was_switched_on_is_old_news() -> None:
    go_live()
    who = lead(ago=timedelta(days=8))
    hot(WEEK, name="Quiet")
    assert (listen(later(hours=1)), crossed(who)) == (0, [])


def test_it_listens_every_ten_minutes_and_not_more() -> None:
    go_live()
    hot(WEEK, name="Quiet")
    who = lead()
    assert listen(timezone.now() + EVERY - timedelta(seconds=30)) == 0
    assert crossed(who) == []


def test_a_missed_day_is_one_longer_stretch() -> None:
    go_live()
    hot(WEEK, name="Quiet")
    one, two = lead("one"), lead("two", ago=timedelta(days=6))
    assert listen(later(days=3)) == 2
    assert (len(crossed(one)), len(crossed(two))) == (1, 1)


def test_the_excluded_and_who_has_no_score_are_left_in_peace() -> None:
    go_live()
    hot(WEEK, name="Quiet")
    who = person("rival", tags=["competitor"])
    visit(who, timedelta(days=7) - MINUTE)
    refresh_all()
    assert (listen(later(hours=1)), crossed(who)) == (0, [])

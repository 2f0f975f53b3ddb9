"""Whose turn it is, who is there, and which calendar counts."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.models import Absence, Calendar, Holiday, Member, Team
from contacts.models.teams import is_away, person_for_owner
from contacts.weekly_hours import HoursInvalid

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def person(name: str, *, active: bool = True) -> User:
    return User.objects.create_user(name, is_active=active)


def team_of(*names: str) -> Team:
    team = Team.objects.get(name="Sales")
    for position, name in enumerate(names):
        Member.objects.create(team=team, user=person(name), position=position)
    return team


def turns(team: Team, count: int, at: datetime = NOON) -> list[str]:
    return [
        user.username if (user := Team.objects.next_member(team, at)) else "nobody"
        for _turn in range(count)
    ]


class TestTurns:
    def test_they_go_round_by_position(self) -> None:
        team = team_of("ana", "bo", "cy")
        assert turns(team, 7) == ["ana", "bo", "cy", "ana", "bo", "cy", "ana"]

    def test_they_go_round_whatever_the_clock_says(self) -> None:
        team = team_of("ana", "bo")
        found = [turns(team, 1, NOON - timedelta(hours=hour))[0] for hour in range(4)]
        assert found == ["ana", "bo", "ana", "bo"]

    def test_an_absent_member_is_passed_over_and_not_made_up_for(self) -> None:
        team = team_of("ana", "bo", "cy")
        bo = User.objects.get(username="bo")
        today = NOON.date()
        Absence.objects.create(user=bo, first_day=today, last_day=today + timedelta(days=1))
        assert turns(team, 4) == ["ana", "cy", "ana", "cy"]
        assert turns(team, 4, NOON + timedelta(days=1)) == ["ana", "cy", "ana", "cy"]
        assert turns(team, 4, NOON + timedelta(days=2)) == ["bo", "ana", "cy", "bo"]

    def test_who_takes_no_turns_or_cannot_log_in_is_passed_over(self) -> None:
        team = team_of("ana", "bo", "cy")
        Member.objects.filter(user__username="ana").update(active=False)
        User.objects.filter(username="cy").update(is_active=False)
        assert turns(team, 2) == ["bo", "bo"]

    def test_nobody_is_next_where_nobody_is_there(self) -> None:
        assert turns(team_of(), 1) == ["nobody"]
        team = team_of("ana")
        Absence.objects.create(
            user=User.objects.get(), first_day=date(2026, 1, 1), last_day=date(2026, 12, 31)
        )
        assert turns(team, 1) == ["nobody"]
        assert Member.objects.get().last_assigned_at is None

    def test_a_newcomer_is_next_once(self) -> None:
        team = team_of("ana", "bo")
        turns(team, 4)
        Member.objects.create(team=team, user=person("new"), position=0)
        assert turns(team, 4) == ["new", "ana", "bo", "new"]

    def test_the_day_is_that_of_the_teams_calendar(self) -> None:
        team = team_of("ana")
        team.calendar.time_zone = "Pacific/Kiritimati"  # 14 hours ahead
        Absence.objects.create(user=User.objects.get(), first_day=NOON.date(), last_day=NOON.date())
        assert turns(team, 1, NOON) == ["ana"]
        assert turns(team, 1, NOON - timedelta(hours=3)) == ["nobody"]


@pytest.mark.once
class TestFairness(TestCase):
    @given(size=st.integers(1, 5), away=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9))))
    def test_no_member_is_more_than_one_turn_ahead_of_another_who_was_there(
        self, size: int, away: list[tuple[int, int]]
    ) -> None:
        names = [f"p{number}" for number in range(size)]
        team = team_of(*names)
        gone = {number for number, _day in away if number < size}
        for number, day in away:
            if number < size:
                when = NOON.date() + timedelta(days=day)
                user = User.objects.get(username=f"p{number}")
                Absence.objects.create(user=user, first_day=when, last_day=when)
        given_to: Counter[str] = Counter()
        for day in range(10):
            for name in turns(team, 3, NOON + timedelta(days=day)):
                given_to[name] += 1
                day_off = (int(name[1:]), day) if name != "nobody" else None
                assert day_off not in away
        always = [given_to[name] for number, name in enumerate(names) if number not in gone]
        assert max(always, default=0) - min(always, default=0) <= 1


OWNERS = [
    ("saul", "Saúl"),
    ("  SAÚL ", "Saúl"),
    ("Saúl", "Saúl"),
    ("saulo", None),
    ("gone", None),
    ("", None),
    (" ", None),
]


@pytest.mark.parametrize(("owner", "found"), OWNERS)
def test_an_owner_is_who_logs_in_by_this_name(owner: str, found: str | None) -> None:
    person("Saúl")
    person("gone", active=False)
    user = person_for_owner(owner)
    assert (user.username if user else None) == found


def test_somebody_is_away_from_the_first_to_the_last_day() -> None:
    ana = person("ana")
    Absence.objects.create(user=ana, first_day=date(2026, 10, 5), last_day=date(2026, 10, 7))
    found = [day for day in range(1, 12) if is_away(ana, date(2026, 10, day))]
    assert found == [5, 6, 7]
    assert not is_away(person("bo"), date(2026, 10, 6))


def test_an_absence_does_not_end_before_it_begins() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Absence.objects.create(
            user=person("ana"), first_day=date(2026, 10, 5), last_day=date(2026, 10, 4)
        )


class TestCalendars:
    def test_a_new_installation_has_one_and_a_team_that_works_by_it(self) -> None:
        calendar = Calendar.objects.default()
        assert calendar.name == "Office hours"
        assert calendar.time_zone == "UTC"
        assert Team.objects.get().calendar == calendar

    def test_only_one_is_the_default(self) -> None:
        former = Calendar.objects.default()
        madrid = Calendar.objects.create(name="Madrid", time_zone="Europe/Madrid", is_default=True)
        former.refresh_from_db()
        assert not former.is_default
        assert Calendar.objects.default() == madrid
        with pytest.raises(IntegrityError), transaction.atomic():
            Calendar.objects.filter(pk=former.pk).update(is_default=True)

    def test_without_any_the_usual_week_counts(self) -> None:
        Team.objects.all().delete()
        Calendar.objects.all().delete()
        work = Calendar.objects.default().working_time()
        assert work.add(NOON, timedelta(hours=4)) == datetime(2026, 10, 5, 17, tzinfo=UTC)

    def test_its_holidays_are_not_worked(self) -> None:
        calendar = Calendar.objects.default()
        other = Calendar.objects.create(name="Other")
        Holiday.objects.create(calendar=calendar, day=date(2026, 10, 6), name="Feast")
        Holiday.objects.create(calendar=other, day=date(2026, 10, 5))
        work = calendar.working_time()
        assert work.add(NOON, timedelta(hours=8)) == datetime(2026, 10, 7, 12, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("given_", "told"),
        [
            ({"time_zone": "Madrid"}, "is no time zone"),
            ({"hours": {"mon": []}}, "at least one day"),
            ({"hours": {"mon": [["10:00", "09:00"]]}}, "ends before it begins"),
        ],
    )
    def test_it_is_checked(self, given_: dict[str, object], told: str) -> None:
        with pytest.raises(ValidationError, match=told):
            Calendar(name="New", **given_).full_clean()

    def test_one_without_hours_cannot_be_counted_with(self) -> None:
        with pytest.raises(HoursInvalid):
            Calendar(name="New", hours={}).working_time()

"""The pages of calendars, teams and absences: what is typed, refused, and for whom."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from contacts.admin.teams import week_in_words, zones
from contacts.models import Absence, Calendar, Holiday, Member, Team
from contacts.weekly_hours import DAYS, USUAL_WEEK, read_week

pytestmark = pytest.mark.django_db

CALENDARS, TEAMS, ABSENCES = (
    f"/admin/contacts/{name}/" for name in ("calendar", "team", "absence")
)
NO_ROWS = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def rows(prefix: str, *given: dict[str, Any], stored: int = 0) -> dict[str, Any]:
    """What an inline table sends."""
    sent: dict[str, Any] = {
        f"{prefix}-TOTAL_FORMS": len(given),
        f"{prefix}-INITIAL_FORMS": stored,
    }
    for number, row in enumerate(given):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return sent


def calendar(**given: Any) -> dict[str, Any]:
    week = dict.fromkeys(DAYS[:5], "9-17") | dict.fromkeys(DAYS[5:], "")
    return {"name": "Madrid", "time_zone": "Europe/Madrid", **week, **rows("holidays"), **given}


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


class TestCalendars:
    def test_one_is_added_with_its_holidays(self, mona: User) -> None:
        days = rows("holidays", {"day": "2026-10-12", "name": "Fiesta"}, {"day": "2026-12-25"})
        answer = client_of(mona).post(f"{CALENDARS}add/", calendar(sat="10:00-12:30", **days))
        assert answer.status_code == 302
        made = Calendar.objects.get(name="Madrid")
        assert made.hours == {
            **dict.fromkeys(DAYS[:5], [["09:00", "17:00"]]),
            "sat": [["10:00", "12:30"]],
            "sun": [],
        }
        assert made.working_time().holidays == {date(2026, 10, 12), date(2026, 12, 25)}

    def test_what_is_stored_is_shown_to_be_typed(self, mona: User) -> None:
        stored = Calendar.objects.get()
        form = client_of(mona).get(f"{CALENDARS}{stored.pk}/change/").context["adminform"].form
        assert form.initial["mon"] == "09:00-14:00, 15:00-18:00"
        assert form.initial["sun"] == ""

    WRONG = [
        ({"mon": "all day"}, "mon", "“all day” are no hours"),
        ({"tue": "14-9"}, "tue", "ends before it begins"),
        ({"wed": "9-14, 13-18"}, "wed", "overlap"),
        (dict.fromkeys(DAYS, ""), "__all__", "at least one day"),
        ({"time_zone": "Madrid"}, "time_zone", "Select a valid choice"),
        ({"name": "Office hours"}, "name", "already exists"),
    ]

    @pytest.mark.parametrize(("given", "field", "told"), WRONG)
    def test_it_says_what_is_wrong(
        self, mona: User, given: dict[str, str], field: str, told: str
    ) -> None:
        found = errors(client_of(mona).post(f"{CALENDARS}add/", calendar(**given)))
        assert told in " ".join(found.pop(field))
        assert found == {}
        assert Calendar.objects.count() == 1

    def test_every_line_that_is_wrong_is_told_at_once(self, mona: User) -> None:
        found = errors(client_of(mona).post(f"{CALENDARS}add/", calendar(mon="x", fri="y")))
        assert set(found) == {"mon", "fri"}

    def test_a_holiday_is_noted_once(self, mona: User) -> None:
        twice = rows("holidays", {"day": "2026-10-12"}, {"day": "2026-10-12"})
        answer = client_of(mona).post(f"{CALENDARS}add/", calendar(**twice))
        assert answer.status_code == 200
        assert not Holiday.objects.exists()

    def test_another_becomes_the_default(self, mona: User) -> None:
        client_of(mona).post(f"{CALENDARS}add/", calendar(is_default="on"))
        assert Calendar.objects.default().name == "Madrid"
        assert Calendar.objects.filter(is_default=True).count() == 1

    def test_there_is_always_a_default(self, mona: User) -> None:
        stored = Calendar.objects.get()
        given = calendar(name=stored.name, time_zone="UTC")
        found = errors(client_of(mona).post(f"{CALENDARS}{stored.pk}/change/", given))
        assert "make another one it" in found["is_default"][0]

    def test_a_zone_that_is_not_offered_stays(self, mona: User) -> None:
        Calendar.objects.update(time_zone="US/Pacific")
        stored = Calendar.objects.get()
        given = calendar(name="Coast", time_zone="US/Pacific", is_default="on")
        answer = client_of(mona).post(f"{CALENDARS}{stored.pk}/change/", given)
        assert answer.status_code == 302

    def test_one_with_teams_is_not_deleted(self, mona: User) -> None:
        stored = Calendar.objects.get()
        client_of(mona).post(f"{CALENDARS}{stored.pk}/delete/", {"post": "yes"})
        assert Calendar.objects.exists()

    def test_who_may_only_look_sees_the_hours_in_words(self, marta: User) -> None:
        stored = Calendar.objects.get()
        page = client_of(marta).get(f"{CALENDARS}{stored.pk}/change/").content.decode()
        assert "Mon-Fri 09:00-14:00, 15:00-18:00" in page
        assert (
            "Mon-Fri 09:00-14:00, 15:00-18:00" in client_of(marta).get(CALENDARS).content.decode()
        )


WEEKS = [
    (USUAL_WEEK, ["Mon-Fri 09:00-14:00, 15:00-18:00"]),
    (
        {"mon": [["09:00", "10:00"]], "wed": [["09:00", "10:00"]]},
        ["Mon 09:00-10:00", "Wed 09:00-10:00"],
    ),
    ({"sat": [["09:00", "10:00"]], "sun": [["09:00", "10:00"]]}, ["Sat-Sun 09:00-10:00"]),
]


@pytest.mark.parametrize(("week", "words"), WEEKS)
def test_days_with_the_same_hours_are_named_together(week: Any, words: list[str]) -> None:
    with override("en"):
        assert week_in_words(read_week(week)) == words


def test_the_zones_to_choose_from_are_places_and_utc() -> None:
    names = [name for name, _label in zones()]
    assert names[0] == "UTC"
    assert {"Europe/Madrid", "America/Mexico_City", "Asia/Kolkata"} <= set(names)
    assert not {"Etc/GMT+5", "US/Pacific", "EST"} & set(names)


class TestTeams:
    def test_members_are_added_in_order(self, mona: User, saul: User, marta: User) -> None:
        team = Team.objects.get()
        members = rows(
            "members",
            {"user": marta.pk, "active": "on", "position": 1},
            {"user": saul.pk, "position": 0},
        )
        given = {"name": "Sales", "calendar": team.calendar.pk, **members}
        assert client_of(mona).post(f"{TEAMS}{team.pk}/change/", given).status_code == 302
        assert [str(member) for member in team.members.all()] == ["saul", "marta"]
        page = client_of(mona).get(TEAMS).content.decode()
        assert "saul (no turns), marta" in page

    def test_nobody_is_in_a_team_twice(self, mona: User, saul: User) -> None:
        twice = rows("members", {"user": saul.pk}, {"user": saul.pk})
        given = {"name": "Two", "calendar": Calendar.objects.get().pk, **twice}
        assert client_of(mona).post(f"{TEAMS}add/", given).status_code == 200
        assert not Member.objects.exists()

    def test_a_new_team_works_by_the_default_calendar(self, mona: User) -> None:
        form = client_of(mona).get(f"{TEAMS}add/").context["adminform"].form
        assert form.initial["calendar"] == Calendar.objects.default().pk


class TestAbsences:
    def test_a_salesperson_notes_their_own(self, saul: User, mona: User) -> None:
        given = {"first_day": "2026-12-24", "last_day": "2026-12-31", "user": mona.pk}
        assert client_of(saul).post(f"{ABSENCES}add/", given).status_code == 302
        assert Absence.objects.get().user == saul

    def test_a_manager_notes_anybodys(self, saul: User, mona: User) -> None:
        given = {"first_day": "2026-12-24", "last_day": "2026-12-31", "user": saul.pk}
        assert client_of(mona).post(f"{ABSENCES}add/", given).status_code == 302
        absence = Absence.objects.get()
        assert absence.user == saul
        client_of(mona).post(f"{ABSENCES}{absence.pk}/change/", {**given, "note": "ill"})
        absence.refresh_from_db()
        assert (absence.user, absence.note) == (saul, "ill")

    def test_of_others_a_salesperson_sees_and_changes_none(self, saul: User, mona: User) -> None:
        today = timezone.localdate()
        other = Absence.objects.create(user=mona, first_day=today, last_day=today, note="secret")
        client = client_of(saul)
        assert "secret" not in client.get(ABSENCES).content.decode()
        for route in ("change", "delete", "history"):
            assert client.get(f"{ABSENCES}{other.pk}/{route}/").status_code == 404
        assert client.post(f"{ABSENCES}{other.pk}/delete/", {"post": "yes"}).status_code == 404
        assert Absence.objects.exists()

    def test_it_ends_after_it_begins(self, saul: User) -> None:
        given = {"first_day": "2026-12-24", "last_day": "2026-12-23"}
        found = errors(client_of(saul).post(f"{ABSENCES}add/", given))
        assert "must not be before" in str(found)

    def test_they_are_filtered_by_when(self, mona: User) -> None:
        today = timezone.localdate()
        for note, first, last in (("past", -3, -1), ("now", 0, 0), ("coming", 1, 2)):
            Absence.objects.create(
                user=mona,
                note=note,
                first_day=today + timedelta(days=first),
                last_day=today + timedelta(days=last),
            )
        for when in ("past", "now", "coming"):
            answer = client_of(mona).get(f"{ABSENCES}?when={when}")
            assert [row.note for row in answer.context["cl"].result_list] == [when]

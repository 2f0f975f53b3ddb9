"""The action that creates a task: for whom, until when, and once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from contacts.models import Absence, Calendar, Contact, Holiday, Member, Task, Team
from scoring.automations.actions import Impossible
from tests.automations.actions.acting import (
    MONDAY,
    action,
    errors,
    faults,
    occasion,
    parameters,
)

pytestmark = pytest.mark.django_db

CALL = {"title": "Call {{ contact.full_name }}"}


@pytest.fixture
def team(saul: User, mona: User) -> Team:
    team = Team.objects.get(name="Sales")
    for position, user in enumerate((saul, mona)):
        Member.objects.create(team=team, user=user, position=position)
    return team


@pytest.fixture
def lea(db: None) -> Contact:
    return Contact.objects.create(email="lea@example.com", first_name="Lea", owner="SAÚL")


def away(user: User) -> None:
    Absence.objects.create(user=user, first_day=MONDAY.date(), last_day=MONDAY.date())


def made(contact: Contact, key: str = "x:1:0", at: datetime = MONDAY, **data: Any) -> Task:
    action("task", **{**CALL, **data}).run(occasion(contact, key, at))
    return Task.objects.get(origin=key)


class TestForWhom:
    def test_the_owner(self, lea: Contact, saul: User) -> None:
        task = made(lea)
        assert (task.assignee, task.contact, task.title) == (saul, lea, "Call Lea")
        assert task.is_open

    @pytest.mark.parametrize("owner", ["", "unknown", "gone"])
    def test_nobody_where_the_owner_cannot_log_in(self, lea: Contact, owner: str) -> None:
        User.objects.create_user("gone", is_active=False)
        lea.owner = owner
        assert made(lea).assignee is None

    def test_nobody_where_the_owner_is_away(self, lea: Contact, saul: User) -> None:
        away(saul)
        assert made(lea).assignee is None
        assert made(lea, "x:2:0", MONDAY + timedelta(days=1)).assignee == saul

    def test_the_next_in_the_team_where_the_owner_is_away(
        self, lea: Contact, team: Team, saul: User, mona: User
    ) -> None:
        away(saul)
        task = made(lea, team="Sales")
        assert (task.assignee, task.team) == (mona, team)

    def test_nobody_of_the_team_where_all_are_away(
        self, lea: Contact, team: Team, saul: User, mona: User
    ) -> None:
        away(saul)
        away(mona)
        task = made(lea, team="Sales")
        assert (task.assignee, task.team) == (None, team)

    def test_the_team_takes_turns(self, lea: Contact, team: Team, saul: User, mona: User) -> None:
        found = [
            made(lea, f"x:{number}:0", assignee="team", team="Sales").assignee
            for number in range(3)
        ]
        assert found == [saul, mona, saul]

    def test_the_owner_takes_nobodys_turn(self, lea: Contact, team: Team) -> None:
        made(lea, team="Sales")
        assert not Member.objects.filter(last_assigned_at__isnull=False).exists()

    def test_one_person_and_the_team_for_when_they_are_away(
        self, lea: Contact, team: Team, saul: User, mona: User
    ) -> None:
        data: dict[str, Any] = {"assignee": "person", "person": "mona", "team": "Sales"}
        assert made(lea, **data).assignee == mona
        away(mona)
        assert made(lea, "x:2:0", **data).assignee == saul

    def test_nobody_where_person_and_team_are_gone(self, lea: Contact) -> None:
        task = made(lea, assignee="person", person="nobody", team="No team")
        assert (task.assignee, task.team) == (None, None)


class TestUntilWhen:
    DUE = [
        ({}, None),
        ({"within_hours": 4}, datetime(2107, 10, 3, 14, tzinfo=UTC)),
        ({"within_hours": 5}, datetime(2107, 10, 3, 16, tzinfo=UTC)),
        ({"within_hours": 8}, datetime(2107, 10, 5, 10, tzinfo=UTC)),
    ]

    @pytest.mark.parametrize(("data", "due"), DUE)
    def test_in_hours_of_the_default_calendar(
        self, lea: Contact, data: dict[str, Any], due: datetime | None
    ) -> None:
        Holiday.objects.create(calendar=Calendar.objects.get(), day=date(2107, 10, 4))
        assert made(lea, **data).due_at == due

    def test_in_hours_of_the_teams_calendar(self, lea: Contact, team: Team) -> None:
        team.calendar = Calendar.objects.create(name="Lima", time_zone="America/Lima")
        team.save()
        # It is five in the morning there.
        due = made(lea, team="Sales", within_hours=4).due_at
        assert due == datetime(2107, 10, 3, 18, tzinfo=UTC)

    def test_from_now_where_the_crossing_lies_back(self, lea: Contact) -> None:
        due = made(lea, at=datetime(2020, 1, 1, tzinfo=UTC), within_hours=1).due_at
        assert due is not None
        assert due > timezone.now()

    def test_it_cannot_be_done_where_nobody_ever_works(self, lea: Contact) -> None:
        calendar = Calendar.objects.get()
        Holiday.objects.bulk_create(
            Holiday(calendar=calendar, day=MONDAY.date() + timedelta(days=each))
            for each in range(3700)
        )
        with pytest.raises(Impossible, match="no working time"):
            made(lea, within_hours=1)


class TestOnce:
    def test_the_same_key_makes_no_second_task_and_takes_no_second_turn(
        self, lea: Contact, team: Team, saul: User
    ) -> None:
        create = action("task", **CALL, assignee="team", team="Sales")
        told = [create.run(occasion(lea)) for _time in range(2)]
        assert told == ["Task for saul: Call Lea", "The task is there already."]
        assert Task.objects.get().assignee == saul
        assert Member.objects.filter(last_assigned_at__isnull=False).count() == 1

    def test_its_team_is_locked(self, team: Team) -> None:
        assert action("task", **CALL, team="Sales").needed_rows() == [(Team, team.pk)]
        assert action("task", **CALL).needed_rows() == []
        assert action("task", **CALL, team="No team").needed_rows() == []


def test_its_texts_are_those_of_the_contact(lea: Contact) -> None:
    task = made(lea, text="{{ contact.email }}, {{ contact.phone | no phone }}", priority="high")
    assert (task.text, task.priority) == ("lea@example.com, no phone", "high")


def test_a_title_is_never_empty_nor_too_long(lea: Contact) -> None:
    assert made(lea, title="{{ contact.phone }}").title == "Lea <lea@example.com>"
    lea.first_name = "x" * 255
    assert len(made(lea, "x:2:0", title="Call {{ contact.first_name }}").title) == 200


SENTENCES = [
    ({}, "create a task for the owner"),
    ({"within_hours": 1}, "create a task for the owner within 1 working hour"),
    ({"within_hours": 4}, "create a task for the owner within 4 working hours"),
    (
        {"team": "Sales", "within_hours": 4},
        "create a task for the owner or else the next in the team “Sales” within 4 working hours",
    ),
    ({"assignee": "team", "team": "Sales"}, "create a task for the next in the team “Sales”"),
    ({"assignee": "person", "person": "mona"}, "create a task for mona"),
]


@pytest.mark.parametrize(("data", "sentence"), SENTENCES)
def test_it_is_said_and_written_as_it_was_read(data: dict[str, Any], sentence: str) -> None:
    read = action("task", **CALL, **data)
    assert read.sentence() == sentence
    assert read.data() == CALL | data


def test_what_is_usual_is_not_written() -> None:
    read = action("task", **CALL, text="", assignee="owner", priority="normal")
    assert read.data() == CALL


FAULTS = [
    ({}, ["title: is missing"]),
    ({"title": " "}, ["title: must not be empty"]),
    ({"title": "{{ password }}"}, ["title: “password” is no variable"]),
    ({**CALL, "text": "{{ contact.email"}, ["text: A variable is written"]),
    ({**CALL, "assignee": "boss"}, ["assignee: must be one of: owner, team, person"]),
    ({**CALL, "assignee": "team"}, ["team: Say which team."]),
    ({**CALL, "assignee": "person"}, ["person: Say which person."]),
    ({**CALL, "within_hours": 0}, ["within_hours: must be from 1 to 1000"]),
    ({**CALL, "within_hours": "4"}, ["within_hours: "]),
    ({**CALL, "priority": "urgent"}, ["priority: must be one of: low, normal, high"]),
    ({**CALL, "colour": "red"}, ["colour: is not known here"]),
    ({"text": 5, "priority": 1}, ["title: is missing", "text: ", "priority: "]),
]


@pytest.mark.parametrize(("data", "told"), FAULTS, ids=str)
def test_every_fault_is_told(data: dict[str, Any], told: list[str]) -> None:
    found = faults("task", **data)
    assert len(found) == len(told)
    for fault, beginning in zip(found, told, strict=True):
        assert fault.startswith(beginning)


def test_it_names_what_is_not_there(saul: User) -> None:
    assert action("task", **CALL, team="Sales").problems() == []
    assert action("task", **CALL, team="Nope").problems() == ["There is no team “Nope”."]
    data = {"assignee": "person", "person": "eva"}
    assert action("task", **CALL, **data).problems() == ["There is nobody who logs in as “eva”."]
    assert action("task", **CALL, assignee="person", person="Saúl").problems() == []


class TestTheForm:
    def test_it_gives_the_parameters(self, saul: User) -> None:
        given = {"title": "Call", "assignee": "person", "person": "saul", "within_hours": "4",
                 "priority": "high"}  # fmt: skip
        found = parameters("task", **given)
        assert found == {**given, "within_hours": 4}
        assert action("task", **found).data() == found

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"assignee": "team"}, "team"),
            ({"assignee": "person"}, "person"),
            ({"assignee": "owner", "title": "{{ nope }}"}, "title"),
            ({"assignee": "owner", "title": ""}, "title"),
            ({"assignee": "owner", "within_hours": "0"}, "within_hours"),
            ({"assignee": "owner", "team": "Nope"}, "team"),
        ],
    )
    def test_it_says_what_is_wrong(self, given: dict[str, str], field: str) -> None:
        given = {"title": "Call", "priority": "normal", **given}
        assert set(errors("task", **given)) == {field}

"""The action that gives a contact an owner."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from contacts.models import Contact, FieldChange, Member, Pending, Team
from scoring.automations.actions import Impossible
from tests.automations.actions.acting import action, errors, faults, occasion, parameters

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(saul: User, mona: User) -> Team:
    team = Team.objects.get(name="Sales")
    for position, user in enumerate((saul, mona)):
        Member.objects.create(team=team, user=user, position=position)
    return team


def contact_of(owner: str = "") -> Contact:
    return Contact.objects.create(email=f"lead{Contact.objects.count()}@example.com", owner=owner)


def run(contact: Contact, key: str = "x:1:0", **data: Any) -> str:
    return action("assign_owner", **data).run(occasion(contact, key))


def owner_of(contact: Contact) -> str:
    return Contact.objects.get(pk=contact.pk).owner


def test_who_is_in_the_pool_gets_the_person_as_owner(saul: User) -> None:
    contact = contact_of()
    Pending.objects.all().delete()
    assert run(contact, person="SAÚL") == "The owner is saul."
    assert owner_of(contact) == contact.owner == "saul"
    change = FieldChange.objects.get(contact=contact)
    assert (change.field, change.before, change.after) == ("owner", "", "saul")
    assert Pending.objects.get().contact_id == contact.pk


def test_members_of_a_team_take_turns(team: Team) -> None:
    contacts = [contact_of() for _number in range(3)]
    for contact in contacts:
        run(contact, team="Sales")
    assert [owner_of(contact) for contact in contacts] == ["saul", "mona", "saul"]


def test_who_has_an_owner_keeps_it_and_nobodys_turn_is_taken(team: Team) -> None:
    contact = contact_of("eva")
    assert run(contact, team="Sales") == "eva stays the owner."
    assert owner_of(contact) == "eva"
    assert not Member.objects.filter(last_assigned_at__isnull=False).exists()


def test_the_owner_is_looked_up_again(saul: User) -> None:
    contact = contact_of()
    Contact.objects.filter(pk=contact.pk).update(owner="eva")
    assert run(contact, person="saul") == "eva stays the owner."


def test_always_means_whoever_the_owner_is(team: Team) -> None:
    contact = contact_of("eva")
    assert run(contact, team="Sales", always=True) == "The owner is saul."
    assert owner_of(contact) == "saul"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"person": "gone"}, "nobody who logs in as “gone”"),
        ({"team": "Nope"}, "no team “Nope”"),
        ({"team": "Sales"}, "Nobody in the team “Sales” is there"),
    ],
)
def test_it_cannot_be_done_where_nobody_is_there(data: dict[str, str], told: str) -> None:
    User.objects.create_user("gone", is_active=False)
    contact = contact_of()
    with pytest.raises(Impossible, match=told):
        run(contact, **data)
    assert owner_of(contact) == ""


def test_its_team_is_locked(team: Team) -> None:
    assert action("assign_owner", team="Sales").needed_rows() == [(Team, team.pk)]
    assert action("assign_owner", person="saul").needed_rows() == []


SENTENCES = [
    ({"person": "saul"}, "make saul the owner if there is none"),
    ({"team": "Sales"}, "make the next in the team “Sales” the owner if there is none"),
    ({"person": "saul", "always": True}, "make saul the owner"),
]


@pytest.mark.parametrize(("data", "sentence"), SENTENCES)
def test_it_is_said_and_written_as_it_was_read(data: dict[str, Any], sentence: str) -> None:
    read = action("assign_owner", **data)
    assert (read.sentence(), read.data()) == (sentence, data)


FAULTS = [
    ({}, ["Name either a person or a team, or choose the assignment rules."]),
    (
        {"person": "saul", "team": "Sales"},
        ["Name either a person or a team, or choose the assignment rules."],
    ),
    ({"person": "", "always": 1}, ["person: must not be empty", "always: must be true or false"]),
    (
        {"team": "Sales", "owner": "x"},
        ["owner: is not known here; known are: person, team, rules, always"],
    ),
]


@pytest.mark.parametrize(("data", "told"), FAULTS, ids=str)
def test_every_fault_is_told(data: dict[str, Any], told: list[str]) -> None:
    assert faults("assign_owner", **data) == told


def test_it_names_what_is_not_there(saul: User) -> None:
    assert action("assign_owner", person="saul").problems() == []
    assert action("assign_owner", person="eva").problems() != []
    assert action("assign_owner", team="Nope").problems() == ["There is no team “Nope”."]


def test_its_form_gives_the_parameters(saul: User) -> None:
    assert parameters("assign_owner", person="saul") == {"person": "saul"}
    found = parameters("assign_owner", team="Sales", always="on")
    assert found == {"team": "Sales", "always": True}
    assert set(errors("assign_owner")) == {"__all__"}
    assert set(errors("assign_owner", person="saul", team="Sales")) == {"__all__"}

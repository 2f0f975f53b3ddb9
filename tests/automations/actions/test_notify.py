"""The action that tells people: whom, how often, and with which words."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from contacts.models import Contact, Member, Team
from scoring.automations.actions import Impossible
from scoring.automations.outbox.delivery import dispatch
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import Notification
from scoring.automations.outbox.receivers import Destination
from tests.automations.actions.acting import action, errors, faults, occasion, parameters

pytestmark = pytest.mark.django_db
TEXT = {"text": "Call {{ contact.first_name }} now"}


@pytest.fixture
def lea(saul: User) -> Contact:
    return Contact.objects.create(email="lea@example.com", first_name="Lea", owner="Saúl")


@pytest.fixture
def team(saul: User, mona: User) -> Team:
    team = Team.objects.get(name="Sales")
    for user in (saul, mona):
        Member.objects.create(team=team, user=user)
    return team


@pytest.fixture
def slack(db: None) -> Destination:
    return Destination.objects.create(name="Slack", url="json://example.com/")


def told(contact: Contact, key: str = "x:1:0", **data: Any) -> set[tuple[str, str]]:
    action("notify", **TEXT, **data).run(occasion(contact, key))
    return set(Message.objects.values_list("channel", "recipient"))


def test_the_owner_finds_it_in_the_admin_with_a_link_to_the_lead(lea: Contact, saul: User) -> None:
    assert told(lea, owner=True) == {("inbox", "saul")}
    dispatch()
    notification = Notification.objects.get(user=saul)
    assert notification.text == "Call Lea now"
    assert notification.title.startswith("Lea")
    assert notification.link == f"/admin/scoring/lead/{lea.pk}/change/"


def test_whoever_is_named_twice_is_told_once(lea: Contact, team: Team, ada: User) -> None:
    found = told(lea, owner=True, team="Sales", users=["ada", "mona"])
    assert found == {("inbox", "saul"), ("inbox", "mona"), ("inbox", "ada")}


def test_a_destination_is_told_with_the_whole_address_of_the_lead(
    lea: Contact, slack: Destination
) -> None:
    assert told(lea, destination="Slack") == {("notify", "Slack")}
    assert Message.objects.get().content["link"].startswith("http")


def test_the_same_crossing_tells_nobody_twice(lea: Contact, slack: Destination) -> None:
    for _try in range(2):
        told(lea, owner=True, destination="Slack")
    assert Message.objects.count() == 2


def test_it_is_impossible_where_there_is_nobody(lea: Contact) -> None:
    lea.owner = ""
    with pytest.raises(Impossible, match="nobody to tell"):
        told(lea, owner=True)


def test_a_test_says_that_it_is_one(lea: Contact) -> None:
    told(lea, "test:1", owner=True)
    message = Message.objects.get()
    assert message.subject.startswith("[Test] ")
    assert message.content["text"].startswith("[Test] ")


def test_people_who_cannot_log_in_are_left_out(lea: Contact, team: Team, mona: User) -> None:
    User.objects.filter(pk=mona.pk).update(is_active=False)
    assert told(lea, team="Sales") == {("inbox", "saul")}


def test_it_says_what_it_does(slack: Destination) -> None:
    data = {**TEXT, "owner": True, "team": "Sales", "users": ["ada"], "destination": "Slack"}
    said = action("notify", **data).sentence()
    assert said == "notify the owner, the team “Sales”, ada, the destination “Slack”"


def test_it_names_what_is_not_there(slack: Destination, ada: User) -> None:
    there = {"team": "Sales", "users": ["ada"], "destination": "Slack"}
    assert action("notify", **TEXT, **there).problems() == []
    gone = {"team": "Nope", "users": ["eva"], "destination": "Teams"}
    assert action("notify", **TEXT, **gone).problems() == [
        "There is no team “Nope”.",
        "There is no user “eva”.",
        "There is no destination “Teams”.",
    ]


@pytest.mark.parametrize(
    ("data", "beginnings"),
    [
        ({"owner": True}, ["text: is missing"]),
        (TEXT, ["Somebody must be told"]),
        ({**TEXT, "owner": False}, ["Somebody must be told"]),
        ({**TEXT, "owner": "yes"}, ["owner: must be true or false", "Somebody must"]),
        ({**TEXT, "users": "ada"}, ["users: must be a list", "Somebody must"]),
        ({"text": "{{ nope }}", "owner": True}, ["text: “nope” is no variable"]),
        ({**TEXT, "owner": True, "title": "{{"}, ["title: A variable is written"]),
        ({**TEXT, "owner": True, "colour": 1}, ["colour: is not known here"]),
    ],
)
def test_every_fault_is_told(data: dict[str, Any], beginnings: list[str]) -> None:
    found = faults("notify", **data)
    assert len(found) == len(beginnings)
    for fault, beginning in zip(found, beginnings, strict=True):
        assert fault.startswith(beginning)


def test_a_document_comes_back_as_it_was(slack: Destination) -> None:
    data = {"title": "Hot", **TEXT, "owner": True, "users": ["ada"], "destination": "Slack"}
    assert action("notify", **data).data() == data


def test_the_form_gives_the_parameters(ada: User, team: Team, slack: Destination) -> None:
    given = {"title": "Hot", **TEXT, "team": "Sales", "users": ["ada"], "destination": "Slack"}
    assert parameters("notify", **given) == given
    assert set(errors("notify", title="Hot", **TEXT)) == {"__all__"}
    assert set(errors("notify", **{**given, "team": "Nope"})) == {"team"}

"""Conditions are the engine's own tests, without points."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact
from scoring.automations.conditions import read_condition, which_hold, who_meets
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue
from tests.automations.set_up import Data, person, visit

pytestmark = pytest.mark.django_db

SPAIN: Data = {"when": {"field": "country", "op": "equals", "value": "ES"}}
VISITED: Data = {"activity": {"type": "page_view"}}


def met(who: Contact, *conditions: Data, as_of: datetime | None = None) -> bool:
    read = [read_condition(Node(each), Catalogue(())) for each in conditions]
    at = as_of or timezone.now()
    assert all(which_hold(read, (), who.pk, at)) is (who_meets(read, (), [who.pk], at) == {who.pk})
    return who_meets(read, (), [who.pk], at) == {who.pk}


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([], True),
        ([SPAIN], True),
        ([{"not": True, **SPAIN}], False),
        ([VISITED], True),
        ([{**VISITED, "at_least": 2}], True),
        ([{**VISITED, "at_least": 3}], False),
        ([{**VISITED, "within": "2 days"}], True),
        ([{**VISITED, "at_least": 2, "within": "2 days"}], False),
        ([{"not": True, "activity": {"type": "meeting_booked"}}], True),
        ([{"absent": {"type": "page_view"}, "for": "1 day"}], False),
        ([{"absent": {"type": "email_reply"}, "for": "1 day"}], True),
        ([SPAIN, {"not": True, **VISITED}], False),
    ],
)
def test_all_of_them_must_hold(conditions: list[Data], expected: bool) -> None:
    who = person("ana", country="ES", created_at="2020-01-01T00:00:00Z")
    visit(who, timedelta(hours=1))
    visit(who, timedelta(days=9))
    assert met(who, *conditions) is expected


def test_they_are_asked_as_of_an_instant() -> None:
    who = person("ana")
    visit(who, timedelta(hours=1))
    assert met(who, VISITED)
    assert not met(who, VISITED, as_of=datetime(2020, 1, 1, tzinfo=UTC))


def test_of_several_contacts_those_who_meet_them_are_told() -> None:
    spanish, french = person("ana", country="ES"), person("luc", country="FR")
    read = [read_condition(Node(SPAIN), Catalogue(()))]
    found = who_meets(read, (), [spanish.pk, french.pk], timezone.now())
    assert found == {spanish.pk}

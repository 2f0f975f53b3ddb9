"""The action that changes the lifecycle."""

from typing import Any

import pytest

from contacts.models import Contact, FieldChange, Lifecycle, Pending
from tests.automations.actions.acting import action, errors, faults, occasion, parameters

pytestmark = pytest.mark.django_db

ORDER = ["", "subscriber", "lead", "mql", "sql", "opportunity", "customer"]


def run(stands: str, key: str = "x:1:0", **data: Any) -> str:
    """Where a contact stands afterwards."""
    contact = Contact.objects.create(email="lea@example.com", lifecycle=stands)
    action("lifecycle", **data).run(occasion(contact, key))
    stored = Contact.objects.get(pk=contact.pk)
    assert contact.lifecycle == stored.lifecycle
    contact.delete()
    return stored.lifecycle


def test_it_is_set() -> None:
    for stands in [*ORDER, "lost"]:
        for to in Lifecycle.values:
            assert run(stands, to=to) == to


def test_only_forward_never_leads_back() -> None:
    for place, stands in enumerate(ORDER):
        for to in ORDER[1:]:
            expected = to if ORDER.index(to) > place else stands
            assert run(stands, to=to, only_forward=True) == expected


def test_who_is_lost_stays_lost_and_anybody_can_be_lost() -> None:
    for to in Lifecycle.values:
        assert run("lost", to=to, only_forward=True) == "lost"
    for stands in ORDER:
        assert run(stands, to="lost", only_forward=True) == "lost"


def test_it_is_told_and_kept_in_the_history() -> None:
    contact = Contact.objects.create(email="lea@example.com", lifecycle="lead")
    Pending.objects.all().delete()
    mql = action("lifecycle", to="mql")
    assert mql.run(occasion(contact)) == "The lifecycle is “Marketing qualified (MQL)”."
    assert mql.run(occasion(contact)) == "The lifecycle stays “Marketing qualified (MQL)”."
    change = FieldChange.objects.get()
    assert (change.field, change.before, change.after) == ("lifecycle", "lead", "mql")
    assert Pending.objects.count() == 1


def test_it_is_looked_up_again() -> None:
    contact = Contact.objects.create(email="lea@example.com", lifecycle="lead")
    Contact.objects.filter(pk=contact.pk).update(lifecycle="customer")
    action("lifecycle", to="mql", only_forward=True).run(occasion(contact))
    assert Contact.objects.get().lifecycle == "customer"


SENTENCES = [
    ({"to": "sql"}, "set the lifecycle to “Sales qualified (SQL)”"),
    (
        {"to": "mql", "only_forward": True},
        "set the lifecycle to “Marketing qualified (MQL)”, unless it is further on",
    ),
]


@pytest.mark.parametrize(("data", "sentence"), SENTENCES)
def test_it_is_said_and_written_as_it_was_read(data: dict[str, Any], sentence: str) -> None:
    read = action("lifecycle", **data)
    assert (read.sentence(), read.data()) == (sentence, data)


FAULTS = [
    ({}, ["to: is missing"]),
    ({"to": "vip"}, ["to: must be one of: subscriber, lead"]),
    ({"to": "", "only_forward": "yes"}, ["to: must be one of", "only_forward: must be true"]),
    ({"to": "lead", "from": "mql"}, ["from: is not known here"]),
]


@pytest.mark.parametrize(("data", "told"), FAULTS, ids=str)
def test_every_fault_is_told(data: dict[str, Any], told: list[str]) -> None:
    found = faults("lifecycle", **data)
    assert len(found) == len(told)
    for fault, beginning in zip(found, told, strict=True):
        assert fault.startswith(beginning)


def test_its_form_gives_the_parameters() -> None:
    assert parameters("lifecycle", to="mql") == {"to": "mql"}
    found = parameters("lifecycle", to="mql", only_forward="on")
    assert found == {"to": "mql", "only_forward": True}
    assert set(errors("lifecycle")) == {"to"}

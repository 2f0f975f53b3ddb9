"""The action that adds or removes a tag."""

from typing import Any

import pytest

from contacts.models import Contact, FieldChange, Pending, Tag
from tests.automations.actions.acting import action, errors, faults, occasion, parameters

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea(db: None) -> Contact:
    contact = Contact.objects.create(email="lea@example.com")
    contact.set_tags([Tag.objects.create(name="Warm")])
    return contact


def run(contact: Contact, key: str = "x:1:0", **data: Any) -> str:
    return action("tag", **data).run(occasion(contact, key))


RUNS = [
    ({"add": "Hot"}, "The tag “Hot” was added.", ["hot", "warm"]),
    ({"add": " wÁrm"}, "The tag “ wÁrm” was there.", ["warm"]),
    ({"remove": "WARM"}, "The tag “WARM” was removed.", []),
    ({"remove": "cold"}, "The tag “cold” was not there.", ["warm"]),
    (
        {"add": "Hot", "remove": "Warm"},
        "The tag “Hot” was added. The tag “Warm” was removed.",
        ["hot"],
    ),
]


@pytest.mark.parametrize(("data", "told", "left"), RUNS)
def test_it_changes_the_tags(
    lea: Contact, data: dict[str, str], told: str, left: list[str]
) -> None:
    assert run(lea, **data) == told
    assert lea.tag_names() == left


def test_a_change_has_its_history_and_marks_the_contact(lea: Contact) -> None:
    FieldChange.objects.all().delete()
    Pending.objects.all().delete()
    run(lea, add="Warm")
    assert not FieldChange.objects.exists()
    assert not Pending.objects.exists()
    run(lea, add="Hot")
    change = FieldChange.objects.get()
    assert (change.field, change.before, change.after) == ("tags", ["warm"], ["hot", "warm"])
    assert Pending.objects.get().contact_id == lea.pk


def test_a_tag_is_made_once_and_never_for_removing(lea: Contact) -> None:
    for name in ("Hot", "hót", "HOT "):
        run(lea, add=name)
    run(lea, remove="cold")
    assert [tag.name for tag in Tag.objects.all()] == ["Hot", "Warm"]


SENTENCES = [
    ({"add": "Hot"}, "add the tag “Hot”"),
    ({"remove": "Warm"}, "remove the tag “Warm”"),
    ({"add": "Hot", "remove": "Warm"}, "add the tag “Hot” and remove the tag “Warm”"),
]


@pytest.mark.parametrize(("data", "sentence"), SENTENCES)
def test_it_is_said_and_written_as_it_was_read(data: dict[str, Any], sentence: str) -> None:
    read = action("tag", **data)
    assert (read.sentence(), read.data()) == (sentence, data)


NAME = "Name a tag to add, or another one to remove, or both."
FAULTS = [
    ({}, [NAME]),
    ({"add": "Hot", "remove": " hót"}, [NAME]),
    ({"add": 5}, ["add: "]),
    ({"add": "x" * 101}, ["add: must have at most 100 characters"]),
    ({"add": "\u0301"}, ["add: must not be empty", NAME]),
    ({"set": "Hot", "add": "x"}, ["set: is not known here"]),
]


@pytest.mark.parametrize(("data", "told"), FAULTS, ids=str)
def test_every_fault_is_told(data: dict[str, Any], told: list[str]) -> None:
    found = faults("tag", **data)
    assert all(any(fault.startswith(each) for fault in found) for each in told)
    assert found


def test_its_form_gives_the_parameters() -> None:
    assert parameters("tag", add="Hot", remove="") == {"add": "Hot"}
    assert set(errors("tag")) == {"__all__"}
    assert set(errors("tag", add="Hot", remove="hot")) == {"__all__"}
    assert "add" in errors("tag", add="x" * 101)

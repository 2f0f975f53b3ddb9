"""The action that takes the contact out of a sequence."""

import pytest

from contacts.models import Contact
from scoring.automations.actions import Impossible
from scoring.automations.sequences.enrolments import Enrolment
from tests.automations.actions.acting import action, errors, faults, occasion, parameters, tried
from tests.automations.sequences.making import lea as make_lea
from tests.automations.sequences.making import put_in, sequence

pytestmark = pytest.mark.django_db

ONE = {"sequence": "One"}


@pytest.fixture
def lea(db: None) -> Contact:
    """In two sequences."""
    contact = make_lea()
    for name in ("One", "Two"):
        put_in(contact, sequence(name))
    return contact


def run(contact: Contact, key: str = "x:1:0", **data: str) -> str:
    return action("leave", **data).run(occasion(contact, key))


def active() -> list[str]:
    return list(Enrolment.objects.active().order_by("pk").values_list("sequence__name", flat=True))


def test_it_leaves_the_one_that_is_named(lea: Contact) -> None:
    assert run(lea, **ONE) == "The contact has left 1 sequence."
    assert active() == ["Two"]
    assert Enrolment.objects.get(sequence__name="One").reason == "automation"
    assert run(lea, **ONE) == "The contact was in no such sequence."


def test_it_leaves_every_one_where_none_is_named(lea: Contact) -> None:
    assert run(lea) == "The contact has left 2 sequences."
    assert active() == []


def test_a_trial_says_what_it_would_be_and_takes_nobody_out(lea: Contact) -> None:
    assert tried(lea, action("leave")) == [("done", "The contact has left 2 sequences.")]
    assert active() == ["One", "Two"]


def test_a_sequence_that_is_gone_is_a_problem(lea: Contact) -> None:
    gone = action("leave", sequence="Gone")
    assert gone.problems() == ["There is no sequence “Gone”."]
    with pytest.raises(Impossible, match="There is no sequence “Gone”"):
        gone.run(occasion(lea))
    assert action("leave").problems() == action("leave", **ONE).problems() == []


def test_it_is_read_and_said() -> None:
    assert faults("leave", sequence="") == ["sequence: must not be empty"]
    assert action("leave").data() == {}
    assert action("leave", **ONE).data() == ONE
    assert action("leave").sentence() == "take the contact out of every sequence"
    assert action("leave", **ONE).sentence() == "take the contact out of the sequence “One”"


def test_the_form_offers_one_or_all(lea: Contact) -> None:
    assert parameters("leave", sequence="") == {}
    assert parameters("leave", **ONE) == ONE
    assert "sequence" in errors("leave", sequence="Gone")

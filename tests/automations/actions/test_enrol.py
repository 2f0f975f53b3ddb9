"""The action that enrols the contact in a sequence."""

from datetime import timedelta

import pytest

from contacts.models import Contact
from scoring.automations.actions import Impossible
from scoring.automations.sequences.enrolments import Enrolment
from tests.automations.actions.acting import action, errors, faults, occasion, parameters, tried
from tests.automations.sequences.making import lea as make_lea
from tests.automations.sequences.making import put_in, sequence
from tests.automations.set_up import go_live, hot, person, refresh_all, visit

pytestmark = pytest.mark.django_db

WELCOME = {"sequence": "Welcome"}


@pytest.fixture
def lea(db: None) -> Contact:
    return make_lea()


def run(contact: Contact, key: str = "x:1:0") -> str:
    return action("enrol", **WELCOME).run(occasion(contact, key))


def test_it_enrols_once(lea: Contact) -> None:
    sequence()
    assert run(lea) == "The contact is now in the sequence “Welcome”."
    assert run(lea) == "The contact was in the sequence “Welcome” already."
    assert Enrolment.objects.get().contact == lea


def test_a_trial_says_what_it_would_be_and_enrols_nobody(lea: Contact) -> None:
    one, enrol = sequence(), action("enrol", **WELCOME)
    assert tried(lea, enrol) == [("done", "The contact is now in the sequence “Welcome”.")]
    assert not Enrolment.objects.exists()
    one.active = False
    one.save()
    assert tried(lea, enrol) == [("failed", "The sequence is off.")]


def test_a_trial_knows_who_is_in_it_already(lea: Contact) -> None:
    put_in(lea, sequence())
    known = "The contact was in the sequence “Welcome” already."
    assert tried(lea, action("enrol", **WELCOME)) == [("done", known)]


def test_it_says_why_it_cannot(lea: Contact) -> None:
    with pytest.raises(Impossible, match="There is no sequence “Welcome”"):
        run(lea)
    one = sequence()
    one.active = False
    one.save()
    with pytest.raises(Impossible, match="The sequence is off"):
        run(lea)
    one.active = True
    one.save()
    lea.unsubscribed = True
    with pytest.raises(Impossible, match="has unsubscribed"):
        run(lea)


def test_its_problems_are_what_is_not_there() -> None:
    found = action("enrol", **WELCOME)
    assert found.problems() == ["There is no sequence “Welcome”."]
    one = sequence()
    assert found.problems() == []
    one.active = False
    one.save()
    assert found.problems() == ["The sequence “Welcome” is off."]


def test_an_automation_enrols_with_the_band_that_the_contact_has() -> None:
    track = go_live()
    who = person("ana", job_title="Director")
    refresh_all()
    sequence()
    hot({"kind": "band_entered", "band": "hot"}, {"kind": "enrol", **WELCOME})
    visit(who, timedelta(days=1))
    refresh_all()
    found = Enrolment.objects.get()
    assert (found.contact, found.track, found.band_at_start) == (who, track, "hot")
    assert found.crossing is not None
    assert found.enrolled_by == "Hot"
    assert found.state == "active"


def test_it_is_read_and_said() -> None:
    assert faults("enrol") == ["sequence: is missing"]
    assert faults("enrol", sequence=" ") == ["sequence: must not be empty"]
    assert action("enrol", **WELCOME).data() == WELCOME
    assert action("enrol", **WELCOME).sentence() == "enrol the contact in the sequence “Welcome”"


def test_the_form_offers_the_sequences() -> None:
    assert "sequence" in errors("enrol", sequence="Welcome")
    sequence()
    assert parameters("enrol", **WELCOME) == WELCOME
    assert "sequence" in errors("enrol", sequence="")

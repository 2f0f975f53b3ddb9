"""Whatever the model, the people and the instant: the engine says what the contract says."""

from datetime import datetime

import pytest
from hypothesis import given, note

from contacts.models import Contact
from scoring.engine.publish import publish
from scoring.engine.recompute import work
from scoring.engine.results import score
from scoring.engine.retries import refresh_pending
from tests.engine.reference import World, instant
from tests.engine.stored import Data, comparable, store, stored_results, undone, version
from tests.engine.worlds import Drawn, worlds
from tests.profiles import examples


def contract(drawn: Drawn) -> dict[str, tuple[Data, list[int]]]:
    world = World(drawn.document)
    for contact in drawn.contacts:
        world.contact(contact)
    for activity in drawn.activities:
        world.activity(activity)
    results = world.results(instant(drawn.as_of))
    return {email: (found.data, found.slots) for email, found in results.items() if found}


def computed(drawn: Drawn, as_of: datetime) -> dict[str, tuple[Data, list[int]]]:
    """By the statement for given ids, nothing stored."""
    emails = dict(Contact.objects.values_list("pk", "email_key"))
    document = version(drawn.document).document_value
    results = score(document, list(emails), as_of, "default")
    return comparable((emails[pk], result) for pk, result in results.items())


@pytest.mark.django_db
@examples(60)
@given(worlds())
def test_it_scores_as_the_contract_says(drawn: Drawn) -> None:
    as_of = instant(drawn.as_of)
    expected = contract(drawn)
    note(str(expected))
    with undone():
        store(drawn.contacts, drawn.activities)
        assert computed(drawn, as_of) == expected
        list(work(publish(version(drawn.document), as_of)))
        assert stored_results() == expected
        while refresh_pending(as_of):
            pass
        assert stored_results() == expected

"""Whoever is merged, and parted: what is stored is what the contract says of both together."""

import copy
from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Contact
from contacts.normalise import email_key
from scoring.engine.models import Score, ScoreChange, Track
from scoring.engine.retries import refresh_pending
from scoring.engine.verify import differences, without_history
from scoring.pipeline.merging.fields import differences as fields_differing
from scoring.pipeline.merging.merge import MergeContacts
from scoring.pipeline.merging.undo import UndoMerge
from tests.engine.reference import World, instant
from tests.engine.stored import live, store, stored_results, undone
from tests.engine.worlds import Drawn, worlds
from tests.profiles import examples

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def united(world: World, stays: Contact, goes: Contact, taken: set[str]) -> World:
    """The contract's world after the merge, by its own shapes."""
    found = copy.deepcopy(world)
    own, other = found.people[stays.email_key], found.people.pop(goes.email_key)
    for field in taken:
        if field.startswith("attributes."):
            key = field.removeprefix("attributes.")
            own.attributes[key] = other.attributes.get(key)
        elif field == "company_id":
            own.company = other.company
        else:
            own.fields[field] = other.fields.get(field)
    for flag in ("unsubscribed", "bounced"):
        own.fields[flag] = bool(own.fields.get(flag) or other.fields.get(flag))
    known = [each.fields.get("created_at") for each in (own, other)]
    own.fields["created_at"] = min((each for each in known if each), key=instant, default=None)
    own.tags = own.tags | other.tags
    for act in found.activities:
        if email_key(act["contact"]) == goes.email_key:
            act["contact"] = stays.email
    return found


def contract(world: World, as_of: Any) -> dict[str, Any]:
    results = world.results(as_of)
    return {email: (found.data, found.slots) for email, found in results.items() if found}


def check(track: Track, as_of: Any) -> None:
    """Also after whatever still waits was done, the stored scores hold, and their history."""
    for _time in range(2):
        assert list(differences(track, as_of)) == []
        assert list(without_history(track)) == []
        while refresh_pending(as_of):
            pass
    for score in Score.objects.filter(track=track):
        changes = ScoreChange.objects.filter(track=track, contact=score.contact_id)
        revisions = list(changes.order_by("revision").values_list("revision", flat=True))
        assert revisions == list(range(1, score.revision + 1))


@given(drawn=worlds(), data=st.data())
@examples(6)
def test_the_score_of_both_is_the_contracts_and_undone_it_is_as_before(
    drawn: Drawn, data: st.DataObject
) -> None:
    with undone():
        user = User.objects.create_superuser("root")
        as_of = instant(drawn.as_of)
        world = World(drawn.document)
        for record in [*drawn.contacts, {"email": "twin@b.example"}]:
            store([record])
            world.contact(record)
        for number, act in enumerate(drawn.activities):
            act = act | {"source": "test", "external_id": str(number)}
            store([], [act])
            world.activity(act)
        track = live(drawn.document, as_of)
        people = list(Contact.objects.order_by("pk"))
        stays = data.draw(st.sampled_from(people))
        goes = data.draw(st.sampled_from([each for each in people if each != stays]))
        differing = [each.field for each in fields_differing(stays, goes) if each.field != "email"]
        taken = set(data.draw(st.lists(st.sampled_from(differing)))) if differing else set()
        before = stored_results()
        merge = MergeContacts(user, stays.pk, goes.pk, taken).execute(as_of)
        assert stored_results() == contract(united(world, stays, goes, taken), as_of)
        check(track, as_of)
        assert UndoMerge(user, merge.pk).execute(as_of).remarks == []
        assert stored_results() == before
        check(track, as_of)

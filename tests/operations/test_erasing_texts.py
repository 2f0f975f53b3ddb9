"""What others wrote: of the person nothing stays in it, of everybody else all."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from contacts.models import (
    Contact,
    FieldChange,
    Merge,
    Pending,
    Tag,
    Task,
)
from scoring.operations.erasing import sweeping
from scoring.operations.erasing.erase import EraseContact
from scoring.operations.erasing.identity import Identity
from scoring.pipeline.merging.merge import MergeContacts
from scoring.pipeline.merging.undo import UndoMerge
from tests.operations.stuffing import EMAIL, FIRST, FORMER, LAST, NAME, PHONE

pytestmark = pytest.mark.django_db


def test_an_address_that_is_somebody_elses_is_not_taken_from_them(ana: Contact, ada: User) -> None:
    """Once typed here by mistake; once merged into this contact, and parted again."""
    others = [Contact.objects.create(email=f"{name}@x.example", first_name=name, last_name="Lee")
              for name in ("bob", "eve")]  # fmt: skip
    before = {"contact": ana, "field": "email", "changed_at": timezone.now()}
    FieldChange.objects.create(**before, before="bob@x.example", after=EMAIL)
    MergeContacts(ada, ana.pk, others[1].pk).execute()
    UndoMerge(ada, Merge.objects.get(merged_id=others[1].pk).pk).execute()
    said = "To bob@x.example and eve@x.example, eve Lee"
    task = Task.objects.create(contact=others[0], title=said)
    EraseContact(ada, ana.pk, EMAIL).execute()
    task.refresh_from_db()
    assert task.title == said


def test_what_others_say_of_the_person_goes_and_leaves_no_history(ana: Contact, ada: User) -> None:
    other = Contact.objects.create(
        email="o@x.example", phone=PHONE[-6:], job_title=f"Assistant of {NAME}",
        attributes={"referrer": f"{NAME} {EMAIL}", "tel": 34699123456, "seats": 99123456},
    )  # fmt: skip
    Pending.objects.all().delete()
    EraseContact(ada, ana.pk, EMAIL).execute()
    other.refresh_from_db()
    called = f"erased-{ana.pk}"
    assert (other.job_title, other.phone) == (f"Assistant of {called}", PHONE[-6:])
    assert other.attributes == {
        "referrer": f"{called} {called}@erased.invalid", "tel": None, "seats": 99123456,
    }  # fmt: skip
    assert Contact.out_of_step(other) == []
    assert not other.changes.exists()
    assert Pending.objects.filter(contact=other).exists()


def test_what_somebody_else_writes_meanwhile_is_not_lost(
    ana: Contact, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between finding the rows and sweeping each of them."""
    other = Contact.objects.create(email="o@x.example", attributes={"of": NAME, "seats": 1})
    found = sweeping.naming

    def naming(model: Any, identity: Identity) -> list[Any]:
        pks = found(model, identity)
        if model is Contact:
            Contact.objects.filter(pk=other.pk).update(attributes={"of": NAME, "seats": 2})
        return pks

    monkeypatch.setattr(sweeping, "naming", naming)
    EraseContact(ada, ana.pk, EMAIL).execute()
    other.refresh_from_db()
    assert other.attributes == {"of": f"erased-{ana.pk}", "seats": 2}


def test_two_tags_that_named_the_person_stay_two_and_are_no_longer_than_may_be(
    ana: Contact, ada: User
) -> None:
    long = "x" * 83
    for said in (
        f"{FORMER} {long}",
        f"erased-{ana.pk}@erased.invalid {long}",
        NAME,
        f"{LAST}, {FIRST}",
    ):
        Tag.objects.create(name=said[:100])
    EraseContact(ada, ana.pk, EMAIL).execute()
    names = Tag.objects.filter(name__startswith="erased-").values_list("name", flat=True)
    assert len(set(names)) == 4 and max(map(len, names)) == 100


def test_a_name_of_two_words_in_one_field_is_looked_for(ada: User) -> None:
    whole = Contact.objects.create(email="z@x.example", first_name="Bartolomea Zuniga")
    other = Contact.objects.create(email="o@x.example", first_name="Ana")
    task = Task.objects.create(contact=other, title="Ask bartolomea zuniga, not Ana Zuniga")
    EraseContact(ada, whole.pk, "z@x.example").execute()
    task.refresh_from_db()
    assert task.title == f"Ask erased-{whole.pk}, not Ana Zuniga"

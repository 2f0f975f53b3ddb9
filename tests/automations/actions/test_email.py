"""The action that writes to the contact: from the owner, once, and only to who takes mail."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from pytest_django import Settings

from contacts.models import Contact
from scoring.automations.actions import Impossible
from scoring.automations.outbox.delivery import dispatch
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import OwnerCard
from tests.automations.actions.acting import action, errors, faults, occasion, parameters

pytestmark = pytest.mark.django_db
TEXTS = {
    "subject": "{{ contact.first_name }}, a word",
    "text": "Book it here: {{ owner.meeting_link }}",
}
LINK = "https://cal.example.com/saul"


@pytest.fixture
def lea(saul: User) -> Contact:
    OwnerCard.objects.create(user=saul, meeting_link=LINK, signature="Saul, Acme")
    return Contact.objects.create(email="lea@example.com", first_name="Lea", owner="saul")


def written(contact: Contact, key: str = "x:1:0", **data: Any) -> str:
    return action("email", **{**TEXTS, **data}).run(occasion(contact, key))


def test_a_letter_with_the_meeting_link_and_the_signature(lea: Contact, settings: Settings) -> None:
    settings.DELIVERY = "live"
    assert written(lea) == "The e-mail to lea@example.com is in the outbox."
    dispatch()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["lea@example.com"], "Lea, a word")
    assert LINK in str(sent.body)
    assert "Saul, Acme" in str(sent.body)
    assert "saul@example.com" in sent.reply_to[0]
    assert "List-Unsubscribe" not in sent.message()


def test_one_that_offers_leaving_has_the_header_too(lea: Contact, settings: Settings) -> None:
    settings.DELIVERY = "live"
    written(lea, text="Not again: {{ unsubscribe.link }}")
    dispatch()
    link = mail.outbox[0].message()["List-Unsubscribe"].strip("<>")
    assert f"Not again: {link}" in str(mail.outbox[0].body)


@pytest.mark.parametrize("field", ["unsubscribed", "bounced"])
def test_whoever_takes_no_mail_gets_none(lea: Contact, field: str) -> None:
    setattr(lea, field, True)
    lea.save()
    assert written(lea).startswith("Not sent: The contact")
    assert Message.objects.get().state == Message.State.CANCELLED


def test_the_same_crossing_writes_once(lea: Contact) -> None:
    for _try in range(2):
        written(lea)
    assert Message.objects.count() == 1


def test_a_test_goes_to_the_owner_and_not_to_the_contact(lea: Contact, saul: User) -> None:
    assert (
        written(lea, "test:1") == written(lea) == "The e-mail to lea@example.com is in the outbox."
    )
    message = Message.objects.get(key="test:1")
    assert message.recipient == saul.email
    assert message.subject.startswith("[Test] ")


def test_a_test_needs_no_more_than_the_letter_itself(lea: Contact, saul: User) -> None:
    saul.email = ""
    saul.save()
    assert written(lea, "test:1") == written(lea)


def test_it_is_impossible_without_an_owner(lea: Contact) -> None:
    lea.owner = "somebody else"
    with pytest.raises(Impossible, match="no owner"):
        written(lea)


def test_it_is_impossible_where_a_link_is_promised_and_there_is_none(lea: Contact) -> None:
    OwnerCard.objects.update(meeting_link="")
    with pytest.raises(Impossible, match="no meeting link"):
        written(lea)
    written(lea, text="Book: {{ owner.meeting_link | by answering this }}")
    assert "Book: by answering this" in Message.objects.get().content["text"]


@pytest.mark.parametrize(
    ("data", "beginnings"),
    [
        ({}, ["subject: is missing", "text: is missing"]),
        ({"subject": "a", "text": "{{ nope }}"}, ["text: “nope” is no variable"]),
        ({"subject": "a", "text": "b", "to": "c"}, ["to: is not known here"]),
        ({"subject": 1, "text": "b"}, ["subject: "]),
    ],
)
def test_every_fault_is_told(data: dict[str, Any], beginnings: list[str]) -> None:
    found = faults("email", **data)
    assert len(found) == len(beginnings)
    for fault, beginning in zip(found, beginnings, strict=True):
        assert fault.startswith(beginning)


def test_document_form_and_sentence_say_the_same() -> None:
    assert action("email", **TEXTS).data() == TEXTS == parameters("email", **TEXTS)
    said = action("email", **TEXTS).sentence()
    assert said == "send the contact the e-mail “{{ contact.first_name }}, a word” from its owner"
    assert set(errors("email", subject="{{ x", text="")) == {"subject", "text"}

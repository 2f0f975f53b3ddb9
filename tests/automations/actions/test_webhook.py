"""The action that tells another system: what, how much of it, and once."""

from typing import Any

import pytest

from contacts.models import Company, Contact, Tag
from scoring.automations.actions import Impossible
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.receivers import Endpoint
from tests.automations.actions.acting import action, errors, faults, occasion, parameters

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea(db: None) -> Contact:
    company = Company.objects.create(name="Acme", domain="acme.example")
    contact = Contact.objects.create(
        email="lea@example.com", first_name="Lea", company=company, attributes={"plan": "pro"}
    )
    contact.set_tags([Tag.objects.create(name="VIP")])
    return contact


@pytest.fixture
def endpoint(db: None) -> Endpoint:
    return Endpoint.objects.create(name="zap", url="https://hooks.example.com/")


def sent(contact: Contact, key: str = "x:1:0", **data: Any) -> dict[str, Any]:
    action("webhook", endpoint="zap", **data).run(occasion(contact, key))
    return Message.objects.get(key=key).content


def test_it_tells_ids_and_the_score_by_default(lea: Contact, endpoint: Endpoint) -> None:
    told = sent(lea, event="lead.hot")
    assert told == {
        "type": "lead.hot",
        "timestamp": "2107-10-03T10:00:00Z",
        "data": {"contact": {"id": lea.pk}, "model": "B2B", "total": None, "band": None},
        "sequence": 0,
    }
    assert "lea@example.com" not in Message.objects.get().body


def test_it_tells_all_where_the_endpoint_asks_for_it(lea: Contact, endpoint: Endpoint) -> None:
    Endpoint.objects.update(full_body=True)
    contact = sent(lea)["data"]["contact"]
    assert (contact["email"], contact["first_name"]) == ("lea@example.com", "Lea")
    assert contact["company"] == {"name": "Acme", "domain": "acme.example"}
    assert (contact["tags"], contact["attributes"]) == (["VIP"], {"plan": "pro"})


def test_what_does_not_fit_is_told_in_short(lea: Contact, endpoint: Endpoint) -> None:
    Endpoint.objects.update(full_body=True)
    lea.attributes = {f"a{number}": "x" * 4000 for number in range(6)}
    assert sent(lea)["data"]["contact"] == {"id": lea.pk}


def test_the_same_crossing_tells_once(lea: Contact, endpoint: Endpoint) -> None:
    assert sent(lea) == sent(lea)
    assert Message.objects.count() == 1


def test_a_test_says_that_it_is_one(lea: Contact, endpoint: Endpoint) -> None:
    assert sent(lea, "test:1")["data"]["test"] is True


def test_it_is_impossible_without_the_endpoint(lea: Contact) -> None:
    with pytest.raises(Impossible, match="no endpoint “zap”"):
        sent(lea)


def test_it_names_what_is_not_there_or_off(endpoint: Endpoint) -> None:
    hook = action("webhook", endpoint="zap")
    assert hook.problems() == []
    Endpoint.objects.update(active=False)
    assert hook.problems() == ["The endpoint “zap” is switched off."]
    assert action("webhook", endpoint="nope").problems() == ["There is no endpoint “nope”."]


@pytest.mark.parametrize(
    ("data", "beginnings"),
    [
        ({}, ["endpoint: is missing"]),
        ({"endpoint": " "}, ["endpoint: must not be empty"]),
        ({"endpoint": "zap", "event": "Lead Hot"}, ["event: must be small letters"]),
        ({"endpoint": "zap", "event": "a..b"}, ["event: must be small letters"]),
        ({"endpoint": "zap", "event": "x" * 101}, ["event: must be small letters"]),
        ({"endpoint": "zap", "url": "https://x/"}, ["url: is not known here"]),
    ],
)
def test_every_fault_is_told(data: dict[str, Any], beginnings: list[str]) -> None:
    found = faults("webhook", **data)
    assert len(found) == len(beginnings)
    for fault, beginning in zip(found, beginnings, strict=True):
        assert fault.startswith(beginning)


def test_document_form_and_sentence_say_the_same(endpoint: Endpoint) -> None:
    data = {"endpoint": "zap", "event": "lead.hot"}
    assert action("webhook", **data).data() == data == parameters("webhook", **data)
    assert action("webhook", **data).sentence() == "send the webhook lead.hot to “zap”"
    assert set(errors("webhook", endpoint="nope", event="Hot!")) == {"endpoint", "event"}

"""What is sent is stored once, and every item is told what became of it."""

from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from contacts.models import (
    Activity,
    ActivityType,
    Company,
    Contact,
    CustomField,
    FieldChange,
    Pending,
)
from scoring.api.again import send_again
from scoring.api.models import RejectedItem, Source
from tests.api.calls import ACTIVITIES, CONTACTS, Caller, caller, counts, states, visit

pytestmark = pytest.mark.django_db
OLD = "2016-03-31T10:00:00Z"


def test_one_activity_is_stored(shop: Caller) -> None:
    answer = shop.post(ACTIVITIES, visit(target="/pricing", properties={"seconds": 30}))
    assert answer.status_code == 200
    assert answer.json()["results"] == [{"index": 0, "external_id": "v-1", "status": "created"}]
    activity = Activity.objects.get()
    assert (activity.source, activity.external_id) == ("shop", "v-1")
    assert (activity.target.text, activity.properties) == ("/pricing", {"seconds": 30})
    assert activity.given_at is None
    assert activity.contact.email == "ana@acme.example"
    assert [one.quiet for one in Pending.objects.all()] == [False]


def test_the_same_again_is_a_duplicate_and_changes_nothing(shop: Caller) -> None:
    items = [visit("v-1"), visit("v-2")]
    assert counts(shop.post(ACTIVITIES, items)) == (2, 0, 0, 0)
    Pending.objects.all().delete()
    answer = shop.post(ACTIVITIES, items)
    assert answer.status_code == 200
    assert counts(answer) == (0, 2, 0, 0)
    assert Activity.objects.count() == 2
    assert not Pending.objects.exists()


def test_lines_are_items(shop: Caller) -> None:
    for kind in ("application/x-ndjson", "application/jsonl", "application/json-lines"):
        lines = f'\n{{"contact": "a@x.example", "type": "call", "occurred_at": "{OLD}"}}\r\n\n'
        answer = shop.post(ACTIVITIES, lines.encode() * 2, kind)
        assert answer.status_code == 200
        assert len(answer.json()["results"]) == 2
    assert Activity.objects.count() == 1


def test_the_good_are_stored_and_the_bad_are_named(shop: Caller) -> None:
    items = [visit(f"v-{number}") for number in range(10)]
    items[3]["type"] = "No slug"
    items[7]["contact"] = "nobody"
    answer = shop.post(ACTIVITIES, items)
    assert answer.status_code == 207
    assert counts(answer) == (8, 0, 2, 0)
    bad = [one for one in answer.json()["results"] if one["status"] == "rejected"]
    assert [(one["index"], one["field"]) for one in bad] == [(3, "type"), (7, "contact")]
    assert all(one["detail"] and not one["retryable"] for one in bad)
    assert Activity.objects.count() == 8
    for item in (items[3], items[7]):
        item |= {"type": "call", "contact": "ana@acme.example"}
    assert counts(shop.post(ACTIVITIES, items)) == (2, 8, 0, 0)


def test_another_content_under_the_same_id_is_a_conflict(shop: Caller) -> None:
    first = visit(target="/pricing", properties={"a": 1, "b": "x"})
    shop.post(ACTIVITIES, first)
    shop.post(ACTIVITIES, visit("other", contact="bea@acme.example"))
    turned = first | {"properties": {"b": "x", "a": 1.0}, "contact": " Ana@ACME.example "}
    assert states(shop.post(ACTIVITIES, turned)) == ["duplicate"]
    changes: list[dict[str, Any]] = [
        {"target": "/about"},
        {"properties": {"a": True, "b": "x"}},
        {"properties": {"a": 1}},
        {"type": "call"},
        {"contact": "bea@acme.example"},
        {"contact": "new@acme.example"},
        {"occurred_at": OLD},
        {"automated": True},
    ]
    for change in changes:
        answer = shop.post(ACTIVITIES, first | change)
        assert answer.status_code == 207
        assert states(answer) == ["conflict"], change
    assert Activity.objects.count() == 2
    assert Contact.objects.count() == 2
    assert Source.objects.get().conflicts == len(changes)


def test_of_two_with_one_id_in_a_batch_the_first_stays(shop: Caller) -> None:
    items = [visit("b"), visit("a", target="/1"), visit("a", target="/2"), visit("b")]
    items[3] = dict(items[0])
    assert states(shop.post(ACTIVITIES, items)) == ["created", "created", "conflict", "duplicate"]
    assert Activity.objects.get(external_id="a").target.text == "/1"


def test_without_an_id_it_is_known_by_what_it_says(shop: Caller) -> None:
    item = visit(None, occurred_at=OLD, properties={"a": 1, "b": 2})
    answer = shop.post(ACTIVITIES, item)
    [result] = answer.json()["results"]
    assert result["external_id"].startswith("derived:")
    same = item | {"properties": {"b": 2, "a": 1}, "contact": "ANA@acme.example"}
    assert states(shop.post(ACTIVITIES, same)) == ["duplicate"]
    for change in ({"target": "/x"}, {"type": "call"}, {"occurred_at": OLD.replace("00Z", "01Z")}):
        assert states(shop.post(ACTIVITIES, item | change)) == ["created"]


def test_another_key_of_the_source_recognises_what_the_first_sent(shop: Caller) -> None:
    item = visit()
    shop.post(ACTIVITIES, item)
    assert states(caller("shop").post(ACTIVITIES, item)) == ["duplicate"]
    assert states(caller("app").post(ACTIVITIES, item)) == ["created"]


def test_an_unknown_contact_is_made_or_refused_as_the_source_says(shop: Caller) -> None:
    strict = caller("strict", creates_contacts=False)
    known = visit("v-0", contact="known@x.example")
    shop.post(CONTACTS, {"email": "known@x.example"})
    answer = strict.post(ACTIVITIES, [visit("v-1"), known])
    assert states(answer) == ["rejected", "created"]
    [refused, _stored] = answer.json()["results"]
    assert (refused["code"], refused["field"]) == ("unknown_contact", "contact")
    assert refused["retryable"] is True
    assert not Contact.objects.filter(email_key="ana@acme.example").exists()
    assert states(shop.post(ACTIVITIES, visit("v-1"))) == ["created"]
    assert Contact.objects.filter(email_key="ana@acme.example").exists()


def test_the_source_may_be_named_but_no_other(shop: Caller) -> None:
    own, other = visit("v-1", source="shop"), visit("v-2", source="web")
    answer = shop.post(ACTIVITIES, [own, other])
    assert states(answer) == ["created", "rejected"]
    assert answer.json()["results"][1]["code"] == "wrong_source"


def test_a_contact_is_made_changed_and_left_alone(shop: Caller) -> None:
    ana = {"email": "Ana@acme.example", "city": "Cádiz", "tags": ["vip"]}
    assert states(shop.post(CONTACTS, ana)) == ["created"]
    Pending.objects.all().delete()
    assert states(shop.post(CONTACTS, ana)) == ["unchanged"]
    assert not Pending.objects.exists()
    answer = shop.post(CONTACTS, {"email": "ana@acme.example", "city": "Vigo", "bounced": True})
    assert states(answer) == ["updated"]
    assert [one.quiet for one in Pending.objects.all()] == [False]
    assert {change.origin for change in FieldChange.objects.all()} == {"api: shop"}
    contact = Contact.objects.get()
    assert (contact.city, contact.bounced, contact.tag_names()) == ("Vigo", True, ["vip"])


def test_of_several_of_one_contact_each_is_told(shop: Caller) -> None:
    new = [{"email": "a@x.example"}, {"email": "A@x.example", "city": "Vigo"}]
    answer = shop.post(CONTACTS, [*new, {"email": "b@x.example"}])
    assert states(answer) == ["created", "updated", "created"]
    assert Contact.objects.get(email_key="a@x.example").city == "Vigo"


def test_a_change_of_only_the_company_is_an_update(shop: Caller) -> None:
    ana = {"email": "a@x.example", "company": {"name": "Acme", "industry": "Steel"}}
    shop.post(CONTACTS, [ana, {"email": "b@x.example", "company": {"name": "Acme"}}])
    ana["company"] = {"name": "Acme", "industry": "Paper"}
    assert states(shop.post(CONTACTS, [ana, {"email": "b@x.example"}])) == ["updated", "unchanged"]
    assert Company.objects.get().industry == "Paper"
    assert states(shop.post(CONTACTS, ana)) == ["unchanged"]


def test_custom_fields_are_declared_first(shop: Caller) -> None:
    data = {"email": "a@x.example", "attributes": {"seats": 5}}
    answer = shop.post(CONTACTS, data)
    assert answer.status_code == 422
    assert answer.json()["results"][0]["code"] == "unknown_field"
    CustomField.objects.create(key="seats", label="Seats", type="number")
    assert states(shop.post(CONTACTS, data)) == ["created"]


def test_a_type_that_nobody_knew_is_a_new_type(shop: Caller) -> None:
    assert states(shop.post(ACTIVITIES, visit(type="fair_visit"))) == ["created"]
    assert ActivityType.objects.filter(slug="fair_visit").exists()


def test_so_many_types_are_enough(shop: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    known = ActivityType.objects.count()
    monkeypatch.setattr("scoring.api.ingestion.TYPES_MOST", known + 2)
    types = ["fair_a", "page_view", "fair_b", "fair_c", "fair_b"]
    items = [visit(f"v-{number}", type=slug) for number, slug in enumerate(types)]
    answer = shop.post(ACTIVITIES, items)
    assert answer.status_code == 207
    assert states(answer) == ["created", "created", "created", "rejected", "created"]
    refused = answer.json()["results"][3]
    assert (refused["code"], refused["field"]) == ("too_many_types", "type")
    answer = shop.post(ACTIVITIES, visit("v-9", type="fair_d"))
    assert (answer.status_code, states(answer)) == (422, ["rejected"])
    assert ActivityType.objects.count() == known + 2
    assert states(shop.post(ACTIVITIES, visit("v-10", type="fair_a"))) == ["created"]


def test_what_was_rejected_is_kept_once_and_counted(shop: Caller) -> None:
    bad = visit("bad", type="No slug")
    for _time in range(2):
        assert shop.post(ACTIVITIES, [visit(), bad]).status_code == 207
    row = RejectedItem.objects.get()
    assert (row.kind, row.name, row.code, row.field) == (
        "activities",
        "bad",
        "invalid_value",
        "type",
    )
    assert '"No slug"' in row.text
    assert Source.objects.get().rejected == 2


def test_what_is_rejected_again_is_kept_as_it_was_refused_last(shop: Caller) -> None:
    item = {"email": "a@x.example", "attributes": {"seats": 5}}
    shop.post(CONTACTS, item)
    first = RejectedItem.objects.get()
    seats = CustomField.objects.create(key="seats", label="Seats", type="number")
    assert send_again(first) == ""
    seats.delete()
    shop.post(CONTACTS, [item, item])
    again = RejectedItem.objects.get()
    assert (again.pk, again.stored_at) == (first.pk, None)
    assert again.received_at > first.received_at
    CustomField.objects.create(key="seats", label="Seats", type="date")
    shop.post(CONTACTS, item)
    other = RejectedItem.objects.get()
    assert other.code != again.code
    assert other.detail != again.detail


def test_of_the_rejected_only_the_newest_of_a_source_are_kept(
    shop: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scoring.api.models.REJECTED_MOST", 3)
    caller("app").post(ACTIVITIES, visit("theirs", type=""))
    for number in range(4):
        shop.post(ACTIVITIES, [visit(f"v-{number}-{each}", type="") for each in range(2)])
    names = RejectedItem.objects.order_by("pk").values_list("name", flat=True)
    assert list(names) == ["theirs", "v-2-1", "v-3-0", "v-3-1"]


def test_the_number_of_queries_does_not_grow_with_the_batch(
    shop: Caller, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    shop.post(ACTIVITIES, [visit("first"), visit("second", contact="b@x.example")])
    items = [visit(f"v-{number}") for number in range(40)]
    # PostgreSQL is asked for broken references inside the transaction of a test alone.
    with django_assert_max_num_queries(14 if connection.vendor == "postgresql" else 13):
        shop.post(ACTIVITIES, items)

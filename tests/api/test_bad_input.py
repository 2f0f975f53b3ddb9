"""Bad inputs A1 to A18 and the right outcome of each: never a server error, never a lie.

What needs several clients or a real server stands in test_at_once.py and test_serving.py.
"""

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Activity, Contact
from tests.api.calls import ACTIVITIES, CONTACTS, PROBLEM, Caller, Data, caller, states, visit

pytestmark = pytest.mark.django_db

MIB = 1024 * 1024


def as_json(data: Any) -> bytes:
    return json.dumps(data).encode()


def with_raw(text: str) -> bytes:
    """An activity whose property is this piece of JSON, as it stands."""
    return as_json(visit(properties={"x": "HERE"})).replace(b'"HERE"', text.encode())


def padded(size: int, **fields: Any) -> bytes:
    """An activity of exactly so many bytes."""
    item = visit(properties={f"p{number}": "" for number in range(20)}, **fields)
    missing = size - len(as_json(item))
    for name in item["properties"]:
        item["properties"][name] = "x" * min(missing, 4096)
        missing -= min(missing, 4096)
    assert missing == 0
    return as_json(item)


def spaced(size: int) -> bytes:
    """A body of exactly so many bytes."""
    return as_json(visit()).ljust(size, b" ")


# What is sent, and the status and code of the whole answer.
WHOLE: list[tuple[str, bytes, int, str]] = [
    ("A1 nested", b"[" * 100_000 + b"]" * 100_000, 400, "too_deep"),
    ("A1 nested objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, 400, "too_deep"),
    ("A1 in an item", as_json([visit()])[:-2] + b',"a":' + b"[" * 30 + b"]" * 30 + b"}]", 400,
     "too_deep"),
    ("A2 a key twice", b'{"contact": "a@x.example", "contact": "b@x.example"}', 400,
     "duplicate_key"),
    ("A2 a property twice", with_raw('{"a": 1, "a": 1}'), 400, "duplicate_key"),
    ("A5 body", spaced(MIB + 1), 413, "too_large"),
    ("A5 too many", as_json([visit(f"v-{n}") for n in range(501)]), 413, "too_many_items"),
    ("A6 empty", b"", 400, "empty"),
    ("A6 blank", b" \n\t ", 400, "empty"),
    ("A6 {}", b"{}", 400, "empty"),
    ("A6 []", b"[]", 400, "empty"),
    ("A6 null", b"null", 400, "wrong_shape"),
    ("A6 text", b'"x"', 400, "wrong_shape"),
    ("A6 number", b"42", 400, "wrong_shape"),
    ("A6 true", b"true", 400, "wrong_shape"),
    ("A6 two objects", b"{} {}", 400, "not_json"),
    ("A6 a list that goes on", b"[{}] x", 400, "not_json"),
    ("A6 a list without comma", b"[{} {}]", 400, "not_json"),
    ("A6 a comma too many", b"[{},]", 400, "not_json"),
    ("A6 a list that does not end", b"[{}", 400, "not_json"),
    ("A8 mark", b"\xef\xbb\xbf" + as_json(visit()), 400, "invalid_encoding"),
    ("A8 broken", as_json(visit())[:-1] + b"\xff}", 400, "invalid_encoding"),
    ("A8 UTF-16", json.dumps(visit()).encode("utf-16"), 400, "invalid_encoding"),
    ("A8 UTF-16 without mark", json.dumps(visit()).encode("utf-16-le"), 400, "invalid_encoding"),
    ("A8 UTF-16 big", json.dumps(visit()).encode("utf-16-be"), 400, "invalid_encoding"),
    ("A4 a raw NUL", with_raw('"\0"'), 400, "not_json"),
    ("quotation marks", b"[" * 25 + rb"\"" * 100_000, 400, "too_deep"),
]  # fmt: skip

# What a property, or another field, is, and the code and field of the item.
ITEM: list[tuple[str, bytes, str, str]] = [
    ("A3 NaN", with_raw("NaN"), "invalid_value", "properties.x"),
    ("A3 Infinity", with_raw("-Infinity"), "invalid_value", "properties.x"),
    ("A3 1e400", with_raw("1e400"), "invalid_value", "properties.x"),
    ("A3 1e9999999999999999999", with_raw("1e9999999999999999999"), "invalid_value",
     "properties.x"),
    ("A3 5,000 digits", with_raw("9" * 5000), "invalid_value", "properties.x"),
    ("A3 2^63", with_raw(str(2**63)), "invalid_value", "properties.x"),
    ("A3 10^12 + 1", with_raw("1000000000001"), "number_too_large", "properties.x"),
    ("A3 below", with_raw("-1000000000000.5"), "number_too_large", "properties.x"),
    ("A4 NUL in a property", with_raw(r'"\u0000"'), "invalid_text", "properties.x"),
    ("A4 half a character", with_raw(r'"\ud800"'), "invalid_text", "properties.x"),
    ("A4 in the id", as_json(visit("\ud800")), "invalid_text", "external_id"),
    ("A4 NUL in the id", as_json(visit("a\0")), "invalid_text", "external_id"),
    ("A4 in the target", as_json(visit(target="\udfff")), "invalid_text", "target"),
    ("A5 an item too large", padded(32 * 1024 + 1), "too_large", ""),
    *((f"A11 {at}", as_json(visit(occurred_at=at)), "invalid_timestamp", "occurred_at")
      for at in ("2026-03-31T10:00:00", "2026-02-30T10:00:00Z", "2026-03-31T24:00:00Z",
                 "2026-03-31T10:00:60Z", "yesterday", "", "2026-03-31", "1774951200")),
    *((f"A12 {at}", as_json(visit(occurred_at=at)), "invalid_timestamp", "occurred_at")
      for at in ("9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+14:00",
                 "12026-01-01T00:00:00Z")),
    ("A12 the last day", as_json(visit(occurred_at="9999-12-31T23:59:59Z")), "future_timestamp",
     "occurred_at"),
    ("A12 the first day", as_json(visit(occurred_at="0001-01-01T00:00:00Z")), "past_timestamp",
     "occurred_at"),
    ("A12 sent before time began", as_json(visit(sent_at="0001-01-01T00:00:00Z",
     occurred_at="9999-01-01T00:00:00Z")), "invalid_timestamp", "occurred_at"),
    ("A15 no slug", as_json(visit(type="Page view")), "invalid_value", "type"),
    ("A15 an object", with_raw('{"a": 1}'), "invalid_value", "properties.x"),
    ("A15 a list", with_raw("[1]"), "invalid_value", "properties.x"),
    *((f"A16 {name}", as_json(visit() | {name: 1}), "unknown_field", name)
      for name in ("total", "owner", "is_staff", "id", "received_at", "given_at")),
    ("no contact", as_json(visit(contact=None)), "required", "contact"),
    ("no instant", as_json(visit(occurred_at=None)), "required", "occurred_at"),
    ("no object", b"[[]]", "invalid_value", ""),
    ("null", b"[null]", "invalid_value", ""),
    ("an id of blanks", as_json(visit("a b")), "invalid_external_id", "external_id"),
    ("an id of 129", as_json(visit("x" * 129)), "invalid_external_id", "external_id"),
    ("an id like ours", as_json(visit("derived:1")), "invalid_external_id", "external_id"),
    ("101 properties", as_json(visit(properties={f"p{n}": n for n in range(101)})), "too_many",
     "properties"),
    ("a key of 65", as_json(visit(properties={"k" * 65: 1})), "invalid_value",
     "properties." + "k" * 65),
    ("a text of 4,097", with_raw(f'"{"x" * 4097}"'), "too_long", "properties.x"),
    ("a target of 4,097", as_json(visit(target="x" * 4097)), "too_long", "target"),
]  # fmt: skip

CONTACT: list[tuple[Data, str, str]] = [
    ({"email": "a@x.example", "total": 99}, "unknown_field", "total"),
    ({"email": "a@x.example", "owner": "saul"}, "unknown_field", "owner"),
    ({"email": "a@x.example", "is_staff": True}, "unknown_field", "is_staff"),
    ({"email": "a@x.example", "id": 1}, "unknown_field", "id"),
    ({"email": "a@x.example", "score": 1}, "unknown_field", "score"),
    ({"email": "a@x.example", "stored_at": "2026-03-31T10:00:00Z"}, "unknown_field", "stored_at"),
    ({"email": "a@x.example", "unsubscribed": False}, "only_true", "unsubscribed"),
    ({"email": "a@x.example", "bounced": None}, "only_true", "bounced"),
    ({"email": "a@x.example", "first_name": "\ud800"}, "invalid_text", "first_name"),
    ({"email": "a@x.example", "first_name": "\0"}, "invalid_text", "first_name"),
    ({"email": "a@x.example", "first_name": 5}, "invalid_value", "first_name"),
    ({"email": "a@x.example", "company": {"name": "A", "employees": 10**13}}, "number_too_large",
     "company.employees"),
    ({"email": "a@x.example", "company": {"owner": "x"}}, "unknown_field", "company.owner"),
    ({"email": "nobody"}, "invalid_value", "email"),
    ({"first_name": "Ana"}, "required", "email"),
]  # fmt: skip

ACCEPTED: list[tuple[str, bytes]] = [
    ("A3 10^12", with_raw("1000000000000")),
    ("A3 -10^12", with_raw("-1000000000000")),
    ("A3 small", with_raw("1e-300")),
    ("A5 body", spaced(MIB)),
    ("A5 500 items", as_json([visit(f"v-{n}") for n in range(500)])),
    ("A5 an item of 32 KiB", padded(32 * 1024)),
    ("depth 20", as_json([visit()])),
    ("an id of 128", as_json(visit("x" * 128))),
    ("an id of all letters", as_json(visit("AZaz09._:-"))),
    ("100 properties", as_json(visit(properties={f"p{n}": n for n in range(100)}))),
    ("a key of 64", as_json(visit(properties={"k" * 64: 1}))),
    ("a text of 4,096", with_raw(f'"{"ñ" * 4096}"')),
    ("a target of 4,096", as_json(visit(target="x" * 4096))),
    ("A13 10 years old", as_json(visit(occurred_at="2016-03-31T10:00:00Z"))),
    ("A12 the year 2000", as_json(visit(occurred_at="2000-01-01T00:00:00Z"))),
    ("A15 a new type", as_json(visit(type="x" * 64))),
]


@pytest.mark.parametrize(
    ("body", "status", "code"), [case[1:] for case in WHOLE], ids=[case[0] for case in WHOLE]
)
def test_a_bad_body_is_refused_as_a_whole(
    body: bytes, status: int, code: str, shop: Caller
) -> None:
    for path in (ACTIVITIES, CONTACTS):
        answer = shop.post(path, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["Content-Type"] == PROBLEM
        assert answer.json()["detail"]
    assert not Activity.objects.exists()
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("body", "code", "field"), [case[1:] for case in ITEM], ids=[case[0] for case in ITEM]
)
def test_a_bad_item_is_refused_with_its_field(
    body: bytes, code: str, field: str, shop: Caller
) -> None:
    answer = shop.post(ACTIVITIES, body)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == PROBLEM
    [result] = answer.json()["results"]
    assert (result["status"], result["code"]) == ("rejected", code)
    assert result["field"] == field
    assert answer.json()["code"] == "all_rejected"
    assert not Activity.objects.exists()
    assert not Contact.objects.exists()
    # The same beside a good one: that is stored.
    bad = body.strip().removeprefix(b"[").removesuffix(b"]") if body.startswith(b"[") else body
    answer = shop.post(ACTIVITIES, b"[" + as_json(visit("good")) + b"," + bad + b"]")
    assert answer.status_code == 207
    assert states(answer) == ["created", "rejected"]
    assert Activity.objects.get().external_id == "good"


@pytest.mark.parametrize(("data", "code", "field"), CONTACT)
def test_a_bad_contact_is_refused_with_its_field(
    data: Data, code: str, field: str, shop: Caller
) -> None:
    answer = shop.post(CONTACTS, [data, {"email": "good@x.example"}])
    assert answer.status_code == 207
    [result, _good] = answer.json()["results"]
    assert (result["code"], result["field"]) == (code, field)
    assert [contact.email for contact in Contact.objects.all()] == ["good@x.example"]


@pytest.mark.parametrize("body", [case[1] for case in ACCEPTED], ids=[case[0] for case in ACCEPTED])
def test_what_just_fits_is_stored(body: bytes, shop: Caller) -> None:
    answer = shop.post(ACTIVITIES, body)
    assert answer.status_code == 200, answer.content[:500]
    assert Activity.objects.count() == answer.json()["accepted"] > 0


def test_a1_deep_nesting_costs_nothing(shop: Caller) -> None:
    before = timezone.now()
    shop.post(ACTIVITIES, b"[" * 500_000 + b"]" * 500_000)
    # The right answer takes some milliseconds; recursion, or a scan that begins anew, seconds.
    assert timezone.now() - before < timedelta(seconds=2)


@pytest.mark.parametrize(
    ("kind", "headers", "status", "code"),
    [
        ("text/plain", {}, 415, "unsupported_media_type"),
        ("application/xml", {}, 415, "unsupported_media_type"),
        ("", {}, 415, "unsupported_media_type"),
        ("application/json; charset=bz2_codec", {}, 415, "unsupported_charset"),
        ("application/json; charset=utf-16", {}, 415, "unsupported_charset"),
        ("application/json", {"Content-Encoding": "gzip"}, 415, "unsupported_encoding"),
        ("application/json", {"Content-Encoding": "br"}, 415, "unsupported_encoding"),
    ],
)
def test_a7_other_media_types_and_encodings_are_refused(
    kind: str, headers: dict[str, str], status: int, code: str, shop: Caller
) -> None:
    body = gzip.compress(b"[" + b" " * 10_000_000 + b"]")
    answer = shop.post(ACTIVITIES, body, kind, **headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == PROBLEM


@pytest.mark.parametrize("kind", ["application/json; charset=UTF-8", "APPLICATION/JSON"])
def test_a7_utf_8_may_be_named(kind: str, shop: Caller) -> None:
    assert shop.post(ACTIVITIES, visit(), kind).status_code == 200


def test_a_bad_line_refuses_the_lines(shop: Caller) -> None:
    answer = shop.post(ACTIVITIES, as_json(visit()) + b"\n{x}\n", "application/jsonl")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_json")
    assert "2" in answer.json()["detail"]
    assert not Activity.objects.exists()


def test_a17_a_key_that_sends_as_another_source_is_forbidden(shop: Caller) -> None:
    caller("web")
    answer = shop.post(ACTIVITIES, visit(source="web"))
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_source")
    assert not Activity.objects.exists()


def test_whatever_there_is_not_is_a_problem(shop: Caller) -> None:
    for path in ("/api/", "/api/v1/", "/api/v1/nothing", "/api/v2/activities", f"{ACTIVITIES}/"):
        answer = shop.get(path)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == PROBLEM
        assert answer.json()["code"] == "not_found"


def test_another_method_is_told_which_there_are(shop: Caller) -> None:
    answer = shop.get(ACTIVITIES)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert answer.headers["Content-Type"] == PROBLEM


def test_details_are_in_the_language_of_who_asks_and_codes_are_not(shop: Caller) -> None:
    there = shop.post(ACTIVITIES, b"{}", **{"Accept-Language": "es"})
    here = shop.post(ACTIVITIES, b"{}", **{"Accept-Language": "en"})
    assert there.json()["code"] == here.json()["code"]
    assert there.headers["Content-Language"] == "es"

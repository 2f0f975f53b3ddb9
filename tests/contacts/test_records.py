"""Records: the shapes of the specification, and every fault of one that is malformed."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contacts.records import (
    ActivityRecord,
    FieldSpec,
    RecordInvalid,
    parse_activity,
    parse_company,
    parse_contact,
    parse_deal,
)

pytestmark = pytest.mark.once

FIELDS = {
    "persona": FieldSpec("choice", ("Decisor", "Usuario")),
    "seats": FieldSpec("number"),
    "has_budget": FieldSpec("boolean"),
    "renewal": FieldSpec("date"),
    "note": FieldSpec("text"),
}
ANA = {"email": "ana@acme.example"}
VISIT = {
    "contact": "ana@acme.example",
    "type": "page_view",
    "occurred_at": "2026-03-31T10:00:00Z",
}


def faults_of(parse: Any, data: object, *more: object) -> dict[str, str]:
    with pytest.raises(RecordInvalid) as caught:
        parse(data, *more)
    return {fault.path: fault.message for fault in caught.value.faults}


def test_a_contact_has_only_what_was_given() -> None:
    record = parse_contact(ANA, FIELDS)
    assert record.email == "ana@acme.example"
    assert record.fields == {}
    assert record.company is None
    assert not record.clears_company
    assert record.tags is None
    assert record.attributes == {}


def test_a_whole_contact_is_read() -> None:
    record = parse_contact(
        {
            **ANA,
            "job_title": " CEO ",
            "country": "es",
            "lifecycle": "MQL",
            "unsubscribed": None,
            "created_at": "2026-03-10T00:00:01Z",
            "company": {"name": "Acme", "employees": 200, "annual_revenue": None},
            "tags": ["Técnico", "tecnico", "vip"],
            "attributes": {"persona": "DECISOR ", "seats": 10, "has_budget": True, "note": ""},
        },
        FIELDS,
    )
    assert record.fields == {
        "job_title": " CEO ",
        "country": "ES",
        "lifecycle": "mql",
        "unsubscribed": False,
        "created_at": datetime(2026, 3, 10, 0, 0, 1, tzinfo=UTC),
    }
    assert record.company == {"name": "Acme", "employees": 200.0, "annual_revenue": None}
    assert record.tags == ("Técnico", "vip")
    assert record.attributes == {
        "persona": "DECISOR ",
        "seats": 10,
        "has_budget": True,
        "note": None,
    }


@pytest.mark.parametrize("company", [None, {}, {"name": ""}, {"domain": None, "employees": None}])
def test_an_empty_company_takes_the_company_away(company: object) -> None:
    record = parse_contact({**ANA, "company": company}, FIELDS)
    assert record.company is None
    assert record.clears_company


@pytest.mark.parametrize("tags", [None, []])
def test_no_tags_take_all_tags_away(tags: object) -> None:
    assert parse_contact({**ANA, "tags": tags}, FIELDS).tags == ()


BAD_CONTACTS: list[tuple[dict[str, object], list[str]]] = [
    ({"email": "nobody"}, ["email"]),
    ({"email": None}, ["email"]),
    ({"total": 100}, ["total"]),
    ({"is_staff": True, "id": 1}, ["is_staff", "id"]),
    ({"first_name": 5}, ["first_name"]),
    ({"first_name": "\0"}, ["first_name"]),
    ({"last_name": "\ud800"}, ["last_name"]),
    ({"phone": "1" * 256}, ["phone"]),
    ({"country": "Spain"}, ["country"]),
    ({"lifecycle": "friend"}, ["lifecycle"]),
    ({"unsubscribed": "true"}, ["unsubscribed"]),
    ({"bounced": 1}, ["bounced"]),
    ({"created_at": "2026-03-10"}, ["created_at"]),
    ({"created_at": "0001-01-01T00:00:00+14:00"}, ["created_at"]),
    ({"company": "Acme"}, ["company"]),
    ({"company": {"employees": 5}}, ["company"]),
    ({"company": {"name": "´", "employees": 5}}, ["company"]),
    ({"company": {"name": "Acme", "employees": "5"}}, ["company.employees"]),
    ({"company": {"name": "Acme", "size": 5}}, ["company.size"]),
    ({"tags": "vip"}, ["tags"]),
    ({"tags": ["vip", " ", 5]}, ["tags[1]", "tags[2]"]),
    ({"tags": ["x" * 101]}, ["tags[0]"]),
    ({"attributes": []}, ["attributes"]),
    ({"attributes": {"seats": "ten"}}, ["attributes.seats"]),
    ({"attributes": {"seats": True}}, ["attributes.seats"]),
    ({"attributes": {"has_budget": "true"}}, ["attributes.has_budget"]),
    ({"attributes": {"renewal": "2026-02-30"}}, ["attributes.renewal"]),
    ({"attributes": {"persona": "Boss"}}, ["attributes.persona"]),
    ({"attributes": {"note": 5}}, ["attributes.note"]),
    ({"attributes": {"shoe_size": 5}}, ["attributes.shoe_size"]),
    ({"attributes": {"a\ud800": 5}}, ["attributes.a\N{REPLACEMENT CHARACTER}"]),
]


@pytest.mark.parametrize(("part", "paths"), BAD_CONTACTS)
def test_a_bad_contact_is_refused_naming_the_field(
    part: dict[str, object], paths: list[str]
) -> None:
    assert sorted(faults_of(parse_contact, ANA | part, FIELDS)) == sorted(paths)


@pytest.mark.parametrize("data", [None, "x", 42, [], [ANA], True])
def test_what_is_no_object_is_refused(data: object) -> None:
    assert list(faults_of(parse_contact, data, FIELDS)) == [""]


def test_every_fault_of_a_record_is_told_at_once() -> None:
    bad = {"email": "x", "country": "Spain", "tags": 5, "attributes": {"seats": "x"}, "id": 1}
    assert sorted(faults_of(parse_contact, bad, FIELDS)) == [
        "attributes.seats",
        "country",
        "email",
        "id",
        "tags",
    ]


def test_a_long_value_is_shown_short_and_on_one_line() -> None:
    with pytest.raises(RecordInvalid) as caught:
        parse_contact({**ANA, "phone": "\n" + "1" * 5000}, FIELDS)
    assert len(caught.value.faults[0].value) < 110
    assert "\n" not in caught.value.faults[0].value


def test_an_activity_is_read() -> None:
    record = parse_activity(
        {
            **VISIT,
            "target": "/precios",
            "properties": {"seconds": 30.5, "campaign": "Otoño", "mobile": True, "none": None},
            "automated": True,
            "source": "gen",
            "external_id": "1-0",
        }
    )
    assert record == ActivityRecord(
        contact="ana@acme.example",
        type="page_view",
        occurred_at=datetime(2026, 3, 31, 10, tzinfo=UTC),
        target="/precios",
        properties={"seconds": 30.5, "campaign": "Otoño", "mobile": True},
        automated=True,
        source="gen",
        external_id="1-0",
    )


@pytest.mark.parametrize("nothing", [{}, {"target": None, "properties": None, "external_id": ""}])
def test_what_an_activity_does_not_say_is_empty(nothing: dict[str, object]) -> None:
    record = parse_activity(VISIT | nothing)
    assert (record.target, record.properties, record.automated) == ("", {}, False)
    assert (record.source, record.external_id) == ("", None)


BAD_ACTIVITIES: list[tuple[dict[str, object], list[str]]] = [
    ({"contact": None}, ["contact"]),
    ({"type": "Page View"}, ["type"]),
    ({"type": None}, ["type"]),
    ({"occurred_at": None}, ["occurred_at"]),
    ({"occurred_at": "2026-03-31T10:00:00"}, ["occurred_at"]),
    ({"target": 5}, ["target"]),
    ({"target": "x" * 4097}, ["target"]),
    ({"automated": "no"}, ["automated"]),
    ({"external_id": 5}, ["external_id"]),
    ({"external_id": "x" * 201}, ["external_id"]),
    ({"points": 5}, ["points"]),
    ({"properties": []}, ["properties"]),
    ({"properties": {"Bad Key": 1}}, ["properties.Bad Key"]),
    ({"properties": {"a": {"b": 1}}}, ["properties.a"]),
    ({"properties": {"a": [1]}}, ["properties.a"]),
    ({"properties": {"a": float("inf")}}, ["properties.a"]),
    ({"properties": {f"k{n}": n for n in range(101)}}, ["properties"]),
]


@pytest.mark.parametrize(("part", "paths"), BAD_ACTIVITIES)
def test_a_bad_activity_is_refused_naming_the_field(
    part: dict[str, object], paths: list[str]
) -> None:
    assert list(faults_of(parse_activity, VISIT | part)) == paths


def test_a_company_needs_a_name_or_a_domain() -> None:
    assert parse_company({"domain": "acme.example"}).fields == {"domain": "acme.example"}
    assert list(faults_of(parse_company, {"country": "ES"})) == [""]
    assert list(faults_of(parse_company, {})) == [""]


def test_a_deal_is_called_by_its_id_where_it_has_no_name() -> None:
    deal = parse_deal({"external_id": "7", "stage": "Won", "amount": 5, "company": {"name": "A"}})
    assert deal.name == "7"
    assert deal.company == {"name": "A"}


@pytest.mark.parametrize(
    ("part", "paths"),
    [
        ({"external_id": None}, ["external_id"]),
        ({"stage": " "}, ["stage"]),
        ({"outcome": "sold"}, ["outcome"]),
        ({"amount": 0.001}, ["amount"]),
        ({"contact": "nobody"}, ["contact"]),
        ({"closed_at": "2026-02-30"}, ["closed_at"]),
    ],
)
def test_a_bad_deal_is_refused_naming_the_field(part: dict[str, object], paths: list[str]) -> None:
    assert list(faults_of(parse_deal, {"external_id": "7", "stage": "Won"} | part)) == paths

"""Every operator on the database, as tables of who meets it; each row also negated."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scoring.criteria.fields import FieldKind
from scoring.criteria.operators import REGISTRY, names_for, operator
from scoring.criteria.operators.base import Unary, register
from tests.criteria.people import AS_OF, acts_where, people_where, store, store_acts

People = Mapping[str, Mapping[str, object]]
pytestmark = pytest.mark.django_db

TITLES: People = {
    "none": {},
    "blank": {"job_title": "   "},
    "ceo": {"job_title": "  CÉO   of Añover "},
    "wide": {"job_title": "ｃｅｏ"},
    "percent": {"job_title": "100% Online_\\x"},
    "fi": {"job_title": "ﬁnance lead"},
    "sharp": {"job_title": "Straße"},
    "greek": {"job_title": "ΣΊΣΥΦΟΣ"},
}
TEXT_CASES = [
    ("equals", "ceo", {"wide"}),
    ("equals", "CEO of anover", {"ceo"}),
    ("equals", "STRASSE", {"sharp"}),
    ("equals", "σισυφος", {"greek"}),
    ("not_equals", "ceo", TITLES.keys() - {"wide"}),
    ("contains", "e", {"ceo", "wide", "percent", "fi", "sharp"}),
    ("contains", "0%", {"percent"}),
    ("contains", "_", {"percent"}),
    ("contains", "\\", {"percent"}),
    ("contains", "1__", set()),
    ("not_contains", "%", TITLES.keys() - {"percent"}),
    ("starts_with", "céo", {"ceo", "wide"}),
    ("starts_with", "finance", {"fi"}),
    ("starts_with", "1_", set()),
    ("ends_with", "AÑOVER", {"ceo"}),
    ("ends_with", "_\\x", {"percent"}),
    ("ends_with", "a much longer text than any title", set()),
    ("in", ["CEO", "straße"], {"wide", "sharp"}),
    ("not_in", ["CEO", "straße"], TITLES.keys() - {"wide", "sharp"}),
    ("is_empty", None, {"none", "blank"}),
    ("is_not_empty", None, TITLES.keys() - {"none", "blank"}),
]


def leaf(field: str, op: str, value: object) -> dict[str, object]:
    return {"field": field, "op": op} | ({} if value is None else {"value": value})


def check(people: People, field: str, op: str, value: object, matching: Iterable[str]) -> None:
    condition = leaf(field, op, value)
    assert people_where(condition) == matching
    assert people_where({"not": condition}) == people.keys() - set(matching)


@pytest.mark.parametrize(("op", "value", "matching"), TEXT_CASES)
@pytest.mark.parametrize("field", ["job_title", "attributes.persona", "company.industry"])
def test_a_text_operator_and_its_negation_share_out_the_contacts(
    field: str, op: str, value: object, matching: set[str]
) -> None:
    if field == "attributes.persona":
        store({n: {"attributes": {"persona": p.get("job_title", "")}} for n, p in TITLES.items()})
    elif field == "company.industry":
        store(
            {
                name: {"company": {"name": name, "industry": person["job_title"]}} if person else {}
                for name, person in TITLES.items()
            }
        )
    else:
        store(TITLES)
    check(TITLES, field, op, value, matching)


def test_a_choice_is_compared_like_a_text() -> None:
    people: People = {"none": {}, "small": {"attributes": {"size": "s"}}}
    store(people)
    check(people, "attributes.size", "equals", "S", {"small"})
    check(people, "attributes.size", "not_in", ["S", "L"], {"none"})


def test_a_list_may_hold_more_texts_than_a_statement_takes_parameters() -> None:
    store(TITLES)
    many = [f"title {number}" for number in range(40_000)]
    assert people_where(leaf("job_title", "in", [*many, "CEO"])) == {"wide"}


SIZES: People = {
    "alone": {},
    "unknown": {"company": {"name": "Unknown"}},
    "zero": {"company": {"name": "Zero", "employees": 0}},
    "half": {"company": {"name": "Half", "employees": 49.5}},
    "fifty": {"company": {"name": "Fifty", "employees": 50}},
    "big": {"company": {"name": "Big", "employees": 5_000_000}},
}
NUMBER_CASES = [
    ("eq", 50.0, {"fifty"}),
    ("eq", 49.5, {"half"}),
    ("ne", 50, SIZES.keys() - {"fifty"}),
    ("lt", 50, {"zero", "half"}),
    ("lte", 50, {"zero", "half", "fifty"}),
    ("gt", 49.5, {"fifty", "big"}),
    ("gte", 49.5, {"half", "fifty", "big"}),
    ("between", [49.5, 50], {"half", "fifty"}),
    ("between", [0, 0], {"zero"}),
    ("is_empty", None, {"alone", "unknown"}),
    ("is_not_empty", None, {"zero", "half", "fifty", "big"}),
]


@pytest.mark.parametrize(("op", "value", "matching"), NUMBER_CASES)
@pytest.mark.parametrize("field", ["company.employees", "attributes.seats"])
def test_a_number_operator_and_its_negation_share_out_the_contacts(
    field: str, op: str, value: object, matching: set[str]
) -> None:
    people = SIZES
    if field == "attributes.seats":
        people = {
            name: {"attributes": {"seats": person["company"]["employees"]}}  # type: ignore[index]
            if "employees" in person.get("company", {})  # type: ignore[operator]
            else {}
            for name, person in SIZES.items()
        }
    store(people)
    check(people, field, op, value, matching)


@pytest.mark.parametrize(
    ("field", "people"),
    [
        (
            "unsubscribed",
            {"none": {}, "no": {"unsubscribed": False}, "yes": {"unsubscribed": True}},
        ),
        (
            "attributes.budget",
            {
                "none": {},
                "no": {"attributes": {"budget": False}},
                "yes": {"attributes": {"budget": True}},
            },
        ),
    ],
)
def test_is_false_is_the_complement_of_is_true_also_where_nothing_is_given(
    field: str, people: People
) -> None:
    store(people)
    check(people, field, "is_true", None, {"yes"})
    check(people, field, "is_false", None, {"none", "no"})


# AS_OF is 31 August 10:30; one month before is 31 July 10:30, six are the end of February.
TIMES: People = {
    "never": {},
    "cutoff": {"created_at": "2026-07-31T10:30:00Z"},
    "just_in": {"created_at": "2026-07-31T10:30:00.000001Z"},
    "february": {"created_at": "2026-02-28T23:59:59.999999Z"},
    "march": {"created_at": "2026-03-01T00:00:00Z"},
    "now": {"created_at": "2026-08-31T12:30:00+02:00"},
    "future": {"created_at": "2026-08-31T10:30:00.000001Z"},
    "first": {"created_at": "0001-01-01T00:00:00Z"},
}
INSTANT_CASES = [
    ("before", "2026-03-01", {"february", "first"}),
    ("before", "2026-03-01T01:00:00+01:00", {"february", "first"}),
    ("after", "2026-07-31T10:30:00Z", {"just_in", "now", "future"}),
    ("after", "2026-08-31", {"now", "future"}),
    ("within_last", "1 month", {"just_in", "now"}),
    ("within_last", "6 months", {"march", "cutoff", "just_in", "now"}),
    ("within_last", "9999 years", TIMES.keys() - {"never", "future"}),
    ("older_than", "1 month", {"cutoff", "march", "february", "first"}),
    ("older_than", "6 months", {"february", "first"}),
    ("older_than", "9999 years", set()),
    ("is_empty", None, {"never"}),
    ("is_not_empty", None, TIMES.keys() - {"never"}),
]


@pytest.mark.parametrize(("op", "value", "matching"), INSTANT_CASES)
def test_an_instant_operator_and_its_negation_share_out_the_contacts(
    op: str, value: object, matching: set[str]
) -> None:
    store(TIMES)
    check(TIMES, "created_at", op, value, matching)


DAYS: People = {
    "never": {},
    "ancient": {"attributes": {"renewal": "0001-01-01"}},
    "july30": {"attributes": {"renewal": "2026-07-30"}},
    "july31": {"attributes": {"renewal": "2026-07-31"}},
    "august1": {"attributes": {"renewal": "2026-08-01"}},
    "today": {"attributes": {"renewal": "2026-08-31"}},
    "tomorrow": {"attributes": {"renewal": "2026-09-01"}},
}
DATE_CASES = [
    ("before", "2026-07-31", {"ancient", "july30"}),
    ("before", "2026-07-31T00:00:00.000001Z", {"ancient", "july30", "july31"}),
    ("after", "2026-07-31", {"august1", "today", "tomorrow"}),
    ("after", "2026-07-30T23:59:59Z", {"july31", "august1", "today", "tomorrow"}),
    ("within_last", "1 month", {"august1", "today"}),
    ("within_last", "9999 years", DAYS.keys() - {"never", "tomorrow"}),
    ("older_than", "1 month", {"ancient", "july30", "july31"}),
    ("older_than", "9999 years", set()),
    ("is_empty", None, {"never"}),
    ("is_not_empty", None, DAYS.keys() - {"never"}),
]


@pytest.mark.parametrize(("op", "value", "matching"), DATE_CASES)
def test_a_date_is_compared_as_its_midnight(op: str, value: object, matching: set[str]) -> None:
    store(DAYS)
    check(DAYS, "attributes.renewal", op, value, matching)


def test_a_date_on_the_cutoff_at_midnight_is_out_of_the_window() -> None:
    store(DAYS)
    midnight = datetime(2026, 8, 31, tzinfo=UTC)
    condition = leaf("attributes.renewal", "within_last", "1 month")
    assert people_where(condition, midnight) == {"august1", "today"}


TAGGED: People = {
    "none": {},
    "vip": {"tags": ["VIP"]},
    "both": {"tags": ["vip", "Técnico"]},
    "other": {"tags": ["otro"]},
}
TAG_CASES = [
    ("has_any", ["vip", "tecnico"], {"vip", "both"}),
    ("has_any", ["VÍP"], {"vip", "both"}),
    ("has_none", ["vip"], {"none", "other"}),
    ("has_all", ["TÉCNICO", "vip", "VIP"], {"both"}),
    ("has_all", ["vip"], {"vip", "both"}),
    ("is_empty", None, {"none"}),
    ("is_not_empty", None, {"vip", "both", "other"}),
]


@pytest.mark.parametrize(("op", "value", "matching"), TAG_CASES)
def test_a_tags_operator_and_its_negation_share_out_the_contacts(
    op: str, value: object, matching: set[str]
) -> None:
    store(TAGGED)
    check(TAGGED, "tags", op, value, matching)


def test_conditions_nest() -> None:
    store(TAGGED)
    vip, tecnico = leaf("tags", "has_any", ["vip"]), leaf("tags", "has_any", ["tecnico"])
    assert people_where({"all": [vip, {"not": tecnico}]}) == {"vip"}
    assert people_where({"any": [tecnico, leaf("tags", "is_empty", None)]}) == {"both", "none"}
    assert people_where({"not": {"any": [vip, tecnico]}}) == {"none", "other"}


PAGES: People = {
    "nowhere": {},
    "pricing": {"target": "  /Pricing?plan=50%"},
    "blog": {"target": "/blog"},
}
TARGET_CASES = [
    ({"op": "starts_with", "value": "/pricing"}, {"pricing"}),
    ({"op": "contains", "value": "%"}, {"pricing"}),
    ({"op": "not_equals", "value": "/BLOG"}, {"nowhere", "pricing"}),
    ({"op": "is_empty"}, {"nowhere"}),
    ({"op": "not_in", "value": ["/blog"]}, {"nowhere", "pricing"}),
]


@pytest.mark.parametrize(("target", "matching"), TARGET_CASES)
def test_a_target_takes_the_text_operators(target: dict[str, object], matching: set[str]) -> None:
    store_acts(PAGES)
    assert acts_where({"target": target}) == matching


VISITS: People = {
    "bare": {},
    "text": {"properties": {"seconds": "60", "mobile": "true"}},
    "number": {"properties": {"seconds": 60, "mobile": 1}},
    "boolean": {"properties": {"seconds": True, "mobile": True}},
    "blank": {"properties": {"seconds": " ", "mobile": False}},
}
PROPERTY_CASES = [
    ("seconds", "eq", 60, {"number"}),
    ("seconds", "ne", 60, VISITS.keys() - {"number"}),
    ("seconds", "gte", 1, {"number"}),
    ("seconds", "equals", "60", {"text"}),
    ("seconds", "not_equals", "60", VISITS.keys() - {"text"}),
    ("seconds", "is_true", None, {"boolean"}),
    ("seconds", "is_false", None, VISITS.keys() - {"boolean"}),
    ("seconds", "is_empty", None, {"bare", "blank"}),
    ("seconds", "is_not_empty", None, {"text", "number", "boolean"}),
    ("mobile", "is_true", None, {"boolean"}),
    ("mobile", "is_empty", None, {"bare"}),
    ("seconds", "between", [59.5, 60], {"number"}),
]


@pytest.mark.parametrize(("key", "op", "value", "matching"), PROPERTY_CASES)
def test_an_operator_chooses_the_type_of_a_property(
    key: str, op: str, value: object, matching: set[str]
) -> None:
    store_acts(VISITS)
    test = {"key": key, "op": op} | ({} if value is None else {"value": value})
    assert acts_where({"properties": [test]}) == matching


def test_target_and_properties_must_all_hold() -> None:
    store_acts(
        {
            "yes": {"target": "/a", "properties": {"x": 1, "y": "b"}},
            "no": {"target": "/a", "properties": {"x": 1}},
            "elsewhere": {"target": "/b", "properties": {"x": 1, "y": "b"}},
        }
    )
    properties = [{"key": "x", "op": "eq", "value": 1}, {"key": "y", "op": "is_not_empty"}]
    target = {"op": "equals", "value": "/A"}
    assert acts_where({"target": target, "properties": properties}) == {"yes"}
    assert acts_where({}) == {"yes", "no", "elsewhere"}


def test_every_operator_has_its_heading_and_no_other_is_described() -> None:
    headings = re.findall(r"^## (\w+)$", Path("docs/operators.md").read_text(), re.MULTILINE)
    assert headings == sorted({name for _kind, name in REGISTRY})


def test_the_operators_are_those_of_the_contract() -> None:
    texts = (
        "equals not_equals contains not_contains starts_with ends_with in not_in "
        "is_empty is_not_empty"
    )
    times = "before after within_last older_than is_empty is_not_empty"
    known = {
        FieldKind.TEXT: texts,
        FieldKind.CHOICE: texts,
        FieldKind.NUMBER: "eq ne lt lte gt gte between is_empty is_not_empty",
        FieldKind.BOOLEAN: "is_true is_false",
        FieldKind.INSTANT: times,
        FieldKind.DATE: times,
        FieldKind.TAGS: "has_any has_all has_none is_empty is_not_empty",
    }
    assert {kind: set(names_for(kind)) for kind in FieldKind} == {
        kind: set(names.split()) for kind, names in known.items()
    }


def test_an_operator_cannot_be_registered_twice() -> None:
    with pytest.raises(ValueError, match="equals is registered twice for text"):
        register("equals", FieldKind.TEXT)(Unary)


def test_only_sliding_operators_move_with_time() -> None:
    moving = {
        name
        for (kind, name), found in REGISTRY.items()
        if kind is FieldKind.DATE
        and found.moments(found.parse("1 day") if "_" in name and "is" not in name else None)
    }
    assert moving == {"within_last", "older_than"}
    assert [
        m.at(AS_OF)
        for m in operator(FieldKind.DATE, "older_than").moments(
            operator(FieldKind.DATE, "older_than").parse("1 day")
        )
    ] == [datetime(2026, 8, 30, 10, 30, tzinfo=UTC)]

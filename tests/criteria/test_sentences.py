"""What two teams read and sign: every kind of rule as a sentence."""

from datetime import date
from typing import Any

import pytest
from django.utils.formats import date_format
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from contacts.models import ActivityType
from scoring.criteria.conditions import sentence
from scoring.criteria.document import parse
from scoring.criteria.fields import FieldKind
from scoring.criteria.operators import REGISTRY, operator
from scoring.criteria.phrases import PHRASES, phrase
from tests.criteria.documents import Data, small
from tests.criteria.people import CATALOGUE

PAGE: Data = {"type": "page_view"}
RULES: list[tuple[Data, str]] = [
    (
        {
            "points": 20,
            "activity": PAGE | {"target": {"op": "starts_with", "value": "/pricing"}},
            "limit": 40,
            "decay": {"percent": 50, "every": "1 month"},
        },
        '+20 each time they visit a page whose target starts with "/pricing", '
        "at most 40, fading by 50 % every month",
    ),
    (
        {"points": -5, "activity": {"type": ["email_open", "new_thing"]}, "expires": "2 weeks"},
        "−5 each time they open an e-mail or do “new_thing”, expiring after 2 weeks",
    ),
    (
        {"points": 5, "activity": {"type": ["call", "visit", "purchase"]}, "count": "once"},
        "+5 if they have a call, visit the site or buy something",
    ),
    (
        {"points": 5, "activity": PAGE, "count": "once", "at_least": 3},
        "+5 if they visit a page at least 3 times",
    ),
    (
        {"points": 5, "activity": {"type": "download"}, "count": "once_per_target"},
        "+5 for each different target, if they download something",
    ),
    (
        {"points": 1, "activity": PAGE, "count": "once_per_day", "limit": 10},
        "+1 for each different day, if they visit a page, at most 10",
    ),
    (
        {
            "points": 8,
            "activity": PAGE
            | {
                "target": {"op": "is_not_empty"},
                "properties": [
                    {"key": "seconds", "op": "between", "value": [30, 1500.5]},
                    {"key": "mobile", "op": "is_true"},
                ],
            },
        },
        "+8 each time they visit a page whose target is not empty and seconds is "
        "from 30 to 1,500.5 and mobile is true",
    ),
    (
        {"points": -10, "absent": {"type": "visit"}, "for": "6 months"},
        "−10 if for 6 months they do not visit the site",
    ),
    (
        {"points": 15, "when": {"field": "job_title", "op": "contains", "value": "director"}},
        '+15 if job title contains "director"',
    ),
    (
        {"exclude": True, "when": {"field": "tags", "op": "has_any", "value": ["a", "b"]}},
        'excluded if tags include "a" or "b"',
    ),
    (
        {"exclude": True, "activity": {"type": "bounce"}, "count": "once"},
        "excluded if they do “bounce”",
    ),
]


@pytest.mark.parametrize(("rule", "said"), RULES)
def test_a_rule_reads_as_a_sentence(rule: Data, said: str) -> None:
    document = parse(small(**{"groups[0].rules[0]": {"name": "It"} | rule}))
    assert document.rules[0].sentence(document.catalogue) == said


DATE = date_format(date(2026, 3, 31), "DATE_FORMAT")
LEAVES: list[tuple[str, str, Any, str]] = [
    ("city", "not_in", ["Lugo"], 'city is not "Lugo"'),
    ("city", "in", list("abcdefgh"), 'city is "a", "b", "c", "d", "e" or 3 more'),
    ("city", "equals", "100% %(x)s", 'city is "100% %(x)s"'),
    ("attributes.seats", "gte", 1000, "Seats is at least 1,000"),
    ("attributes.budget", "is_false", None, "Budget is not true"),
    ("attributes.renewal", "before", "2026-03-31", "Renewal is before DATE"),
    (
        "created_at",
        "after",
        "2026-03-31T12:00:00+02:00",
        "created is after DATE 10:00:00 UTC",
    ),
    ("created_at", "within_last", "30 days", "created is within the last 30 days"),
    ("created_at", "older_than", "1 year", "created is at least 1 year ago"),
    ("tags", "has_all", ["a", "b", "c"], 'tags include all of: "a", "b" and "c"'),
    ("tags", "is_empty", None, "tags are empty"),
]


@pytest.mark.parametrize(("field", "op", "value", "said"), LEAVES)
def test_a_condition_reads_as_a_sentence(field: str, op: str, value: object, said: str) -> None:
    found = CATALOGUE.field(field)
    parsed = None if value is None else operator(found.kind, op).parse(value)
    assert operator(found.kind, op).sentence(found, parsed) == said.replace("DATE", DATE)


def test_conditions_are_put_in_brackets_where_they_mix() -> None:
    yes, no = {"field": "city", "op": "is_empty"}, {"field": "bounced", "op": "is_true"}
    condition = {"all": [yes, {"any": [no, {"not": yes}]}, {"any": [{"all": [no, no]}]}]}
    document = parse(small(audience=condition))
    assert document.audience is not None
    assert sentence(document.audience, document.catalogue) == (
        "city is empty and (bounced is true or not (city is empty)) and "
        "(bounced is true and bounced is true)"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "label", "said", "in_spanish"),
    [
        ("page_view", "", "visit a page", "visita una página"),
        ("page_view", "Any page", "visit a page", "visita una página"),
        ("meeting", "", "do “Meeting”", "realiza «Reunión»"),
        ("meeting", "Visit to us", "do “Visit to us”", "realiza «Visit to us»"),
        ("asked_price", "", "do “asked_price”", "realiza «asked_price»"),
        ("asked_price", "100 % ours", "do “100 % ours”", "realiza «100 % ours»"),
    ],
)
def test_a_type_is_said_by_its_phrase_or_by_its_label(
    slug: str, label: str, said: str, in_spanish: str
) -> None:
    ActivityType.objects.update_or_create(slug=slug, defaults={"label": label})
    assert phrase(slug) == said
    with override("es"):
        assert phrase(slug) == in_spanish


@pytest.mark.django_db
def test_two_types_are_never_said_alike() -> None:
    for slug, label in (("tried", "Tried it"), ("tested", "Tried it"), ("met", "Meeting")):
        ActivityType.objects.create(slug=slug, label=label)
    assert phrase("tried") == "do “Tried it (tried)”"
    assert phrase("tested") == "do “Tried it (tested)”"
    assert {phrase("met"), phrase("meeting")} == {"do “Meeting (met)”", "do “Meeting (meeting)”"}


@pytest.mark.django_db
def test_many_sentences_ask_once_for_the_labels(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        assert {phrase(f"unknown_{n}") for n in range(50)} == {
            f"do “unknown_{n}”" for n in range(50)
        }
    with django_assert_num_queries(0):
        phrase("asked_price")


def test_every_operator_and_every_phrase_has_words() -> None:
    assert all("%(field)s" in str(found.words) for found in REGISTRY.values())
    assert all(str(phrase) for phrase in PHRASES.values())


def test_words_are_translated_when_they_are_said() -> None:
    equals = operator(FieldKind.TEXT, "equals")
    with override("es"):
        equals.sentence(CATALOGUE.field("city"), equals.parse("Lugo"))

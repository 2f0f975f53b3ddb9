"""What stands in the form of a scenario is what the document says, both ways."""

from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation

from scoring.agreement.scenarios.cards import Card, property_value, read_number
from scoring.agreement.scenarios.examples import examples
from scoring.agreement.scenarios.tries import bench_of_document
from scoring.criteria import templates
from scoring.criteria.document import parse
from tests.agreement.drafting import form_of
from tests.engine.scored import MODEL

pytestmark = pytest.mark.once

Data = dict[str, Any]

FIELDS: list[Data] = [
    {"key": "seats", "label": "Seats", "type": "number"},
    {"key": "size", "label": "Size", "type": "choice", "choices": ["small", "large"]},
    {"key": "since", "label": "Since", "type": "date"},
    {"key": "trial", "label": "Trial", "type": "boolean"},
]
BENCH = bench_of_document(parse({**MODEL, "fields": FIELDS}))
RICH: Data = {
    "name": "Everything at once",
    "contact": {
        "job_title": "Jefa de compras, y «más»",
        "unsubscribed": True,
        "created_at": "2020-01-01T00:00:00Z",
        "company": {"name": "Norte", "employees": 200, "annual_revenue": 1.5},
        "tags": ["one", 'two, or "three"'],
        "attributes": {"seats": -3, "size": "large", "since": "2024-02-29", "trial": False},
    },
    "activities": [
        {"type": "page_view", "age": "0 days", "target": "/pricing"},
        {
            "type": "purchase",
            "age": "1 month",
            "properties": {"amount": 12.5, "plan": "team, yearly", "code": "007", "new": True},
        },
        {"type": "email_click", "age": "2 weeks", "automated": True},
    ],
    "expect": "hot",
}


def posted(sent: Data) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in sent.items():
        query.setlist(name, list(map(str, value)) if isinstance(value, list) else [str(value)])
    return query


def read(sent: Data) -> tuple[Card, Data | None]:
    card = Card.of_post(posted(sent))
    scenario = card.check(BENCH.catalogue, BENCH.custom, BENCH.bands)
    return card, scenario.data() if scenario else None


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_scenario_goes_through_the_form_unchanged(language: str) -> None:
    with translation.override(language):
        card, data = read(form_of(RICH))
    assert card.faults == {}
    assert data == RICH


@pytest.mark.parametrize("name", templates.names())
def test_every_scenario_of_the_templates_does(name: str) -> None:
    document = templates.template(name)
    bench = bench_of_document(document)
    for scenario in document.scenarios:
        card = Card.of_post(posted(form_of(scenario.data())))
        found = card.check(bench.catalogue, bench.custom, bench.bands)
        assert found == scenario, card.faults


@pytest.mark.parametrize(
    ("changed", "place", "words"),
    [
        ({"name": ""}, "name", "Must not be empty"),
        ({"name": "x" * 201}, "name", "at most 200"),
        ({"name": "a\0b"}, "name", "U+0000"),
        ({"expect": "boiling"}, "expect", "Must be one of"),
        ({"c0-value": "x" * 10_000}, "c0-value", "at most 255"),
        ({"c0-field": ""}, "c0-field", "Choose a field"),
        ({"c0-field": "password"}, "c0-field", "Choose a field"),
        ({"c1-value": "perhaps"}, "c1-value", "Write yes or no"),
        ({"c2-value": "yesterday"}, "c2-value", "An instant is written"),
        ({"c4-value": "many"}, "c4-value", "must be a number"),
        ({"c4-value": "1.000"}, "c4-value", "Write 1000"),
        ({"c4-value": "9" * 400}, "c4-value", "digits"),
        ({"c3-value": ""}, "c3-value", "needs a domain or a name"),
        ({"c4-field": "company.name"}, "c4-field", "there twice"),
        ({"c8-value": "huge"}, "c8-value", "small, large"),
        ({"a0-type": ""}, "a0-type", "lower-case"),
        ({"a0-type": "DROP TABLE"}, "a0-type", "lower-case"),
        ({"a0-count": "soon"}, "a0-count", "duration"),
        ({"a0-count": "99999999999"}, "a0-count", "duration"),
        ({"a2-unit": "fortnights"}, "a2-count", "duration"),
        ({"a0-target": "a\0b"}, "a0-target", "U+0000"),
        ({"a1-properties": "Amount: 5"}, "a1-properties", "lower-case"),
    ],
)
def test_a_fault_is_told_at_its_input(changed: Data, place: str, words: str) -> None:
    card, data = read(form_of(RICH) | changed)
    assert data is None
    assert words in card.faults[place], card.faults


@pytest.mark.parametrize("text", ["true", "007", "12", '"12"', "team", '"half', "1e5", "-"])
def test_properties_say_whether_they_are_numbers(text: str) -> None:
    expected: dict[str, object] = {"true": True, "12": 12, '"12"': "12"}
    assert property_value(text) == expected.get(text, text)


def test_both_signs_of_a_fraction_are_understood() -> None:
    assert read_number("2,5") == read_number("2.5") == 2.5


@pytest.mark.parametrize("bands", [["only"], ["cold", "hot"], ["cold", "warm", "hot"]])
def test_examples_are_right_for_any_bands(bands: list[str]) -> None:
    found = examples(bands)
    starts: list[Data] = [{"name": name, "from": 10 * at} for at, name in enumerate(bands)]
    del starts[0]["from"]
    document = parse({**MODEL, "bands": starts, "scenarios": found})
    assert len(document.scenarios) == 5
    assert examples([]) == []

"""Export then import gives the same version: by data, by JSON and by YAML."""

import hashlib
import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.criteria import yaml
from scoring.criteria.canonical import canonical, shortest
from scoring.criteria.document import parse
from tests.criteria.documents import GONE, Data, documents, small
from tests.profiles import examples

pytestmark = pytest.mark.once


@examples(60)
@given(documents())
def test_a_document_comes_back_the_same_from_its_data_and_its_texts(data: Data) -> None:
    document = parse(data)
    assert parse(document.as_data()) == document
    assert parse(json.loads(document.canonical())) == document
    assert parse(yaml.read(document.canonical())) == document
    assert parse(yaml.read(yaml.write(document))).hash == document.hash
    assert all(rule.sentence(document.catalogue) for rule in document.rules)


@examples(40)
@given(documents())
def test_the_canonical_form_keeps_to_its_definition(data: Data) -> None:
    document = parse(data)
    text = document.canonical().decode()
    assert unicodedata.is_normalized("NFC", text)
    assert document.hash == hashlib.sha256(text.encode()).hexdigest()
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", text)
    assert not re.search(r"\s", outside)

    def in_order(pairs: list[tuple[str, object]]) -> None:
        assert pairs == sorted(pairs, key=lambda pair: pair[0])

    json.loads(text, object_pairs_hook=in_order)


@pytest.mark.parametrize(
    "changes",
    [
        {"groups[0].limits": {}},
        {"groups[1].rules[0].count": "each"},
        {"groups[1].rules[0].points": 20.0},
        {"groups[1].rules[0].activity.type": ["page_view"]},
        {"groups[1].rules[0].activity.type": ["page_view", "page_view"]},
        {"groups[1].rules[0].decay.every": "1 months"},
        {"groups[0].rules[0].exclude": False},
        {"fields[1].label": "size"},
        {"scenarios[0].contact.unsubscribed": False},
        {"scenarios[0].contact.city": None},
        {"scenarios[0].contact.tags": []},
        {"scenarios[0].activities[0].automated": False},
        {"scenarios[0].activities[0].properties": {}},
    ],
)
def test_a_default_written_out_is_the_same_version(changes: Data) -> None:
    assert parse(small(**changes)).hash == parse(small()).hash


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "small"},
        {"groups[1].rules[0].points": 21},
        {"groups[1].rules[0].decay.every": "2 months"},
        {"scenarios": GONE},
        {"objective": GONE},
        {"audience.value": ["PT", "ES"]},
    ],
)
def test_anything_else_is_another_version(changes: Data) -> None:
    assert parse(small(**changes)).hash != parse(small()).hash


def test_an_accent_apart_is_an_accent_within() -> None:
    composed, apart = small(name="Modelo é"), small(name="Modelo e\u0301")
    assert parse(composed).hash == parse(apart).hash


def test_the_canonical_form_is_this() -> None:
    data = {"format": 1.0, "name": "Niño", "groups": [], "bands": [{"name": "cold"}], "limits": {}}
    expected = '{"bands":[{"name":"cold"}],"format":1,"groups":[],"name":"Niño"}'
    assert parse(data).canonical() == expected.encode()


def test_the_canonical_form_of_a_rule_is_the_same_in_two_versions() -> None:
    one, other = parse(small()), parse(small(name="Other"))
    assert [rule.canonical() for rule in one.rules] == [rule.canonical() for rule in other.rules]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (10.0, "10"),
        (49.5, "49.5"),
        (-0.0, "0"),
        (0, "0"),
        (-1200, "-1200"),
        (1e20, "100000000000000000000"),
        (10**21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (0.000001, "0.000001"),
        (1.25e-7, "1.25e-7"),
        (0.1, "0.1"),
    ],
)
def test_a_number_has_its_shortest_form(number: float, text: str) -> None:
    assert shortest(number) == text


@examples(100)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_shortest_form_gives_the_number_back(number: float) -> None:
    assert float(shortest(number)) == number


def test_only_plain_data_has_a_canonical_form() -> None:
    with pytest.raises(TypeError, match="set"):
        canonical({"a": {1}})

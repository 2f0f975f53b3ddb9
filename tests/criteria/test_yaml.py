"""YAML by its JSON schema, and everything in it that is refused."""

import time
from decimal import Decimal

import pytest

from scoring.criteria import yaml
from scoring.criteria.document import DocumentInvalid, parse
from tests.criteria.documents import small

pytestmark = pytest.mark.once


def refusal(content: str | bytes, name: str = "") -> str:
    with pytest.raises(DocumentInvalid) as invalid:
        yaml.read(content, name)
    (fault,) = invalid.value.faults
    assert fault.path == ""
    return fault.message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", "~"),
        ("", ""),
        ("2026-03-31", "2026-03-31"),
        ("12:30:45", "12:30:45"),
        ("0x1F", "0x1F"),
        ("010", "010"),
        ("1_000", "1_000"),
        ("+1", "+1"),
        (".5", ".5"),
        (".inf", ".inf"),
        ("=", "="),
        ("<<", "<<"),
        ("6 months", "6 months"),
        ("10", 10),
        ("-3", -3),
        ("49.5", 49.5),
        ("1e3", 1000),
        ("1.5E-2", Decimal("0.015")),
        ('"10"', "10"),
        ("'true'", "true"),
    ],
)
def test_a_plain_scalar_is_what_json_says_or_text(text: str, value: object) -> None:
    read = yaml.read(f"key: {text}\n")
    assert read == {"key": value}
    assert isinstance(read, dict)
    assert isinstance(read["key"], bool) is isinstance(value, bool)


def test_lists_and_objects_in_both_styles() -> None:
    assert yaml.read("a:\n- {b: [1, x]}\n- c: d\n") == {"a": [{"b": [1, "x"]}, {"c": "d"}]}
    assert yaml.read("") is None
    assert yaml.read("# only a comment\n") is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: &x 1\nb: *x\n", "line 1, column 4: anchors and aliases are not read here"),
        ("a: *x\n", "line 1, column 4: anchors and aliases are not read here"),
        ("a: &x [1]\n", "line 1, column 4: anchors and aliases are not read here"),
        ("a: !!str 1\n", "line 1, column 4: tags are not read here"),
        ("a: !python/object:os.system {}\n", "line 1, column 4: tags are not read here"),
        ("a: 1\nb: 2\na: 3\n", 'line 3, column 1: the key "a" stands twice in one object'),
        ("1: x\n", "line 1, column 1: a key must be text; put it in quotes"),
        ("[a]: x\n", "line 1, column 1: a key must be text; put it in quotes"),
        ("a: [1\n", "line 2, column 1: this is not YAML: did not find expected"),
        ("a: b: c\n", "line 1, column 5: this is not YAML"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1: there must be one document in a file"),
        ("a: x\0y\n", "this is not YAML"),
        (b"a: \xff\n", "This is not UTF-8: byte 4 is wrong; save the file as UTF-8."),
        (b"a: " + "ñ".encode("utf-16"), "This is not UTF-8: byte 4 is wrong"),
    ],
)
def test_what_is_refused_is_one_fault_with_its_place(content: str | bytes, message: str) -> None:
    assert refusal(content).startswith(message)


def test_deep_nesting_is_refused_quickly() -> None:
    begun = time.process_time()
    assert "nested too deeply" in refusal("[" * 100_000)
    assert "nested too deeply" in refusal("{a: " * 100_000)
    assert "nested too deeply" in refusal("[" * 100_000, "model.json")
    assert time.process_time() - begun < 20


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor() -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    assert refusal("\n".join(lines)).startswith("line 1, column 5: anchors")


@pytest.mark.parametrize("content", ["x" * 50_000_000, b"x" * 50_000_000, "ñ" * 600_000])
def test_more_than_1_mb_is_not_read(content: str | bytes) -> None:
    assert "1,048,576 bytes" in refusal(content)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert yaml.read("\ufeffa: 1".encode()) == {"a": 1}
    assert yaml.read('\ufeff{"a": 1}'.encode(), "model.JSON") == {"a": 1}


def test_json_is_read_by_its_ending_or_its_brace() -> None:
    assert yaml.read('{"a":\t1}') == {"a": 1}
    assert yaml.read("{a: 1}") == {"a": 1}
    assert "not JSON" in refusal("{a: 1}", "model.json")
    assert "stands twice" in refusal('{"a": 1, "a": 2}', "model.json")


def test_a_number_that_is_none_is_left_to_the_document() -> None:
    for content, name in (("a: 1e999999999999", ""), ('{"a": NaN}', "m.json")):
        with pytest.raises(DocumentInvalid, match="limits.a"):
            parse(small(limits=yaml.read(content, name)))


def test_what_is_written_is_for_people_to_read() -> None:
    text = yaml.write(parse(small(name="Año: 50%")))
    assert text.startswith("format: 1\nname: 'Año: 50%'\nfields:\n  - key: seats\n")
    assert "      - name: Pricing\n        points: 20\n" in text


@pytest.mark.parametrize(
    "name", ["1e5", "1.5", "NO", "null", "true", "2026-03-31", "=", "- x", "#", "a: b", "\x85", "~"]
)
def test_a_text_that_looks_like_something_else_is_written_in_quotes(name: str) -> None:
    document = parse(small(name=name if name.strip() else f"{name}x"))
    assert parse(yaml.read(yaml.write(document))) == document

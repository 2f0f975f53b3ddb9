"""JSON at the border, and files of one object a line."""

import io
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.jsonlines import LINE_MOST, JsonInvalid, decode, read_lines

pytestmark = pytest.mark.once

REFUSED = {
    "a key twice": b'{"a": 1, "a": 2}',
    "a key twice inside": b'{"a": {"b": 1, "b": 2}}',
    "nested too deeply": b"[" * 100_000 + b"]" * 100_000,
    "nested too deeply, in objects": b'{"a":' * 30 + b"1" + b"}" * 30,
    "not closed": b'{"a": 1',
    "two values": b"{} {}",
    "single quotes": b"{'a': 1}",
    "a comma too many": b'{"a": 1,}',
    "Latin-1": '{"a": "ñ"}'.encode("latin-1"),
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "empty": b"",
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_plain_json_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(JsonInvalid, match=r"\w"):
        decode(content)


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e400", "1e99999999999999999999", "9" * 5000]
)
def test_a_number_that_cannot_be_kept_is_left_for_the_border_to_refuse(number: str) -> None:
    assert isinstance(decode(f'{{"a": {number}}}')["a"], Decimal)  # type: ignore[index]


def test_brackets_in_texts_are_no_depth() -> None:
    text = "[{" * 50 + '"'
    assert decode(json.dumps({"a": text})) == {"a": text}


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(values)
def test_what_json_says_is_what_comes_out(value: object) -> None:
    assert decode(json.dumps(value)) == value


def test_lines_are_counted_over_blank_ones_a_bom_and_crlf() -> None:
    content = b'\xef\xbb\xbf{"a": 1}\r\n\r\n  \n{"a": 2}'
    assert [(line.number, line.data) for line in read_lines(io.BytesIO(content))] == [
        (1, {"a": 1}),
        (4, {"a": 2}),
    ]


def test_a_line_that_is_wrong_does_not_hide_the_next() -> None:
    content = b'{"a": 1}\n{"a": \xff}\n{"a": 3}\n'
    lines = list(read_lines(io.BytesIO(content)))
    assert [bool(line.fault) for line in lines] == [False, True, False]
    assert "byte 7" in lines[1].fault


def test_a_line_over_ten_megabytes_is_refused_without_being_read_whole() -> None:
    content = b'{"a": "' + b"x" * LINE_MOST + b'"}\n{"a": 2}\n'
    lines = list(read_lines(io.BytesIO(content)))
    assert [line.number for line in lines] == [1, 2]
    assert "10 MB" in lines[0].fault
    assert lines[1].data == {"a": 2}

"""Ranges of numbers as people write them, in both languages."""

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from contacts.values import Wrong
from scoring.agreement.qualification.spans import Span, read_spans

pytestmark = pytest.mark.once

WRITTEN = [
    ("50 to 200", Span(50, 200)),
    ("50-200", Span(50, 200)),
    ("50 – 200", Span(50, 200)),
    ("from 50 to 200", Span(50, 200)),
    ("de 50 a 200", Span(50, 200)),
    ("entre 50 y 200", Span(50, 200)),
    ("from 200", Span(200, None)),
    ("200+", Span(200, None)),
    (">= 200", Span(200, None)),
    ("200 or more", Span(200, None)),
    ("a partir de 200", Span(200, None)),
    ("Desde 200", Span(200, None)),
    ("up to 10", Span(None, 10)),
    ("hasta 10", Span(None, 10)),
    ("≤ 10", Span(None, 10)),
    ("10 o menos", Span(None, 10)),
    ("7", Span(7, 7)),
    ("-7", Span(-7, -7)),
    ("-7 - -3", Span(-7, -3)),
    ("2,5", Span(2.5, 2.5)),
    ("2.5 to 3", Span(2.5, 3)),
]


@pytest.mark.parametrize(("text", "span"), WRITTEN)
def test_a_range_is_read_as_people_write_it(text: str, span: Span) -> None:
    assert read_spans(text) == (span,)


def test_several_ranges_stand_on_lines_or_behind_signs() -> None:
    expected = (Span(1, 5), Span(10, 20), Span(50, None))
    assert read_spans("1 to 5\n10 to 20\r\nfrom 50") == expected
    assert read_spans("1 to 5; 10 to 20;from 50;") == expected
    assert read_spans("1 to 5, 10 to 20, from 50") == expected
    assert read_spans(" ") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("many", "“many” is no range of numbers"),
        ("50 200", "“50 200” is no range of numbers"),
        ("200 to 50", "In “200 to 50” the lower number comes first."),
        ("1,000", "Write 1000 without a sign between the digits"),
        ("up to 1.000.000", "Write 1000000 without a sign between the digits"),
        ("1 to 5; 5 to 9", "“1 to 5” and “5 to 9” overlap"),
        ("from 5; up to 9", "overlap"),
        ("9" * 30, "significant digits"),
        ("9" * 900, "no range of numbers|too large"),
        ("1e5", "is no range of numbers"),
        ("; ".join("1" * n for n in range(1, 40)), "At most 20 ranges"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(text: str, said: str) -> None:
    with pytest.raises(Wrong, match=said):
        read_spans(text)


NUMBERS = st.integers(-(10**15) + 1, 10**15 - 1) | st.decimals(
    -9999, 9999, places=2, allow_nan=False
).map(float)


@given(
    st.tuples(st.none() | NUMBERS, st.none() | NUMBERS).filter(lambda ends: ends != (None, None)),
    st.sampled_from(["en", "es"]),
    st.sampled_from(["en", "es"]),
)
def test_a_range_that_is_written_reads_back_in_either_language(
    ends: tuple[int | float | None, int | float | None], writer: str, reader: str
) -> None:
    low, high = ends
    if low is not None and high is not None and low > high:
        low, high = high, low
    with override(writer):
        text = str(Span(low, high))
    with override(reader):
        assert read_spans(text) == (Span(low, high),)

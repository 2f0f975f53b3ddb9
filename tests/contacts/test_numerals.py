"""Numbers in words of each language."""

from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from contacts.numerals import Number, numeral, signed, whole

pytestmark = pytest.mark.once
SAID: list[tuple[Number, str, str, str]] = [
    (0, "0", "0", "0"),
    (7, "7", "+7", "7"),
    (-7, "−7", "−7", "−7"),
    (1240, "1,240", "+1,240", "1.240"),
    (-1234567, "−1,234,567", "−1,234,567", "−1.234.567"),
    (0.5, "0.5", "+0.5", "0,5"),
    (Decimal("-1000.25"), "−1,000.25", "−1,000.25", "−1.000,25"),
]


@pytest.mark.parametrize(("number", "plain", "with_sign", "spanish"), SAID)
def test_a_number_is_said_alike_everywhere(
    number: Number, plain: str, with_sign: str, spanish: str
) -> None:
    assert (numeral(number), signed(number)) == (plain, with_sign)
    shown = Template("{% load numerals %}{{ n|numeral }} {{ n|signed }}{{ none|numeral }}")
    assert shown.render(Context({"n": number, "none": None})) == f"{plain} {with_sign}None"
    with translation.override("es"):
        assert numeral(number).replace("\xa0", ".") == spanish


def test_whole_leaves_out_what_is_behind_the_point() -> None:
    said = [whole(each) for each in (12.6, 2.5, -3.2, -0.4, 1000)]
    assert said == ["13", "3", "−3", "0", "1,000"]

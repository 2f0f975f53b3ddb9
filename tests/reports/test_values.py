"""How figures are read, in both languages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from scoring.engine.proportions import Proportion
from scoring.reports.values import (
    NOTHING,
    Kind,
    Value,
    contact,
    count,
    day,
    hours,
    instant,
    money,
    number,
    text,
)

pytestmark = pytest.mark.once

CASES = [
    (count(1234567), "1,234,567", "1 234 567"),
    (count(-3), "−3", "−3"),
    (number(2.5), "2.50", "2,50"),
    (number(None), NOTHING, NOTHING),
    (number(-0.001), "0.00", "0,00"),
    (money(Decimal("10005534")), "10,005,534", "10 005 534"),
    (money(Decimal("-1234.5")), "−1,234.50", "−1 234,50"),
    (hours(0.5), "30 min", "30 min"),
    (hours(5.25), "5.3 h", "5,3 h"),
    (hours(24), "1.0 day", "1,0 día"),
    (hours(36), "1.5 days", "1,5 días"),
    (text("=1+1"), "=1+1", "=1+1"),
    (day(date(2026, 3, 9)), "9 Mar 2026", "9 mar 2026"),
    (instant(datetime(2026, 3, 9, 8, 5, tzinfo=UTC)), "9 Mar 2026, 08:05", "9 mar 2026, 08:05"),
    (
        Value(Kind.POINTS, 0.0766, 0.07, 0.0832),
        "7.7 points (7.0 to 8.3)",
        "7,7 puntos (de 7,0 a 8,3)",
    ),
    (Value(Kind.POINTS, -0.12), "−12 points", "−12 puntos"),
    (Value.share(Proportion(0, 0)), NOTHING, NOTHING),
    (Value.share(Proportion(10, 40)), "25 % (14 % to 40 %)", "25 % (de 14 % a 40 %)"),
    (Value.share(Proportion(1, 40)), "2.5 % (0.4 % to 13 %)", "2,5 % (de 0,4 % a 13 %)"),
]


@pytest.mark.parametrize(("value", "english", "spanish"), CASES, ids=lambda each: str(each)[:20])
def test_a_figure_is_read_as_people_write_it(value: Value, english: str, spanish: str) -> None:
    with translation.override("en"):
        assert str(value).replace("\N{NO-BREAK SPACE}", " ") == english
    with translation.override("es"):
        assert str(value).replace("\N{NO-BREAK SPACE}", " ") == spanish


def test_only_what_is_counted_is_a_number() -> None:
    assert count(1).is_number
    assert not contact(1).is_number
    assert not text("1").is_number

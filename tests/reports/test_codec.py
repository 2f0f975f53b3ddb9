"""What is kept of a report comes back as it was."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from scoring.reports.blocks import (
    Chart,
    Column,
    Figure,
    Figures,
    Section,
    Series,
    Shape,
    Table,
    Tone,
    Words,
)
from scoring.reports.codec import data_of, sections_of
from scoring.reports.values import Kind, Value, contact, count, day, instant, money, text

pytestmark = pytest.mark.once

SERIES = Series("s", [None], [0.5], [1.0])
SHARE = Value(Kind.SHARE, 0.5, 0, 1, 2, "won", among="all")
SECTIONS = [
    Section(
        "One",
        [
            Figures("", [Figure("n", count(3, "all"), "n", count(2), "so")]),
            Table(
                "t",
                "T",
                [Column("a"), Column("b", "n")],
                [[contact(5), money(Decimal("10005534.10"))], [day(None), text("x", hint="y")]],
                [text("all"), instant(datetime(2026, 3, 9, tzinfo=UTC))],
                "nothing",
                "hint",
            ),
            Chart(
                "c",
                "C",
                Shape.LINES,
                ["a"],
                [Series("s", [None], [0.5], [1.0])],
                True,
                ("l", 2),
                "days",
                [3.0],
                4.0,
            ),  # fmt: skip
            Words("w", Tone.WARNING, "/x/", "there"),
        ],
        "lead",
    ),
    Section(
        "Two",
        [Table("u", "U", [], [[day(date(2026, 3, 9)), Value(Kind.SHARE, 0.5, 0, 1, 2)]])],
        permission="scoring.view_terms",
    ),
]


def test_sections_survive_being_stored_as_json() -> None:
    assert sections_of(json.loads(json.dumps(data_of(SECTIONS)))) == SECTIONS

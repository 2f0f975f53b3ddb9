"""Helpers of the tests of reports: a question, and the cells of a table as plain numbers."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from scoring.reports.asking import Question
from scoring.reports.blocks import Block, Chart, Figures, Section, Table, Words
from scoring.reports.periods import Grain, Period
from scoring.reports.values import Raw

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def question(
    first: date = date(2026, 3, 1), last: date = date(2026, 3, 31), **more: Any
) -> Question:
    zone = more.pop("zone", "UTC")
    given = {"grain": Grain.WEEK, "now": NOON, **more}
    return Question(period=Period(first, last, ZoneInfo(zone)), **given)


def blocks(sections: Sequence[Section]) -> list[Block]:
    return [block for section in sections for block in section.blocks]


def table(sections: Sequence[Section], key: str) -> Table:
    [found] = [block for block in blocks(sections) if isinstance(block, Table) and block.key == key]
    return found


def raws(found: Table) -> list[list[Raw]]:
    return [[value.raw for value in row] for row in found.rows]


def total(found: Table) -> list[Raw]:
    return [value.raw for value in found.total or ()]


def figures(sections: Sequence[Section]) -> dict[str, Raw]:
    return {
        figure.title: figure.value.raw
        for block in blocks(sections)
        if isinstance(block, Figures)
        for figure in block.items
    }


def words(sections: Sequence[Section]) -> list[str]:
    return [block.text for block in blocks(sections) if isinstance(block, Words)]


def charts(sections: Sequence[Section]) -> dict[str, Chart]:
    return {block.key: block for block in blocks(sections) if isinstance(block, Chart)}

"""Helpers of the tests of reports: a question, and the cells of a table as plain numbers."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from scoring.reports.asking import Question
from scoring.reports.blocks import Block, Chart, Figures, Section, Table, Words
from scoring.reports.periods import Grain, Period
from scoring.reports.report import Report, WorkedOut
from scoring.reports.values import Kind, Raw, Value

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


def opened(report: Report, asked: Question) -> dict[str, tuple[int, int]]:
    """By its key, how many each value says that opens, and how many leads are behind it.

    Of a share also how many it is of.
    """
    return opened_of(report, asked, report.work_out(asked))


def opened_of(report: Report, asked: Question, made: WorkedOut) -> dict[str, tuple[int, int]]:
    found = {}
    for value in values_that_open(made.sections):
        found[value.behind] = (said_of(value), number_behind(report, asked, made, value.behind))
        if value.among:
            found[value.among] = (value.of or 0, number_behind(report, asked, made, value.among))
    return found


def number_behind(report: Report, asked: Question, made: WorkedOut, key: str) -> int:
    leads = report.behind(asked, key)
    if leads is not None:
        return leads.distinct().count()
    assert report.keeps_leads, key
    kept = report.kept_behind(made.leads, key)
    assert kept is not None, key
    return len(set(kept))


def values_that_open(sections: Sequence[Section]) -> list[Value]:
    shown: list[Value] = []
    for one in blocks(sections):
        if isinstance(one, Figures):
            shown += [figure.value for figure in one.items]
        elif isinstance(one, Table):
            shown += [value for row in [*one.rows, one.total or []] for value in row]
    return [value for value in shown if value.behind]


def said_of(value: Value) -> int:
    """How many: a number itself, the part of a share, or those whose time it is the middle of."""
    if value.kind is Kind.DURATION:
        return value.of or 0
    assert isinstance(value.raw, int | float), value
    return int(value.raw) if value.of is None else round(value.raw * value.of)


def charts(sections: Sequence[Section]) -> dict[str, Chart]:
    return {block.key: block for block in blocks(sections) if isinstance(block, Chart)}

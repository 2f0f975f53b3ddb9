"""What a file of rows holds of a report: its figures and its tables, intervals in their columns."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from django.utils.translation import gettext

from scoring.reports.blocks import Figure, Figures, Section, Table
from scoring.reports.report import Report
from scoring.reports.values import Kind, Value, text

CENT: Final = Decimal("0.01")
Row = Sequence[Value]


@dataclass(frozen=True, slots=True)
class Grid:
    """A head and its rows; ``section`` and ``title`` say of what."""

    section: str
    title: str
    heads: Sequence[str]
    rows: Sequence[Row]
    total: Row | None = None

    @property
    def path(self) -> list[str]:
        """Its titles, the wider one first; one of them where both say the same."""
        return list(dict.fromkeys(filter(None, (self.section, self.title))))


def grids_of(report: Report, sections: Sequence[Section]) -> Iterator[Grid]:
    """One after the other as on the page."""
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Figures):
                rows = figure_rows(report, section, block)
                yield Grid(section.title, block.title, figure_heads(), rows)
            elif isinstance(block, Table):
                yield table_grid(section, block)


def figures_of(report: Report, sections: Sequence[Section]) -> Grid:
    """All of the report's, below one head."""
    rows = [
        row
        for section in sections
        for block in section.blocks
        if isinstance(block, Figures)
        for row in figure_rows(report, section, block)
    ]
    return Grid("", gettext("Figures"), figure_heads(), rows)


def tables_of(sections: Sequence[Section]) -> list[Grid]:
    return [
        table_grid(section, block)
        for section in sections
        for block in section.blocks
        if isinstance(block, Table)
    ]


def figure_heads() -> list[str]:
    return [
        gettext("Section"), gettext("Figure"), gettext("Value"),
        gettext("Interval from"), gettext("Interval to"),
        gettext("Before"), gettext("What is counted"),
    ]  # fmt: skip


def figure_rows(report: Report, section: Section, block: Figures) -> list[Row]:
    where = ": ".join(dict.fromkeys(filter(None, (section.title, block.title))))
    return [figure_row(report, where, figure) for figure in block.items]


def figure_row(report: Report, where: str, figure: Figure) -> Row:
    measure = report.measure(figure.measure) if figure.measure else None
    hint = f"{figure.hint.rstrip('.')}." if figure.hint else ""
    counted = " ".join(filter(None, (hint, str(measure.definition) if measure else "")))
    before = written(figure.before) if figure.before else text("")
    return [text(where), text(figure.title), *bounded(figure.value), before, text(counted)]


def table_grid(section: Section, table: Table) -> Grid:
    lines = [*table.rows, *([table.total] if table.total else [])]
    spans = [
        any(row[place].low is not None for row in lines) for place in range(len(table.columns))
    ]
    heads = [
        head
        for column, span in zip(table.columns, spans, strict=True)
        for head in heads_of(column.title, span)
    ]
    rows = [spread(row, spans) for row in table.rows]
    total = spread(table.total, spans) if table.total else None
    return Grid(section.title, table.title, heads, rows, total)


def heads_of(title: str, span: bool) -> list[str]:
    if not span:
        return [title]
    said = {"column": title}
    low, high = gettext("%(column)s: interval from"), gettext("%(column)s: interval to")
    return [title, low % said, high % said]


def spread(row: Row, spans: Iterable[bool]) -> Row:
    return [
        cell
        for value, span in zip(row, spans, strict=True)
        for cell in (bounded(value) if span else [written(value)])
    ]


def bounded(value: Value) -> list[Value]:
    """With its bounds; where it has none, what stands in their places is empty."""
    bounds = [
        text("") if bound is None else written(replace(value, raw=bound))
        for bound in (value.low, value.high)
    ]
    return [written(value), *bounds]


def written(value: Value) -> Value:
    """An amount of money to the hundredth: a mean of some has as many digits as one computes."""
    if value.kind is not Kind.MONEY or value.raw is None:
        return value
    return replace(value, raw=Decimal(str(value.raw)).quantize(CENT, ROUND_HALF_UP))

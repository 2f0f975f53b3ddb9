"""Sections as templates want them: cells with their links, charts as drawings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.http import urlencode

from scoring.reports.blocks import Chart, Column, Figure, Figures, Section, Table, Words
from scoring.reports.charts import draw
from scoring.reports.naming import Names
from scoring.reports.report import Report
from scoring.reports.values import Value

RISES: Final = "\N{UPWARDS ARROW}"
# More columns than these leave no room for their words on a page that stands.
WIDE: Final = 8
FALLS: Final = "\N{DOWNWARDS ARROW}"


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    url: str
    hint: str
    is_number: bool


class Shower:
    """Of one report for one question and one reader."""

    def __init__(self, report: Report, names: Names, query: str, site: str) -> None:
        self.report, self.names, self.query, self.site = report, names, query, site
        self.leads = reverse("admin:report_leads", args=[report.slug])

    def sections(self, sections: Sequence[Section]) -> Iterator[dict[str, Any]]:
        for section in sections:
            blocks = [self.block(block) for block in section.blocks]
            yield {"title": section.title, "lead": section.lead, "blocks": blocks}

    def block(self, block: Figures | Table | Chart | Words) -> dict[str, Any]:
        if isinstance(block, Figures):
            return {"kind": "figures", "block": block, "items": list(map(self.figure, block.items))}
        if isinstance(block, Table):
            return {"kind": "table", "block": block, **self.table(block)}
        if isinstance(block, Chart):
            return {"kind": "chart", "block": block, "drawing": draw(block)}
        return {"kind": "words", "block": block}

    def figure(self, figure: Figure) -> Mapping[str, Any]:
        return {
            "title": figure.title,
            "cell": self.cell(figure.value, figure.title),
            "definition": self.definition(figure.measure),
            "before": figure.before and str(figure.before),
            "arrow": arrow(figure),
            "hint": figure.hint,
        }

    def table(self, table: Table) -> Mapping[str, Any]:
        titles = [column.title for column in table.columns]
        is_number = [
            all(value.is_number for value in cells) for cells in zip(*table.rows, strict=True)
        ] or [False] * len(titles)
        return {
            "heads": [
                (column.title, self.definition(column.measure), right)
                for column, right in zip(table.columns, is_number, strict=True)
            ],
            # Printed on a page that lies on its side.
            "is_wide": len(titles) > WIDE,
            "rows": [self.row(row, table.columns) for row in table.rows],
            "total": self.row(table.total, table.columns) if table.total else None,
        }

    def row(self, row: Sequence[Value], columns: Sequence[Column]) -> list[tuple[Cell, str]]:
        """Each cell with the head of its column, for where the heads are not shown."""
        name = self.names(row[0])
        return [
            (self.cell(value, f"{name}: {column.title}"), column.title)
            for value, column in zip(row, columns, strict=True)
        ]

    def cell(self, value: Value, title: str) -> Cell:
        url = self.names.url(value)
        if value.behind:
            url = f"{self.leads}?{self.query}&{urlencode({'of': value.behind, 'title': title})}"
        return Cell(
            self.names(value), f"{self.site}{url}" if url else "", value.hint, value.is_number
        )

    def definition(self, key: str) -> str:
        measure = self.report.measure(key) if key else None
        return str(measure.definition) if measure else ""


def shown_sections(
    report: Report, sections: Sequence[Section], names: Names, query: str, site: str = ""
) -> list[dict[str, Any]]:
    """``site``: what the links begin with, of what is read elsewhere than on its pages."""
    return list(Shower(report, names, query, site).sections(sections))


def arrow(figure: Figure) -> str:
    """Which way it went since; nothing where it did not move, or was not known."""
    now, then = figure.value.raw, figure.before.raw if figure.before else None
    if now is None or then is None or isinstance(now, str) or isinstance(then, str) or now == then:
        return ""
    return RISES if now > then else FALLS  # type: ignore[operator]

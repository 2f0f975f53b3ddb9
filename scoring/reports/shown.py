"""Sections as templates want them: cells with their links, charts as drawings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from django.urls import reverse
from django.utils.http import urlencode

from scoring.reports.blocks import Chart, Column, Figure, Figures, Section, Table, Words
from scoring.reports.charts import draw
from scoring.reports.naming import Names
from scoring.reports.report import Report
from scoring.reports.values import Value

NO_BREAK: Final = "\N{NO-BREAK SPACE}"
RISES: Final = "\N{UPWARDS ARROW}"
# More columns than these leave no room for their words on a page that stands.
WIDE: Final = 8
FALLS: Final = "\N{DOWNWARDS ARROW}"
# Two tables with no more columns than these have room beside each other.
NARROW: Final = 3
# A table with more cells is folded up on a phone, where each cell has a line of its own.
LONG: Final = 80
# What the page of the leads behind a share is asked for, to show all that it is of.
ALL: Final = "all"
# From so many sections on the page says which there are.
MANY: Final = 4


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
        for place, section in enumerate(sections, 1):
            blocks = [self.block(block) for block in section.blocks]
            for number, table in enumerate(each for each in blocks if each["kind"] == "table"):
                cells = len(table["rows"]) * len(table["heads"])
                # What a section says first is read by everybody, the rest by whoever wants it;
                # what the page says first is what it is about.
                is_more = number > 0 or (cells > LONG and place > 1)
                table["is_folded"] = bool(table["rows"]) and is_more
            compare(blocks)
            yield {
                "title": section.title, "lead": section.lead, "blocks": blocks,
                "anchor": f"section-{place}" if section.title else "",
                # All of it lies on its side then: its heading does not stay behind.
                "is_wide": any(each.get("is_wide") for each in blocks),
            }  # fmt: skip

    def block(self, block: Figures | Table | Chart | Words) -> dict[str, Any]:
        if isinstance(block, Figures):
            return {"kind": "figures", "block": block, "items": list(map(self.figure, block.items))}
        if isinstance(block, Table):
            return {"kind": "table", "block": block, **self.table(block)}
        if isinstance(block, Chart):
            narrow = draw(block, is_small=True)
            return {"kind": "chart", "block": block, "drawing": draw(block), "narrow": narrow}
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
            # Its section is printed on pages that lie on their side.
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
        url = self.opening(value, title) if value.behind else self.names.url(value)
        said = self.names(value)
        said = said if value.low is None else unbroken(said)
        return Cell(said, f"{self.site}{url}" if url else "", value.hint, value.is_number)

    def opening(self, value: Value, title: str) -> str:
        """Of the page of the leads behind it; a share of nobody opens all that it is of."""
        asked = {"of": value.behind, "among": value.among, "title": title}
        if value.among and not value.raw:
            asked["part"] = ALL
        asked = {name: said for name, said in asked.items() if said}
        return f"{self.leads}?{self.query}&{urlencode(asked)}"

    def definition(self, key: str) -> str:
        measure = self.report.measure(key) if key else None
        return str(measure.definition) if measure else ""


def shown_sections(
    report: Report, sections: Sequence[Section], names: Names, query: str, site: str = ""
) -> list[dict[str, Any]]:
    """``site``: what the links begin with, of what is read elsewhere than on its pages."""
    return list(Shower(report, names, query, site).sections(sections))


def contents(sections: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Anchors and titles, where a page has so many that one would search."""
    found = [(each["anchor"], each["title"]) for each in sections if each["anchor"]]
    return found if len(found) >= MANY else []


def unbroken(said: str) -> str:
    """With its interval: a line may end before the bracket and nowhere else."""
    return said.replace(" ", NO_BREAK).replace(f"{NO_BREAK}(", " (")


def compare(blocks: Sequence[dict[str, Any]]) -> None:
    """Narrow tables with the same heads, one after the other, are there to be compared."""
    for one, other in pairwise(blocks):
        are_tables = one["kind"] == other["kind"] == "table"
        if are_tables and one["heads"] == other["heads"] and len(one["heads"]) <= NARROW:
            one.update(is_beside=True, is_folded=False)
            other.update(is_beside=True, is_folded=False)


def arrow(figure: Figure) -> str:
    """Which way it went since; nothing where it did not move, or was not known."""
    now, then = figure.value.raw, figure.before.raw if figure.before else None
    if now is None or then is None or isinstance(now, str) or isinstance(then, str) or now == then:
        return ""
    return RISES if now > then else FALLS  # type: ignore[operator]

"""Sections as plain data and back: how slow reports are kept, and what the API sends."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from scoring.reports.blocks import (
    Block,
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
from scoring.reports.values import Kind, Value

Data = dict[str, Any]
KINDS: Final[Mapping[str, type[Block]]] = {
    "figures": Figures,
    "table": Table,
    "chart": Chart,
    "words": Words,
}


def data_of(sections: Sequence[Section]) -> list[Data]:
    """What JSON can hold; money as text, instants by ISO 8601."""
    return [
        {
            "title": section.title,
            "lead": section.lead,
            "blocks": [block_data(block) for block in section.blocks],
            **({"permission": section.permission} if section.permission else {}),
        }
        for section in sections
    ]


def block_data(block: Block) -> Data:
    if isinstance(block, Figures):
        return {
            "kind": "figures",
            "title": block.title,
            "items": list(map(figure_data, block.items)),
        }
    if isinstance(block, Table):
        return table_data(block)
    if isinstance(block, Chart):
        return chart_data(block)
    words = {"text": block.text, "tone": block.tone.value, "url": block.url, "link": block.link}
    return {"kind": "words", **words}


def figure_data(figure: Figure) -> Data:
    return {
        "title": figure.title,
        "value": value_data(figure.value),
        "measure": figure.measure,
        "before": value_data(figure.before) if figure.before else None,
        "hint": figure.hint,
    }


def table_data(table: Table) -> Data:
    return {
        "kind": "table",
        "key": table.key,
        "title": table.title,
        "columns": [{"title": each.title, "measure": each.measure} for each in table.columns],
        "rows": [list(map(value_data, row)) for row in table.rows],
        "total": list(map(value_data, table.total)) if table.total else None,
        "empty": table.empty,
        "hint": table.hint,
    }


def chart_data(chart: Chart) -> Data:
    return {
        "kind": "chart",
        "key": chart.key,
        "title": chart.title,
        "shape": chart.shape.value,
        "labels": list(chart.labels),
        "series": [
            {
                "title": one.title,
                "numbers": list(one.numbers),
                "lows": list(one.lows),
                "highs": list(one.highs),
            }
            for one in chart.series
        ],
        "shares": chart.shares,
        "line": list(chart.line) if chart.line else None,
        "axis": chart.axis,
        "places": list(chart.places),
        "most": chart.most,
    }


def value_data(value: Value) -> Data:
    """What says nothing is left out."""
    raw: Any = value.raw
    if isinstance(raw, Decimal):
        raw = str(raw)
    elif isinstance(raw, date):
        raw = raw.isoformat()
    more = {name: getattr(value, name) for name in ("low", "high", "of", "behind", "hint", "among")}
    said = {name: given for name, given in more.items() if given not in (None, "")}
    return {"kind": value.kind.value, "raw": raw, **said}


def sections_of(data: Sequence[Data]) -> list[Section]:
    return [
        Section(**{**each, "blocks": [block_of(block) for block in each["blocks"]]})
        for each in data
    ]


def block_of(data: Data) -> Block:
    given = {name: value for name, value in data.items() if name != "kind"}
    kind = KINDS[data["kind"]]
    if kind is Figures:
        return Figures(given["title"], [figure_of(one) for one in given["items"]])
    if kind is Table:
        columns = [Column(**column) for column in given["columns"]]
        rows = [list(map(value_of, row)) for row in given["rows"]]
        total = list(map(value_of, given["total"])) if given["total"] else None
        return Table(**{**given, "columns": columns, "rows": rows, "total": total})
    if kind is Chart:
        series = [Series(**one) for one in given["series"]]
        line = (given["line"][0], given["line"][1]) if given["line"] else None
        return Chart(**{**given, "shape": Shape(given["shape"]), "series": series, "line": line})
    return Words(**{**given, "tone": Tone(given["tone"])})


def figure_of(data: Data) -> Figure:
    before = value_of(data["before"]) if data["before"] else None
    return Figure(**{**data, "value": value_of(data["value"]), "before": before})


def value_of(data: Data) -> Value:
    kind, raw = Kind(data["kind"]), data["raw"]
    if raw is not None and kind is Kind.MONEY:
        raw = Decimal(raw)
    elif raw is not None and kind is Kind.DAY:
        raw = date.fromisoformat(raw)
    elif raw is not None and kind is Kind.INSTANT:
        raw = datetime.fromisoformat(raw)
    return Value(**{**data, "kind": kind, "raw": raw})

"""A chart with its numbers as a block of the first page."""

from collections.abc import Sequence
from typing import Any, Final

from scoring.engine.admin.home_blocks import Block, Item
from scoring.reports.blocks import Chart
from scoring.reports.charts import draw
from scoring.reports.values import Value

TEMPLATE: Final = "scoring/reports/picture.html"
# More letters than these of a label run into the next one.
LETTERS: Final = 9


def picture_facts(
    chart: Chart, heads: Sequence[str], rows: Sequence[Sequence[Value]]
) -> dict[str, Any]:
    """What ``TEMPLATE`` shows: a small drawing, and below it the same in numbers."""
    cells = [[(str(value), value.is_number) for value in row] for row in rows]
    return {"chart": chart, "drawing": draw(chart, is_small=True), "heads": heads, "rows": cells}


def picture(
    slug: str,
    icon: str,
    chart: Chart,
    heads: Sequence[str],
    rows: Sequence[Sequence[Value]],
    *,
    more_url: str,
    more: str,
    items: Sequence[Item] = (),
    empty: str = "",
) -> Block:
    """``empty`` is said instead of a picture in which there is nothing but noughts."""
    if not any(number for one in chart.series for number in one.numbers):
        return Block(slug, chart.title, icon, items, empty, more_url, more)
    facts = picture_facts(chart, heads, rows)
    return Block(slug, chart.title, icon, items, "", more_url, more, template=TEMPLATE, facts=facts)


def short(label: str) -> str:
    """As it fits under a bar; the numbers below have the whole."""
    return label if len(label) <= LETTERS else f"{label[: LETTERS - 1]}\N{HORIZONTAL ELLIPSIS}"

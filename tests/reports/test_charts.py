"""Charts are drawn within their frame, whatever the numbers."""

from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from scoring.reports.blocks import Chart, Series, Shape
from scoring.reports.charts import HEIGHT, WIDTH, Drawing, draw

pytestmark = pytest.mark.once

numbers = st.one_of(st.none(), st.floats(-1e7, 1e7), st.integers(-50, 50).map(float))


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    labels = draw(st.lists(st.sampled_from(["a", "<b>", "c & d"]), min_size=0, max_size=30))
    series = st.lists(numbers, min_size=len(labels), max_size=len(labels))
    shape = draw(st.sampled_from(Shape))
    found = [Series(f"s{at}", draw(series)) for at in range(draw(st.integers(1, 6)))]
    line = draw(st.one_of(st.none(), st.floats(-100, 100).map(lambda at: ("agreed", at))))
    if shape is Shape.STACKED:  # what is put on top of one another is counted
        found = [
            Series(one.title, [None if each is None else abs(each) for each in one.numbers])
            for one in found
        ]
    return Chart("k", "<title>", shape, labels, found, line=line)


def inside(drawing: Drawing) -> bool:
    across = [drawing.across[0]] if drawing.across else []
    heights = [
        *(end for bar in drawing.bars for end in (bar.y, bar.y + bar.height)),
        *(mark.y for mark in drawing.marks),
        *(tick.at for tick in drawing.ticks),
        *across,
    ]
    widths = [
        *(end for bar in drawing.bars for end in (bar.x, bar.x + bar.width)),
        *(label.at for label in drawing.labels),
    ]
    return all(-0.1 <= at <= HEIGHT + 0.1 for at in heights) and all(
        -0.1 <= at <= WIDTH + 0.1 for at in widths
    )


@given(charts())
def test_nothing_is_drawn_outside_the_frame(chart: Chart) -> None:
    drawing = draw(chart)
    assert inside(drawing)
    assert 2 <= len(drawing.ticks) <= 12
    assert len(drawing.labels) <= 12


@given(charts())
def test_a_drawing_is_well_formed_whatever_it_is_called(chart: Chart) -> None:
    html = render_to_string("scoring/reports/chart.html", {"chart": chart, "drawing": draw(chart)})
    ElementTree.fromstring(html)  # noqa: S314  # what we have written ourselves


def test_bars_stand_as_high_as_their_numbers() -> None:
    drawing = draw(Chart("k", "t", Shape.BARS, ["a", "b", "c"], [Series("s", [10, None, 5])]))
    first, second = drawing.bars
    assert first.height == pytest.approx(2 * second.height, abs=0.05)
    assert [bar.title for bar in drawing.bars] == ["a: 10", "c: 5"]


def test_a_gap_in_a_line_stays_a_gap() -> None:
    drawing = draw(Chart("k", "t", Shape.LINES, ["a", "b", "c"], [Series("s", [1, None, 2])]))
    assert drawing.lines[0].path.count("M") == 2

"""Charts are drawn within their frame, whatever the numbers."""

from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from scoring.reports.blocks import Chart, Series, Shape
from scoring.reports.charts import HEIGHT, SMALL_WIDTH, WIDTH, Drawing, draw

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


def test_what_is_drawn_across_is_named_below_where_no_bar_hides_it() -> None:
    chart = Chart("k", "t", Shape.BARS, ["a"], [Series("s", [9.0])], line=("agreed", 8.0))
    context = {"chart": chart, "drawing": draw(chart)}
    page = render_to_string("scoring/reports/chart.html", context)
    picture, _end, key = page.partition("</svg>")
    assert "agreed: 8" not in picture
    assert "agreed: 8" in key


def test_for_a_phone_a_chart_is_drawn_anew_and_named_once() -> None:
    chart = Chart("k", "<title>", Shape.BARS, ["a"], [Series("s", [9.0])])
    context = {"chart": chart, "drawing": draw(chart), "narrow": draw(chart, is_small=True)}
    page = render_to_string("scoring/reports/chart.html", context)
    for name, width in (("chart-wide", WIDTH), ("chart-narrow", SMALL_WIDTH)):
        assert f'class="{name}" viewBox="0 0 {width} ' in page
    assert page.count("<figcaption>&lt;title&gt;") == 1


LABELS = [
    ("Oct 2026", 12, False, 12),
    ("Oct 2026", 12, True, 4),
    ("from 85 to 100", 10, False, 5),
    ("from 85 to 100", 10, True, 3),
    ("x", 3, True, 3),
]


@pytest.mark.parametrize(("label", "count", "is_small", "shown"), LABELS)
def test_labels_that_would_lie_over_one_another_are_left_out(
    label: str, count: int, is_small: bool, shown: int
) -> None:
    chart = Chart("k", "t", Shape.BARS, [label] * count, [Series("s", [1.0] * count)])
    assert len(draw(chart, is_small).labels) == shown


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


def test_an_axis_of_whole_numbers_has_no_half_of_a_lead() -> None:
    one = Chart("k", "Leads", Shape.BARS, ["a", "b"], [Series("hot", [0, 1])])
    assert [tick.text for tick in draw(one).ticks] == ["0", "1"]


def test_bars_stand_as_high_as_their_numbers() -> None:
    drawing = draw(Chart("k", "t", Shape.BARS, ["a", "b", "c"], [Series("s", [10, None, 5])]))
    first, second = drawing.bars
    assert first.height == pytest.approx(2 * second.height, abs=0.05)
    assert [bar.title for bar in drawing.bars] == ["a: 10", "c: 5"]


def test_a_fan_is_an_area_from_the_lows_to_the_highs_and_back() -> None:
    blank = [None, None]
    spans = Series("s", blank, [1, 2], [3, 6])
    drawing = draw(Chart("k", "t", Shape.FAN, ["a", "b"], [spans, Series("m", [2, 4])]))
    [area] = drawing.areas
    assert area.path.startswith("M")
    assert area.path.count("L") == 3
    assert drawing.whiskers == []
    assert drawing.lines[1].path.count("L") == 1


def test_a_gap_in_a_line_stays_a_gap() -> None:
    drawing = draw(Chart("k", "t", Shape.LINES, ["a", "b", "c"], [Series("s", [1, None, 2])]))
    assert drawing.lines[0].path.count("M") == 2


@pytest.mark.parametrize(
    ("labels", "shown"),
    [([f"Nov 20{at}" for at in range(10, 22)], 12), ([f"from {at} to 100" for at in range(10)], 5)],
)
def test_labels_leave_one_another_room(labels: list[str], shown: int) -> None:
    series = [Series("s", [1] * len(labels))]
    drawing = draw(Chart("k", "K", Shape.BARS, labels, series))
    assert [label.text for label in drawing.labels] == labels[:: len(labels) // shown]


def test_a_line_in_true_distances_has_true_slopes() -> None:
    series = [Series("s", [0, 1, 2])]
    chart = Chart("k", "t", Shape.LINES, ["0", "15", "60"], series, places=[0, 15, 60])
    drawing = draw(chart)
    first, second, last = (mark.x for mark in drawing.marks)
    assert last - first == pytest.approx(4 * (second - first), abs=0.05)
    assert [label.at for label in drawing.labels] == [first, second, last]


def test_a_wide_span_is_cut_off_and_leaves_the_bars_their_height() -> None:
    series = [Series("s", [10, 8], [5, 4], [300, 12])]
    drawing = draw(Chart("k", "t", Shape.BARS, ["a", "b"], series, most=20))
    assert [whisker.is_cut for whisker in drawing.whiskers] == [True, False]
    assert drawing.whiskers[0].high == drawing.ticks[-1].at
    assert drawing.ticks[-1].text == "20"

"""That spans were too narrow is said where they were, and seldom where they were not."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random

import pytest

from scoring.reports.ahead.promised import judged, promised
from scoring.reports.ahead.turned_out import Told
from scoring.reports.blocks import Tone
from scoring.reports.statistics.foresight import Band

pytestmark = pytest.mark.once

WEEK = timedelta(days=7)
# Of the standard normal distribution.
BAND = Band(0, -1.281552, 1.281552, -1.959964, 1.959964)
INSIDE, BETWEEN, OUTSIDE = 0.0, 1.5, 9.0
TITLES = {"leads": "Leads", "entries": "Hot", "opportunities": "Deals", "customers": "Customers",
          "revenue": "Revenue"}  # fmt: skip


def told(came: Sequence[Mapping[str, float]], weeks_apart: int = 4) -> list[Told]:
    """Forecasts whose first four weeks are over, the newest first, and what came in these."""
    spans = dict.fromkeys(TITLES, [BAND] * 4)
    return [
        Told(
            date(2026, 3, 30) - at * weeks_apart * WEEK,
            4,
            {name: spans[name] for name in one},
            {name: [number, 0, 0, 0] for name, number in one.items()},
        )
        for at, one in enumerate(came)
    ]


FEW = "These are too few to tell whether the spans keep what they promise."
CHANCE = "That is less than promised, but no more so than chance may bring about."
AS_PROMISED = "That is what was promised, or more."
LEADS_LESS = (
    "That is about what was promised, but less for “Leads”: there these spans were too narrow."
)
ALL_LESS = "That is less than promised: these spans were too narrow."
MOST_OF_ALL = (
    "That is less than promised: these spans were too narrow, most of all for “Leads”. "
    "Allow for more than they say."
)
# Of leads and of revenue, how many of so many lie outside of both spans; what is said of that.
VERDICTS = [
    (0, 0, 8, AS_PROMISED),
    (1, 0, 8, CHANCE),
    (2, 0, 8, CHANCE),
    (3, 0, 8, LEADS_LESS),
    (6, 1, 8, MOST_OF_ALL),
    (3, 3, 12, ALL_LESS),
    (3, 3, 3, FEW),
    (4, 4, 4, ALL_LESS),
]


@pytest.mark.parametrize(("leads", "revenue", "of", "wanted"), VERDICTS)
def test_it_says_where_less_lay_within_than_chance_brings_about(
    leads: int, revenue: int, of: int, wanted: str
) -> None:
    given = told(
        [
            {
                "leads": OUTSIDE if at < leads else INSIDE,
                "revenue": OUTSIDE if at < revenue else INSIDE,
            }
            for at in range(of)
        ]
    )
    said = promised(given, TITLES)
    assert said is not None
    assert said.text.startswith(f"Of {2 * of} numbers that came in the first four weeks of ")
    assert said.text.endswith(wanted)
    assert (said.tone is Tone.WARNING) == (wanted not in (FEW, CHANCE, AS_PROMISED))


def test_what_lies_within_95_of_100_is_still_outside_of_80() -> None:
    """Of 60 numbers 36: no other than these may be told of."""
    numbers = [INSIDE] * 36 + [BETWEEN] * 24
    Random(1).shuffle(numbers)
    rows = [dict(zip(TITLES, numbers[at : at + 5], strict=True)) for at in range(0, 60, 5)]
    said = promised(told(rows), TITLES)
    assert said is not None
    assert "60 % lay within their spans of 80 of 100, and 100 % within those of 95" in said.text
    assert said.tone is Tone.WARNING


def test_days_that_two_forecasts_have_in_common_count_once() -> None:
    came = [{"leads": OUTSIDE}] * 12
    [score] = judged(told(came, weeks_apart=1))
    assert (score.weeks, len(score.pairs)) == (4, 3)
    young = Told(date(2026, 6, 15), 3, {"leads": [BAND] * 4}, {"leads": [0] * 4})
    [score] = judged([young, *told(came[:1])])
    assert len(score.pairs) == 1
    assert promised([young], TITLES) is None


def warned(forecasts: int, alike: float, held: float) -> float:
    """In how many of 100 simulated reports. ``alike``: of what comes, any two of one forecast.
    ``held``: how wide the spans are, by how wide they should be.
    """
    chance, tried, warnings = Random(5), 300, 0
    for _report in range(tried):
        rows = []
        for _forecast in range(forecasts):
            common = math.sqrt(alike) * chance.gauss()
            rows.append(
                {name: (common + math.sqrt(1 - alike) * chance.gauss()) / held for name in TITLES}
            )
        said = promised(told(rows), TITLES)
        warnings += said is not None and said.tone is Tone.WARNING
    return 100 * warnings / tried


@pytest.mark.parametrize("alike", [0.0, 0.5])
@pytest.mark.parametrize("forecasts", [3, 8])
def test_spans_that_keep_their_promise_are_seldom_called_too_narrow(
    forecasts: int, alike: float
) -> None:
    assert warned(forecasts, alike, 1.0) <= 5


def test_spans_that_are_clearly_too_narrow_are_told() -> None:
    """Those of 80 of 100 hold 60, of 60 numbers."""
    assert warned(12, 0.0, 0.657) >= 80

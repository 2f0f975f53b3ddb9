"""Two documents side by side: what was added, removed, changed, moved or renamed."""

from typing import Any

import pytest

from scoring.agreement.compare import compared
from scoring.criteria.document import parse
from tests.engine.scored import DIRECTOR, MODEL, PRICES, RIVAL

pytestmark = pytest.mark.once

Data = dict[str, Any]


def with_groups(who: list[Data], what: list[Data]) -> Data:
    groups = [
        {**MODEL["groups"][0], "rules": who},
        {**MODEL["groups"][1], "rules": what},
    ]
    return {**MODEL, "groups": groups}


def changes(old: Data, new: Data) -> list[tuple[str, str, str]]:
    found = compared(parse(old), parse(new), {"page_view": "Page view"})
    return [(row.what, row.before, row.after) for part in found for row in part.changed]


PLUS_30 = '+30 if job title contains "director"'
MOVED = {**DIRECTOR, "points": 35}


@pytest.mark.parametrize(
    ("who", "what", "said"),
    [
        ([DIRECTOR, RIVAL], [PRICES], []),
        ([RIVAL], [PRICES], [("Director", PLUS_30, "")]),
        (
            [RIVAL, DIRECTOR],
            [PRICES],
            [
                (
                    "Order of the rules",
                    "Director, Competitor, Visits the prices",
                    "Competitor, Director, Visits the prices",
                )
            ],
        ),
        (
            [{**DIRECTOR, "points": 31}, RIVAL],
            [PRICES],
            [("Director", PLUS_30, PLUS_30.replace("30", "31"))],
        ),
        (
            [{**DIRECTOR, "name": "Head"}, RIVAL],
            [PRICES],
            [("Director → Head", PLUS_30, PLUS_30)],
        ),
        (
            [RIVAL],
            [PRICES, DIRECTOR],
            [("Director", f"{PLUS_30} (in “Who”)", f"{PLUS_30} (in “What”)")],
        ),
    ],
)
def test_rules_are_compared_one_by_one(
    who: list[Data], what: list[Data], said: list[tuple[str, str, str]]
) -> None:
    assert changes(MODEL, with_groups(who, what)) == said


def test_bands_groups_and_scenarios_are_compared_too() -> None:
    new = {**MODEL, "bands": [{"name": "cold"}, {"name": "warm", "from": 31}, MODEL["bands"][2]]}
    new["scenarios"] = [MODEL["scenarios"][0], {"name": "Nobody", "expect": "cold"}]
    new["groups"] = [{**MODEL["groups"][0], "limits": {"max": 40}}, MODEL["groups"][1]]
    assert changes(MODEL, new) == [
        ("Bands", "cold, warm from 30, hot from 60", "cold, warm from 31, hot from 60"),
        ("The group itself", "fit", "fit, at most 40"),
        ("Nobody", "expects warm", "expects cold"),
    ]

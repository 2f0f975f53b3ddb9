"""Lists in a document end: what a database could not nest is one fault with its path."""

from typing import Any

import pytest

from scoring.criteria.document import parse
from scoring.criteria.faults import DocumentInvalid

BANDS = [{"name": "cold"}]


def document(**parts: Any) -> dict[str, Any]:
    return {"format": 1, "name": "Large", "groups": [], "bands": BANDS} | parts


def group_with(test: dict[str, Any]) -> dict[str, Any]:
    rule = {"name": "Visit", "points": 1, "activity": {"type": "visit"} | test}
    return {"name": "Behaviour", "dimension": "interest", "rules": [rule]}


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (
            document(
                groups=[{"name": f"g{n}", "dimension": "fit", "rules": []} for n in range(501)]
            ),
            "groups: must have at most 500 items",
        ),
        (
            document(groups=[group_with({"properties": [{"key": "a", "op": "is_empty"}] * 101})]),
            "groups[0].rules[0].activity.properties: must have at most 100 items",
        ),
        (
            document(bands=[*BANDS, *({"name": f"b{n}", "from": n} for n in range(100))]),
            "bands: must have at most 100 items",
        ),
        (
            document(scenarios=[{"name": f"s{n}", "expect": "cold"} for n in range(101)]),
            "scenarios: must have at most 100 items",
        ),
    ],
)
def test_it_says_how_long_a_list_may_be(data: dict[str, Any], fault: str) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        parse(data)
    assert [str(one) for one in refused.value.faults] == [fault]

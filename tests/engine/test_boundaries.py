"""Windows at their very ends: month ends, leap days, one microsecond before and after."""

from datetime import timedelta
from typing import Any

import pytest

from tests.engine.reference import MICROSECOND, instant
from tests.engine.stored import Data, act, live, model, person, store, totals

pytestmark = pytest.mark.django_db

Rule = dict[str, Any]
VIEWED: Rule = {"points": 10, "activity": {"type": "page_view"}}
# as_of, a duration, and the instant that is exactly as_of minus the duration
CUT_OFFS = [
    ("2026-08-31T10:00:00Z", "6 months", "2026-02-28T23:59:59.999999Z"),
    ("2024-08-31T10:00:00Z", "6 months", "2024-02-29T23:59:59.999999Z"),
    ("2026-03-31T10:00:00Z", "1 month", "2026-02-28T23:59:59.999999Z"),
    ("2024-02-29T00:00:00Z", "1 year", "2023-02-28T23:59:59.999999Z"),
    ("2024-02-29T12:00:00Z", "4 years", "2020-02-29T12:00:00Z"),
    ("2026-01-31T00:00:00.000001Z", "2 months", "2025-11-30T23:59:59.999999Z"),
    ("2026-03-29T03:00:00+02:00", "1 day", "2026-03-28T01:00:00Z"),
    ("2026-01-01T00:00:00Z", "1 week", "2025-12-25T00:00:00Z"),
    ("2026-12-31T23:59:59.999999Z", "1 month", "2026-11-30T23:59:59.999999Z"),
]


def shifted(text: str, by: timedelta) -> str:
    return (instant(text) + by).isoformat()


def around(cut_off: str) -> dict[str, str]:
    return {
        "before": shifted(cut_off, -MICROSECOND),
        "at": cut_off,
        "after": shifted(cut_off, MICROSECOND),
    }


def scored(rule: Rule, as_of: str, contacts: list[Data], acts: list[Data]) -> dict[str, int]:
    store(contacts, acts)
    live(model(rule), instant(as_of))
    return totals()


def scored_acts(rule: Rule, as_of: str, cut_off: str) -> dict[str, int]:
    """The total of three people of whom each did something before, at or after the cut-off."""
    acts = [act(who, when) for who, when in around(cut_off).items()]
    old = "2000-01-01T00:00:00Z"
    return scored(rule, as_of, [person(who, created_at=old) for who in around(cut_off)], acts)


@pytest.mark.parametrize(("as_of", "duration", "cut_off"), CUT_OFFS)
def test_it_expires_what_is_as_old_as_the_window(as_of: str, duration: str, cut_off: str) -> None:
    rule = VIEWED | {"expires": duration}
    assert scored_acts(rule, as_of, cut_off) == {"before": 0, "at": 0, "after": 10}


@pytest.mark.parametrize(("as_of", "duration", "cut_off"), CUT_OFFS)
def test_it_lets_points_fade_at_the_end_of_a_step(as_of: str, duration: str, cut_off: str) -> None:
    rule = VIEWED | {"decay": {"percent": 40, "every": duration}}
    assert scored_acts(rule, as_of, cut_off) == {"before": 6, "at": 6, "after": 10}


@pytest.mark.parametrize(("as_of", "duration", "cut_off"), CUT_OFFS)
def test_it_finds_absence_once_the_window_is_empty(as_of: str, duration: str, cut_off: str) -> None:
    rule = {"points": 10, "absent": {"type": "page_view"}, "for": duration}
    assert scored_acts(rule, as_of, cut_off) == {"before": 10, "at": 10, "after": 0}


@pytest.mark.parametrize(("as_of", "duration", "cut_off"), CUT_OFFS)
def test_it_finds_absence_only_of_those_known_that_long(
    as_of: str, duration: str, cut_off: str
) -> None:
    rule = {"points": 10, "absent": {"type": "page_view"}, "for": duration}
    people = [person(who, created_at=when) for who, when in around(cut_off).items()]
    found = scored(rule, as_of, [*people, person("unknown")], [])
    assert found == {"before": 10, "at": 10, "after": 0, "unknown": 0}


@pytest.mark.parametrize(("as_of", "duration", "cut_off"), CUT_OFFS)
@pytest.mark.parametrize("op", ["within_last", "older_than"])
def test_it_compares_instants_of_contacts(as_of: str, duration: str, cut_off: str, op: str) -> None:
    rule = {"points": 10, "when": {"field": "created_at", "op": op, "value": duration}}
    people = [person(who, created_at=when) for who, when in around(cut_off).items()]
    people += [person("now", created_at=as_of), person("unknown")]
    people += [person("soon", created_at=shifted(as_of, MICROSECOND))]
    found = scored(rule, as_of, people, [])
    within = {"before": 0, "at": 0, "after": 10, "now": 10, "soon": 0, "unknown": 0}
    older = {"before": 10, "at": 10, "after": 0, "now": 0, "soon": 0, "unknown": 0}
    assert found == (within if op == "within_last" else older)


@pytest.mark.parametrize(
    ("as_of", "duration", "day", "within"),
    [
        # A date is its midnight: at midnight it is just as old as the window, and out of it.
        ("2026-03-08T00:00:00Z", "7 days", "2026-03-01", False),
        ("2026-03-07T23:59:59.999999Z", "7 days", "2026-03-01", True),
        ("2026-03-08T00:00:00Z", "7 days", "2026-03-02", True),
        ("2026-03-08T00:00:00Z", "7 days", "2026-03-08", True),
        ("2026-03-07T23:59:59.999999Z", "7 days", "2026-03-08", False),
        ("2026-08-31T10:00:00Z", "6 months", "2026-02-28", False),
        ("2026-08-31T10:00:00Z", "6 months", "2026-03-01", True),
    ],
)
def test_it_takes_a_date_for_its_midnight(
    as_of: str, duration: str, day: str, within: bool
) -> None:
    leaf = {"field": "attributes.renewal", "op": "within_last", "value": duration}
    people = [person("ana", attributes={"renewal": day}), person("none")]
    found = scored({"points": 10, "when": leaf}, as_of, people, [])
    assert found == {"ana": 10 if within else 0, "none": 0}


def test_it_counts_an_activity_from_its_very_instant_on() -> None:
    as_of = "2026-03-31T10:00:00Z"
    assert scored_acts(VIEWED, as_of, as_of) == {"before": 10, "at": 10, "after": 0}


def test_it_never_expires_what_no_calendar_reaches() -> None:
    rules = [
        VIEWED | {"expires": "9999 years"},
        VIEWED | {"decay": {"percent": 50, "every": "9999 years"}},
        {"points": 100, "absent": {"type": "page_view"}, "for": "9999 years"},
        {
            "points": 1000,
            "when": {"field": "created_at", "op": "within_last", "value": "9999 years"},
        },
        {
            "points": -1,
            "when": {"field": "attributes.renewal", "op": "older_than", "value": "9999 years"},
        },
    ]
    first = "0001-01-01T00:00:00Z"
    ana = person("ana", created_at=first, attributes={"renewal": "0001-01-01"})
    store([ana], [act("ana", first)])
    live(model(*rules), instant("9999-12-31T23:59:59.999999Z"))
    assert totals() == {"ana": 1020}


@pytest.mark.parametrize(
    ("count", "expected"),
    [("each", 50), ("once", 10), ("once_per_target", 30), ("once_per_day", 20)],
)
def test_it_counts_in_four_ways(count: str, expected: int) -> None:
    acts = [
        act("ana", "2026-03-01T23:59:59.999999Z", target="/Précios "),
        act("ana", "2026-03-02T00:00:00Z", target="/precios"),
        act("ana", "2026-03-02T23:59:59Z"),
        act("ana", "2026-03-02T20:00:00-03:00", target="  "),
        act("ana", "2026-03-02T01:00:00+00:00", target="/blog"),
        act("ana", "2026-03-02T01:00:00Z", target="/bot", automated=True),
        act("ana", "2026-04-02T01:00:00Z", target="/later"),
    ]
    rule = VIEWED | {"count": count}
    assert scored(rule, "2026-03-31T10:00:00Z", [person("ana")], acts) == {"ana": expected}

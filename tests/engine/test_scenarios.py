"""Invented prospects, scored as if each activity had happened its age ago."""

import pytest

from scoring.criteria.document import parse
from scoring.engine.scenarios import try_scenarios
from tests.engine.reference import instant
from tests.engine.stored import Data, model

pytestmark = pytest.mark.django_db

AS_OF = instant("2026-08-31T10:00:00Z")
RECENT: Data = {"points": 10, "activity": {"type": "page_view"}, "expires": "6 months"}
GONE: Data = {"points": -5, "absent": {"type": "page_view"}, "for": "6 months"}
BOT: Data = {"exclude": True, "when": {"field": "tags", "op": "has_any", "value": ["bot"]}}


def bands(*scenarios: Data, **more: object) -> list[tuple[str | None, bool]]:
    named = [{"name": f"Prospect {at}"} | one for at, one in enumerate(scenarios)]
    trials = try_scenarios(parse(model(RECENT, GONE, BOT, scenarios=named, **more)), AS_OF)
    return [(one.result.band if one.result else None, one.passed) for one in trials]


def viewed(age: str, **more: object) -> Data:
    return {"activities": [{"type": "page_view", "age": age} | more]}


def test_it_gives_each_prospect_a_band() -> None:
    assert bands(
        viewed("0 days") | {"expect": "hot"},
        viewed("1 month") | {"expect": "cold"},
        viewed("6 months") | {"expect": "cold"},
        viewed("1 day", automated=True) | {"expect": "cold"},
        {"contact": {"tags": ["Bot"]}, "expect": "excluded"},
        {"contact": {"email": "somebody@x.example"}, **viewed("1 day"), "expect": "hot"},
        viewed("9999 years") | {"expect": "cold"},
    ) == [
        ("hot", True),
        ("hot", False),
        ("cold", True),
        ("cold", True),
        ("excluded", True),
        ("hot", True),
        ("cold", True),
    ]


def test_a_prospect_is_created_now_unless_it_says_when() -> None:
    """So that only who has been known that long is long absent."""
    old = {"created_at": "2020-01-01T00:00:00Z"}
    found = bands(
        {"expect": "cold"},
        {"contact": old, "expect": "gone"},
        bands=[{"name": "gone"}, {"name": "cold", "from": 0}, {"name": "hot", "from": 10}],
    )
    assert found == [("cold", True), ("gone", True)]


def test_a_prospect_outside_the_audience_fails() -> None:
    audience = {"field": "country", "op": "equals", "value": "ES"}
    assert bands({"expect": "cold"}, audience=audience) == [(None, False)]


def test_each_prospect_is_alone() -> None:
    """Two may name one company and say different things of it."""
    big = {"company": {"domain": "acme.example", "employees": 500}}
    small = {"company": {"domain": "acme.example", "employees": 5}}
    rule = {"points": 20, "when": {"field": "company.employees", "op": "gt", "value": 100}}
    scenarios = [
        {"name": "Big", "contact": big, "expect": "hot"},
        {"name": "Small", "contact": small, "expect": "cold"},
    ]
    trials = try_scenarios(parse(model(rule, scenarios=scenarios)), AS_OF)
    assert all(trial.passed for trial in trials)

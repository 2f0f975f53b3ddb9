"""The largest models that a document allows, within the limits of both databases."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from scoring.engine.columns import MOST_PASSES, ScopeKind
from scoring.engine.compile import program
from scoring.engine.models import Cause, Score
from scoring.engine.refresh import refresh
from tests.engine.reference import World, instant
from tests.engine.stored import (
    Data,
    act,
    ids,
    live,
    model,
    person,
    store,
    stored_results,
    version,
)
from tests.profiles import PROFILE

pytestmark = pytest.mark.django_db

AS_OF = instant("2026-03-31T10:00:00Z")
SEVEN = {"seconds": 7}
PEOPLE = [
    person("ana", job_title="CEO 7", created_at="2020-01-01T00:00:00Z", attributes={"seats": 7}),
    person("bea", tags=["7"], company={"domain": "acme.example", "employees": 499}),
]
ACTS = [
    {"external_id": str(number)} | done
    for number, done in enumerate(
        [
            act("ana", "2026-03-01T00:00:00Z", type="type_7", target="/7") | {"properties": SEVEN},
            act("ana", "2026-01-01T00:00:00Z", type="type_8", target="/7"),
            act("ana", "2025-12-01T00:00:00Z", type="type_7", target="/8"),
            act("bea", "2026-03-30T00:00:00Z", type="type_499", target="/499"),
        ]
    )
]
# What SQLite allows where it is built as its authors build it; Debian allows more.
UPSTREAM = {
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 32_766,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 1000,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 500,
    sqlite3.SQLITE_LIMIT_COLUMN: 2000,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1_000_000_000,
}


@contextmanager
def upstream_limits() -> Iterator[None]:
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    before = {limit: connection.connection.getlimit(limit) for limit in UPSTREAM}
    for limit, most in UPSTREAM.items():
        connection.connection.setlimit(limit, min(most, before[limit]))
    try:
        yield
    finally:
        for limit, most in before.items():
            connection.connection.setlimit(limit, most)


@pytest.fixture
def few_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a model of moderate size is beyond."""
    monkeypatch.setattr("scoring.engine.sql.MOST_PARAMETERS", 900)
    monkeypatch.setattr("scoring.engine.sql.MOST_PREPARED", 900)
    monkeypatch.setitem(UPSTREAM, sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 999)


def check(document: Data) -> None:
    """Recompute and refresh both give what the contract says."""
    world = World(document)
    for contact in PEOPLE:
        world.contact(contact)
    for activity in ACTS:
        world.activity(activity)
    store(PEOPLE, ACTS)
    found = world.results(AS_OF)
    expected = {email: (score.data, score.slots) for email, score in found.items() if score}
    with upstream_limits():
        live(document, AS_OF)
        assert stored_results() == expected
        Score.objects.all().delete()
        refresh(ids(), Cause.PROFILE, AS_OF)
        assert stored_results() == expected


def many(count: int, rule: Any) -> list[Data]:
    return [rule(number) for number in range(count)]


def fading(rules: int) -> Data:
    """Rules with the 100 steps that a decay may have."""

    def rule(number: int) -> Data:
        decay = {"percent": 1, "every": f"{number + 1} days"}
        return {"points": 1000, "activity": {"type": f"type_{number % 20}"}, "decay": decay}

    return model(*many(rules, rule))


def test_it_takes_more_steps_than_a_statement_has_parameters(few_parameters: None) -> None:
    check(fading(30))


@pytest.mark.skipif(PROFILE != "thorough", reason="takes half a minute on SQLite")
def test_it_takes_500_rules_that_fade_in_100_steps_each() -> None:
    check(fading(500))


def test_it_takes_500_rules_that_ask_for_as_many_types() -> None:
    def rule(number: int) -> Data:
        count = ["each", "once", "once_per_day", "once_per_target"][number % 4]
        return {"points": number + 1, "activity": {"type": f"type_{number}"}, "count": count}

    document = model(*many(500, rule))
    check(document)
    compiled = program(version(document).document_value, ScopeKind.IDS, "default")
    assert len(compiled.types) == 500 > MOST_PASSES


def test_it_takes_as_many_sets_of_types_as_have_a_pass_each_and_one_more() -> None:
    def rule(number: int) -> Data:
        types = [f"type_{number}", "type_8"]
        return {"points": number + 1, "activity": {"type": types, "target": TARGET}}

    TARGET = {"op": "starts_with", "value": "/7"}
    check(model(*many(MOST_PASSES, rule)))
    check(model(*many(MOST_PASSES + 1, rule)))


def test_it_crowds_windows_absences_and_exclusions_together() -> None:
    def rule(number: int) -> Data:
        test = {"type": [f"type_{number}", "type_7"], "target": {"op": "is_not_empty"}}
        kinds: list[Data] = [
            {"points": 3, "activity": test, "expires": f"{number + 1} days"},
            {"points": -3, "absent": test, "for": f"{number + 1} days"},
            {"exclude": True, "activity": test, "count": "once", "at_least": 2},
            {"points": 7, "activity": test, "count": "once", "decay": DECAY},
            {"points": 2, "activity": test, "count": "once_per_day", "expires": "1 year"},
            {"points": 2, "activity": test, "count": "once_per_target", "limit": 3},
        ]
        return kinds[number % 6]

    DECAY = {"percent": 10, "every": "1 month"}
    check(model(*many(90, rule)))


def full_conditions(rules: int) -> Data:
    """Rules with the 100 tests that a condition may have."""

    def rule(number: int) -> Data:
        leaves = many(98, lambda leaf: has_title(f"no '{{}}' %s \\ {number} {leaf}"))
        return {"points": 1, "when": {"any": [*leaves, has_title(str(number)), has_seats(number)]}}

    return model(*many(rules, rule))


def test_it_takes_more_values_than_a_statement_has_parameters(few_parameters: None) -> None:
    check(full_conditions(20))


@pytest.mark.skipif(PROFILE != "thorough", reason="takes minutes on SQLite")
def test_it_takes_500_rules_with_a_full_condition_each() -> None:
    check(full_conditions(500))


def has_title(end: str) -> Data:
    return {"field": "job_title", "op": "ends_with", "value": end}


def has_seats(number: int) -> Data:
    return {"field": "attributes.seats", "op": "eq", "value": number}


def test_it_takes_500_rules_that_test_targets_and_properties() -> None:
    def rule(number: int) -> Data:
        seconds = {"key": "seconds", "op": "between", "value": [0, number]}
        target = {"op": "not_equals", "value": f"/{number}"}
        test = {"type": "type_7", "target": target, "properties": [seconds]}
        return {"points": 1, "activity": test}

    check(model(*many(500, rule)))


@pytest.mark.parametrize("op", ["in", "not_in"])
def test_it_takes_lists_longer_than_any_statement_has_parameters(op: str) -> None:
    titles = {"field": "job_title", "op": op, "value": many(40_000, lambda n: f"CEO {n}")}
    targets = {"op": op, "value": many(40_000, lambda n: f"/{n}")}
    tags = {"field": "tags", "op": "has_any", "value": many(40_000, str)}
    check(
        model(
            {"points": 1, "when": titles},
            {"points": 2, "when": tags},
            {"points": 4, "activity": {"type": "type_7", "target": targets}},
        )
    )


def test_it_takes_an_activity_of_very_many_types() -> None:
    types = many(10_000, lambda number: f"type_{number}")
    check(model({"points": 1, "activity": {"type": types}}))


def test_it_takes_a_condition_that_is_as_deep_and_wide_as_may_be() -> None:
    leaves = many(33, lambda number: has_title(str(number)))
    deep: Data = {"not": {"not": {"all": [{"any": leaves}]}}}
    check(model({"points": 1, "when": deep}))


def test_it_takes_groups_whose_limits_are_beyond_4_bytes() -> None:
    limits = {"min": 10**14}
    groups = [
        {"name": f"Group {number}", "dimension": side, "limits": limits, "rules": []}
        for number, side in enumerate(["fit", "interest", "fit"] * 10)
    ]
    check(model(groups=groups, limits={"max": 10**15 - 1}))


def test_it_takes_a_model_without_any_rule_or_group() -> None:
    check(model(groups=[]))
    check(model())


def test_it_takes_as_many_groups_as_rules() -> None:
    def group(number: int) -> Data:
        side = ["fit", "interest"][number % 2]
        rule = {"name": f"Rule {number}", "points": 1, "when": has_title(str(number))}
        return {"name": f"Group {number}", "dimension": side, "rules": [rule]}

    check(model(groups=many(500, group)))


def test_it_takes_500_excluding_rules() -> None:
    check(model(*many(500, lambda number: {"exclude": True, "when": has_title(str(number))})))


def test_it_compiles_a_document_once() -> None:
    document = version(model({"points": 1, "when": has_title("x")})).document_value
    assert program(document, ScopeKind.IDS, "default") is program(
        document, ScopeKind.IDS, "default"
    )

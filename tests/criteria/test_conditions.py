"""Conditions as values: their leaves, and when they change by themselves."""

from datetime import UTC, datetime

import pytest

from contacts.values import Wrong
from scoring.criteria.conditions import (
    All,
    Condition,
    ConditionReader,
    Not,
    condition_data,
    leaves,
    moments,
)
from scoring.criteria.durations import Duration
from scoring.criteria.expressions import JsonKey
from scoring.criteria.faults import Node
from scoring.criteria.fields import FIELDS, Catalogue, FieldKind
from scoring.criteria.moments import DayBound, InstantBound, Moment
from scoring.criteria.operators import names_for, operator
from tests.criteria.people import AS_OF, CATALOGUE

pytestmark = pytest.mark.once

MONTH = Duration.parse("1 month")
AGES = Duration.parse("9999 years")


def read(data: object) -> Condition:
    node = Node(data)
    condition = ConditionReader(CATALOGUE).read(node)
    assert node.faults == []
    return condition


def test_the_leaves_of_a_condition_come_in_order() -> None:
    city, tags = {"field": "city", "op": "is_empty"}, {"field": "tags", "op": "is_empty"}
    data = {"all": [city, {"not": {"any": [tags, city]}}]}
    condition = read(data)
    assert [leaf.field for leaf in leaves(condition)] == ["city", "tags", "city"]
    assert isinstance(condition, All)
    assert isinstance(condition.conditions[1], Not)
    assert condition_data(condition) == data


def test_only_windows_move_with_time() -> None:
    condition = read(
        {
            "any": [
                {"field": "created_at", "op": "within_last", "value": "1 month"},
                {"field": "attributes.renewal", "op": "older_than", "value": "1 month"},
                {"field": "created_at", "op": "before", "value": "2026-01-01"},
                {"field": "city", "op": "is_empty"},
            ]
        }
    )
    assert [(field.id, moment) for field, moment in moments(condition, CATALOGUE)] == [
        ("created_at", Moment()),
        ("created_at", Moment(MONTH)),
        ("attributes.renewal", Moment(MONTH)),
    ]


def test_a_bound_is_what_the_database_stores() -> None:
    month = Moment(MONTH)
    cut_off = datetime(2026, 7, 31, 10, 30, tzinfo=UTC)
    assert InstantBound(month).bind(AS_OF, "postgresql") == cut_off
    assert InstantBound(month).bind(AS_OF, "sqlite") == "2026-07-31 10:30:00"
    assert InstantBound(Moment(MONTH, 2)).bind(AS_OF, "sqlite") == "2026-06-30 23:59:59.999999"
    assert DayBound(month).bind(AS_OF, "sqlite") == 20665
    assert InstantBound(Moment(AGES)).bind(AS_OF, "postgresql") == "-infinity"
    assert InstantBound(Moment(AGES)).bind(AS_OF, "sqlite") == ""
    assert DayBound(Moment(AGES)).bind(AS_OF, "sqlite") == -(10**9)


def test_every_field_has_a_label_and_operators() -> None:
    for field in FIELDS:
        assert str(field.label)
        assert names_for(field.kind)
    assert "city" in Catalogue()
    assert "attributes.seats" not in Catalogue()
    assert len(CATALOGUE.fields) == len(FIELDS) + 5
    assert CATALOGUE.field("attributes.size").choices == ("S", "M")
    assert CATALOGUE.field("lifecycle").kind is FieldKind.CHOICE
    with pytest.raises(KeyError):
        CATALOGUE.field("email_key")


@pytest.mark.parametrize("key", ["", "a'b", 'a"', "A", "a b", "a" * 65, "ñ", "a\n"])
def test_no_other_key_gets_into_a_statement(key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        JsonKey("attributes_norm", "s", key)


def test_an_operator_without_a_value_takes_none() -> None:
    empty = operator(FieldKind.TEXT, "is_empty")
    assert (empty.said(None), empty.moments(None)) == ("", ())
    with pytest.raises(Wrong, match="takes no value"):
        empty.parse("x")

"""What a document may say, and that every fault is named with its place and what to do."""

import copy
import time
from decimal import Decimal
from typing import Any

import pytest

from scoring.criteria.document import (
    ActivityRule,
    Band,
    Count,
    DocumentInvalid,
    Limits,
    parse,
)
from scoring.criteria.structure import Objective
from tests.criteria.documents import GONE, SMALL, Data, small

pytestmark = pytest.mark.once

RULE = "groups[1].rules[0]"
WHEN = "groups[0].rules[0].when"
SEATS = {"field": "attributes.seats", "op": "eq", "value": 1}


def faults(data: object) -> list[str]:
    with pytest.raises(DocumentInvalid) as invalid:
        parse(data)
    return [str(fault) for fault in invalid.value.faults]


def nested(levels: int, leaf: Data) -> Data:
    for _level in range(levels - 1):
        leaf = {"not": leaf}
    return leaf


def named(count: int) -> list[Data]:
    return [{"name": f"rule {n}", "points": 1, "when": SEATS} for n in range(count)]


def test_a_small_document_is_read() -> None:
    document = parse(small())
    assert [rule.name for rule in document.rules] == [
        "Decision maker",
        "Competitor",
        "Pricing",
        "Gone",
    ]
    assert document.bands == (Band("cold", None), Band("warm", 20), Band("hot", 50))
    assert document.groups[0].limits == Limits()
    assert document.groups[1].limits == Limits(max=60)
    assert (document.rules[1].points, document.rules[1].exclude) == (0, True)
    assert document.catalogue.field("attributes.seats").label == "Seats"
    assert document.fields[1].label == "size"
    pricing = document.rules[2].test
    assert isinstance(pricing, ActivityRule)
    assert (pricing.count, pricing.at_least, pricing.limit) == (Count.EACH, 1, 40)


def test_what_a_document_need_not_have() -> None:
    document = parse({"format": 1, "name": "Bare", "groups": [], "bands": [{"name": "all"}]})
    assert document.rules == ()
    assert (document.audience, document.objective, document.matrix) == (None, None, None)
    assert document.as_data().keys() == {"format", "name", "groups", "bands"}


@pytest.mark.parametrize(
    "objective",
    [{"deal": "won"}, {"lifecycle": "customer"}, {"activity": {"type": "purchase"}}],
)
def test_an_objective_has_one_of_three_forms(objective: Data) -> None:
    document = parse(small(objective=objective))
    assert isinstance(document.objective, Objective)
    assert document.objective.data() == objective


def test_a_rule_that_excludes_by_activities_counts_once() -> None:
    rule = {
        "name": "Bounced twice",
        "exclude": True,
        "activity": {"type": "bounce"},
        "count": "once",
        "at_least": 2,
        "expires": "1 year",
    }
    document = parse(small(**{RULE: rule}))
    assert document.rules[2].data() == rule


def test_the_most_that_is_allowed() -> None:
    group = {"name": "Many", "dimension": "fit", "rules": named(500)}
    assert len(parse(small(groups=[group])).rules) == 500
    parse(small(**{WHEN: {"any": [SEATS] * 100}}))
    parse(small(**{WHEN: nested(5, SEATS)}))
    parse(small(name="n" * 200))


CASES: list[tuple[Data, list[str]]] = [
    # The document
    ({"colour": 1}, ["colour: is not known here; known are: format, name, groups, bands, fields, "
      "audience, objective, limits, matrix, scenarios"]),
    ({"format": 2}, ["format: must be the number 1"]),
    ({"format": "1"}, ["format: must be the number 1"]),
    ({"format": True}, ["format: must be the number 1"]),
    ({"format": GONE, "name": GONE}, ["format: is missing", "name: is missing"]),
    ({"groups": GONE, "bands": GONE}, ["groups: is missing", "bands: is missing"]),
    ({"name": " "}, ["name: must not be empty"]),
    ({"name": "n" * 201}, ["name: must have at most 200 characters"]),
    ({"name": 5}, ["name: must be text; put it in quotes if it looks like something else"]),
    ({"name": "a\0b"}, ["name: The text holds the character U+0000; take it out."]),
    ({"name": "a\ud800b"}, ["name: The text holds half a character (a lone surrogate)."]),
    ({"groups": {}}, ["groups: must be a list"]),
    ({"groups[0]": "x"}, ["groups[0]: must be an object of keys and values"]),
    ({"limits": {"min": 5, "max": 4}}, ["limits: min must not be above max"]),
    ({"limits": {"min": 1.5}}, ["limits.min: must be a whole number"]),
    ({"limits": {"max": True}}, ["limits.max: This must be a number, without quotation marks."]),
    ({"limits": {"max": None}}, ["limits.max: must be a number"]),
    ({"limits": {"max": 10**16}}, ["limits.max: must have at most 15 digits"]),
    ({"limits": {"most": 1}}, ["limits.most: is not known here; known are: min, max"]),
    # Custom fields
    ({"fields[0].key": "Seats"},
     ["fields[0].key: This must be a word of lower-case letters, digits and _ that begins with a "
      "letter, as in page_view, with at most 64 characters."]),
    ({"fields[1].key": "seats"}, ['fields[1].key: "seats" is used before; names must differ']),
    ({"fields[0].type": "money"},
     ["fields[0].type: must be one of: text, number, boolean, date, choice"]),
    ({"fields[1].choices": GONE}, ["fields[1].choices: is missing; the type choice needs it"]),
    ({"fields[0].choices": ["a"]}, ["fields[0].choices: goes only with the type choice"]),
    ({"fields[1].choices": []}, ["fields[1].choices: must not be an empty list"]),
    ({"fields[1].choices": ["S", "s "]},
     ['fields[1].choices[1]: "s " is used before; names must differ']),
    ({"fields[0].type": GONE, "fields[0].choices": ["a"]}, ["fields[0].type: is missing"]),
    # Groups
    ({"groups[0].dimension": "size"}, ["groups[0].dimension: must be one of: fit, interest"]),
    ({"groups[1].name": "Profile"},
     ['groups[1].name: "Profile" is used before; names must differ']),
    ({"groups[0].rules": GONE}, ["groups[0].rules: is missing"]),
    ({f"{RULE}.name": "Decision maker"},
     [f'{RULE}.name: "Decision maker" is used before; names must differ']),
    # Worth
    ({f"{RULE}.points": 0}, [f"{RULE}.points: must not be 0"]),
    ({f"{RULE}.points": 1001}, [f"{RULE}.points: must be from -1000 to 1000"]),
    ({f"{RULE}.points": True},
     [f"{RULE}.points: This must be a number, without quotation marks."]),
    ({f"{RULE}.points": "20"},
     [f"{RULE}.points: This must be a number, without quotation marks."]),
    ({f"{RULE}.points": 2.5}, [f"{RULE}.points: must be a whole number"]),
    ({f"{RULE}.points": GONE}, [f"{RULE}: must have points, or exclude: true"]),
    ({f"{RULE}.points": GONE, f"{RULE}.exclude": False},
     [f"{RULE}: must have points, or exclude: true"]),
    ({"groups[0].rules[1].points": 5},
     ["groups[0].rules[1]: must have either points or exclude, not both"]),
    ({"groups[0].rules[1].exclude": "yes"},
     ["groups[0].rules[1].exclude: must be true or false"]),
    # The test of a rule
    ({f"{RULE}.activity": GONE, f"{RULE}.decay": GONE, f"{RULE}.limit": GONE},
     [f"{RULE}: must have exactly one test: when, activity or absent"]),
    ({f"{RULE}.when": SEATS}, [f"{RULE}: must have exactly one test: when, activity or absent"]),
    ({f"{RULE}.for": "1 day"}, [f"{RULE}.for: goes only with absent"]),
    ({"groups[1].rules[1].for": GONE}, ["groups[1].rules[1].for: is missing; absent needs it"]),
    ({"groups[1].rules[1].for": "0 days"},
     ["groups[1].rules[1].for: a duration is at least 1 day, week, month or year"]),
    ({"groups[1].rules[1].expires": "1 day"},
     ["groups[1].rules[1].expires: goes only with an activity test"]),
    ({"groups[0].rules[0].count": "once", "groups[0].rules[0].limit": 4},
     ["groups[0].rules[0].count: goes only with an activity test",
      "groups[0].rules[0].limit: goes only with an activity test"]),
    ({f"{RULE}.colour": "red"},
     [f"{RULE}.colour: is not known here; known are: name, points, exclude, when, activity, "
      "absent, for, count, at_least, expires, decay, limit"]),
    # Counting
    ({f"{RULE}.count": "twice"},
     [f"{RULE}.count: must be one of: each, once, once_per_target, once_per_day"]),
    ({f"{RULE}.count": ["once"]},
     [f"{RULE}.count: must be one of: each, once, once_per_target, once_per_day"]),
    ({f"{RULE}.count": "once_per_day"},
     [f"{RULE}.decay: does not go with count: once_per_day"]),
    ({f"{RULE}.count": "once_per_target"},
     [f"{RULE}.decay: does not go with count: once_per_target"]),
    ({f"{RULE}.count": "once"}, [f"{RULE}.limit: does not go with count: once"]),
    ({f"{RULE}.at_least": 1}, [f"{RULE}.at_least: goes only with count: once"]),
    ({f"{RULE}.count": "once", f"{RULE}.limit": GONE, f"{RULE}.at_least": 0},
     [f"{RULE}.at_least: must be at least 1"]),
    ({f"{RULE}.limit": 0}, [f"{RULE}.limit: must be at least 1"]),
    ({f"{RULE}.limit": -5}, [f"{RULE}.limit: must be at least 1"]),
    ({f"{RULE}.decay": 5}, [f"{RULE}.decay: must be an object of keys and values"]),
    ({f"{RULE}.decay": {}},
     [f"{RULE}.decay.percent: is missing", f"{RULE}.decay.every: is missing"]),
    ({f"{RULE}.decay.percent": 101}, [f"{RULE}.decay.percent: must be from 1 to 100"]),
    ({f"{RULE}.decay.percent": 0.5}, [f"{RULE}.decay.percent: must be a whole number"]),
    ({f"{RULE}.decay.every": 30},
     [f'{RULE}.decay.every: must be a duration in quotes or plain text, such as "6 months"']),
    ({f"{RULE}.expires": "soon"},
     [f"{RULE}.expires: write a duration as a number and a unit, "
      'such as "30 days" or "6 months"']),
    ({f"{RULE}.expires": "1000000 days"},
     [f"{RULE}.expires: a duration has at most 999999 units"]),
    ({f"{RULE}.points": GONE, f"{RULE}.exclude": True, f"{RULE}.limit": GONE,
      f"{RULE}.decay": GONE},
     [f"{RULE}.activity: a rule that excludes needs count: once, written out"]),
    ({f"{RULE}.points": GONE, f"{RULE}.exclude": True, f"{RULE}.limit": GONE,
      f"{RULE}.count": "each"},
     [f"{RULE}.count: a rule that excludes needs count: once, written out",
      f"{RULE}.decay: does not go with exclude"]),
    # Activities
    ({f"{RULE}.activity": {}}, [f"{RULE}.activity.type: is missing"]),
    ({f"{RULE}.activity": "page_view"},
     [f"{RULE}.activity: must be an object of keys and values"]),
    ({f"{RULE}.activity.type": []}, [f"{RULE}.activity.type: must not be an empty list"]),
    ({f"{RULE}.activity.type": 5}, [f"{RULE}.activity.type: must be a list"]),
    ({f"{RULE}.activity.type": ["ok", "Not ok"]},
     [f"{RULE}.activity.type[1]: This must be a word of lower-case letters, digits and _ that "
      "begins with a letter, as in page_view, with at most 64 characters."]),
    ({f"{RULE}.activity.target": {}}, [f"{RULE}.activity.target.op: is missing"]),
    ({f"{RULE}.activity.target.op": "gt"},
     [f"{RULE}.activity.target.op: is no operator of target; those are: equals, not_equals, "
      "contains, not_contains, starts_with, ends_with, in, not_in, is_empty, is_not_empty"]),
    ({f"{RULE}.activity.target.value": GONE},
     [f"{RULE}.activity.target.value: is missing; starts_with needs it"]),
    ({f"{RULE}.activity.properties": [{}]},
     [f"{RULE}.activity.properties[0].key: is missing",
      f"{RULE}.activity.properties[0].op: is missing"]),
    ({f"{RULE}.activity.properties[0].op": "within_last"},
     [f"{RULE}.activity.properties[0].op: is no operator of seconds; those are: equals, "
      "not_equals, contains, not_contains, starts_with, ends_with, in, not_in, is_empty, "
      "is_not_empty, eq, ne, lt, lte, gt, gte, between, is_true, is_false"]),
    ({f"{RULE}.activity.properties[0].op": ["eq"]},
     [f"{RULE}.activity.properties[0].op: is no operator of seconds; those are: equals, "
      "not_equals, contains, not_contains, starts_with, ends_with, in, not_in, is_empty, "
      "is_not_empty, eq, ne, lt, lte, gt, gte, between, is_true, is_false"]),
    ({f"{RULE}.activity.properties[0].value": "ten"},
     [f"{RULE}.activity.properties[0].value: This must be a number, without quotation marks."]),
    # Conditions
    ({WHEN: {}}, [f"{WHEN}: must hold one of: all, any, not, or a field with its op and value"]),
    ({WHEN: []}, [f"{WHEN}: must be an object of keys and values"]),
    ({WHEN: {"all": []}}, [f"{WHEN}.all: must not be an empty list"]),
    ({WHEN: {"any": [{"all": []}] * 5000}},
     [f"{WHEN}.any[{place}].all: must not be an empty list" for place in range(101)]),
    ({WHEN: {"any": [{"not": {"op": "eq"}}, {"not": {"value": 1}}]}},
     [f"{WHEN}.any[0].not.field: is missing", f"{WHEN}.any[1].not.field: is missing",
      f"{WHEN}.any[1].not.op: is missing"]),
    ({WHEN: {"all": SEATS}}, [f"{WHEN}.all: must be a list"]),
    ({WHEN: {"not": [SEATS]}}, [f"{WHEN}.not: must be an object of keys and values"]),
    ({WHEN: {"all": [SEATS], "any": [SEATS]}},
     [f"{WHEN}.any: is not known here; known are: all"]),
    ({WHEN: nested(6, SEATS)},
     [f"{WHEN}.not.not.not.not.not: is nested too deeply; a condition has at most 5 levels"]),
    ({WHEN: {"all": [{"any": [nested(4, SEATS)]}]}},
     [f"{WHEN}.all[0].any[0].not.not.not: is nested too deeply; a condition has at most 5 "
      "levels"]),
    ({WHEN: nested(5, {"any": [SEATS]})},
     [f"{WHEN}.not.not.not.not.any: is nested too deeply; a condition has at most 5 levels"]),
    ({WHEN: {"all": [{"any": [SEATS] * 60}, {"any": [SEATS] * 60}, SEATS]}},
     [f"{WHEN}.all[1].any[40]: is one test too many; a condition has at most 100"]),
    ({WHEN: {"all": [SEATS] * 101}},
     [f"{WHEN}.all[100]: is one test too many; a condition has at most 100"]),
    ({WHEN: {"all": [SEATS] * 5000}},
     [f"{WHEN}.all[100]: is one test too many; a condition has at most 100"]),
    ({WHEN: {"field": "shoe_size", "op": "eq", "value": 1}},
     [f"{WHEN}.field: there is no field shoe_size"]),
    ({WHEN: {"field": 5, "op": "eq", "value": 1}},
     [f"{WHEN}.field: must be text; put it in quotes if it looks like something else"]),
    ({WHEN: {"field": "attributes.shoes", "op": "eq", "value": 1}},
     [f"{WHEN}.field: attributes.shoes is not declared; declare it under fields"]),
    ({WHEN: {"field": "city"}}, [f"{WHEN}.op: is missing"]),
    ({WHEN: {"op": "eq", "value": 4}}, [f"{WHEN}.field: is missing"]),
    ({WHEN: {"field": "city", "op": "eq", "value": "x"}},
     [f"{WHEN}.op: is no operator of city; those are: equals, not_equals, contains, "
      "not_contains, starts_with, ends_with, in, not_in, is_empty, is_not_empty"]),
    ({WHEN: {"field": "city", "op": "equals"}}, [f"{WHEN}.value: is missing; equals needs it"]),
    ({WHEN: {"field": "city", "op": "is_empty", "value": None}},
     [f"{WHEN}.value: is_empty takes no value; leave it out"]),
    ({WHEN: {"field": "city", "op": "equals", "value": " \u0301"}},
     [f"{WHEN}.value: must not be empty; to test for empty use is_empty"]),
    ({WHEN: {"field": "city", "op": "equals", "value": 5}},
     [f"{WHEN}.value: must be text; put it in quotes if it looks like something else"]),
    ({WHEN: {"field": "city", "op": "in", "value": []}},
     [f"{WHEN}.value: must be a list of at least one text"]),
    ({WHEN: {"field": "city", "op": "in", "value": "Lugo"}},
     [f"{WHEN}.value: must be a list of at least one text"]),
    ({WHEN: {"field": "tags", "op": "has_all", "value": ["a", ""]}},
     [f"{WHEN}.value: must not be empty; to test for empty use is_empty"]),
    ({f"{WHEN}": SEATS | {"value": "many"}},
     [f"{WHEN}.value: This must be a number, without quotation marks."]),
    ({f"{WHEN}": SEATS | {"value": None}}, [f"{WHEN}.value: must be a number"]),
    ({f"{WHEN}": SEATS | {"value": float("nan")}},
     [f"{WHEN}.value: This must be a number that is finite."]),
    ({f"{WHEN}": SEATS | {"value": Decimal("Infinity")}},
     [f"{WHEN}.value: This must be a number that is finite."]),
    ({f"{WHEN}": SEATS | {"value": 0.1 + 0.2}},
     [f"{WHEN}.value: The number has 17 significant digits; at most 15 are allowed."]),
    ({f"{WHEN}": SEATS | {"op": "between", "value": [5, 4]}},
     [f"{WHEN}.value: must have the lower number first"]),
    ({f"{WHEN}": SEATS | {"op": "between", "value": [5]}},
     [f"{WHEN}.value: must be a list of two numbers, the lower one first"]),
    ({WHEN: {"field": "created_at", "op": "before", "value": "yesterday"}},
     [f"{WHEN}.value: must be a date as in 2026-03-31, or an instant with its offset as in "
      "2026-03-31T10:00:00Z"]),
    ({WHEN: {"field": "created_at", "op": "before", "value": "2026-03-31T10:00:00"}},
     [f"{WHEN}.value: must be a date as in 2026-03-31, or an instant with its offset as in "
      "2026-03-31T10:00:00Z"]),
    ({WHEN: {"field": "created_at", "op": "after", "value": "2026-03-31T10:00:00.1234567Z"}},
     [f"{WHEN}.value: An instant has at most six digits after the second (microseconds)."]),
    ({WHEN: {"field": "created_at", "op": "after", "value": "0001-01-01T00:00:00+01:00"}},
     [f"{WHEN}.value: There is no such day or time between the years 1 and 9999."]),
    ({WHEN: {"field": "attributes.renewal", "op": "after", "value": "2026-02-30"}},
     [f"{WHEN}.value: There is no such day."]),
    ({WHEN: {"field": "created_at", "op": "within_last", "value": 6}},
     [f'{WHEN}.value: must be a duration, such as "6 months"']),
    ({WHEN: {"field": "created_at", "op": "within_last", "value": "0 days"}},
     [f"{WHEN}.value: a duration is at least 1 day, week, month or year"]),
    # Bands and grades
    ({"bands": []}, ["bands: must not be an empty list"]),
    ({"bands[0].from": 0},
     ["bands[0].from: must be left out here: this one takes all that is below"]),
    ({"bands[1].from": GONE}, ["bands[1].from: is missing"]),
    ({"bands[2].from": 20}, ["bands[2].from: must be above that of the band before"]),
    ({"bands[2].from": 1.5}, ["bands[2].from: must be a whole number"]),
    ({"bands[2].name": "warm"}, ['bands[2].name: "warm" is used before; names must differ']),
    ({"bands[2].name": "excluded"},
     ["bands[2].name: is reserved for contacts that a rule excludes"]),
    ({"matrix": {}}, ["matrix.fit: is missing", "matrix.interest: is missing"]),
    ({"matrix.fit": []}, ["matrix.fit: must not be an empty list"]),
    ({"matrix.fit[1].from": 1},
     ["matrix.fit[1].from: must be left out here: this one takes all that is below"]),
    ({"matrix.fit[0].from": GONE}, ["matrix.fit[0].from: is missing"]),
    ({"matrix.interest": [{"grade": "1", "from": 5}, {"grade": "2", "from": 5}, {"grade": "3"}]},
     ["matrix.interest[1].from: must be below that of the grade before"]),
    ({"matrix.fit[0].grade": 1},
     ["matrix.fit[0].grade: must be text; put it in quotes if it looks like something else"]),
    ({"bands[1]": "warm"}, ["bands[1]: must be an object of keys and values"]),
    # Objective
    ({"objective": {}}, ["objective: must have exactly one of: deal, lifecycle, activity"]),
    ({"objective": {"deal": "won", "lifecycle": "customer"}},
     ["objective: must have exactly one of: deal, lifecycle, activity"]),
    ({"objective": {"deal": "lost"}}, ["objective.deal: must be one of: won"]),
    ({"objective": {"lifecycle": "friend"}},
     ["objective.lifecycle: must be one of: subscriber, lead, mql, sql, opportunity, customer, "
      "lost"]),
    ({"objective": "won"}, ["objective: must be an object of keys and values"]),
    ({"objective": {"activity": {}}}, ["objective.activity.type: is missing"]),
    # Scenarios
    ({"scenarios[0].expect": "boiling"},
     ["scenarios[0].expect: must be one of: cold, warm, hot, excluded"]),
    ({"scenarios[0].expect": GONE}, ["scenarios[0].expect: is missing"]),
    ({"scenarios[0].name": GONE}, ["scenarios[0].name: is missing"]),
    ({"scenarios[0].contact": "Ana"},
     ["scenarios[0].contact: must be an object of keys and values"]),
    ({"scenarios[0].contact.attributes.seats": "five"},
     ["scenarios[0].contact.attributes.seats: This must be a number, without quotation marks."]),
    ({"scenarios[0].contact.attributes": {"shoes": 5}},
     ["scenarios[0].contact.attributes.shoes: This custom field is not declared; declare it with "
      "its type first."]),
    ({"scenarios[0].contact.country": "Spain"},
     ["scenarios[0].contact.country: A country is written with two letters, as in ES."]),
    ({"scenarios[0].activities[0].age": GONE}, ["scenarios[0].activities[0].age: is missing"]),
    ({"scenarios[0].activities[0].type": GONE}, ["scenarios[0].activities[0].type: is missing"]),
    ({"scenarios[0].activities[0].age": "-1 days"},
     ["scenarios[0].activities[0].age: write a duration as a number and a unit, such as "
      '"30 days" or "6 months"']),
    ({"scenarios[0].activities[0].properties": {"x": [1]}},
     ["scenarios[0].activities[0].properties.x: A property is a text, a number, true or "
      "false: nothing inside another."]),
    ({"scenarios[0].activities[0].contact": "a@b.example"},
     ["scenarios[0].activities[0].contact: is not known here; known are: type, age, target, "
      "properties, automated"]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_a_fault_is_named_with_its_place(changes: Data, expected: list[str]) -> None:
    assert faults(small(**changes)) == expected


def test_a_key_of_any_kind_is_named_so_that_it_can_be_read() -> None:
    limits = {"not a key\n": 1, 5: 1, "k" * 100: 1}
    assert [fault.partition(": ")[0] for fault in faults(small(limits=limits))] == [
        r'limits["not a key\n"]',
        'limits["5"]',
        "limits." + "k" * 64,
    ]


@pytest.mark.parametrize("data", [None, 5, "text", [], [{"format": 1}]])
def test_a_document_is_an_object(data: object) -> None:
    assert faults(data) == ["must be an object of keys and values"]


def test_every_fault_is_named_at_once() -> None:
    changes = {"name": "", RULE + ".points": 0, WHEN + ".op": "eq", "bands[2].from": 1}
    assert [fault.partition(":")[0] for fault in faults(small(**changes))] == [
        "name",
        WHEN + ".op",
        RULE + ".points",
        "bands[2].from",
    ]


def test_what_hangs_on_a_wrong_declaration_is_not_judged() -> None:
    changes = {"fields[0].type": "money", WHEN: SEATS, "scenarios[0].expect": "boiling"}
    assert [fault.partition(":")[0] for fault in faults(small(**changes))] == [
        "fields[0].type",
        "scenarios[0].expect",
    ]
    junk = {"fields": None, "scenarios[0].contact.attributes": 0.1 + 0.2}
    assert [fault.partition(":")[0] for fault in faults(small(**junk))] == ["fields"]
    assert faults(small(**{"bands[2].from": 1, "scenarios[0].expect": "boiling"})) == [
        "bands[2].from: must be above that of the band before"
    ]


def test_too_many_rules_are_one_fault() -> None:
    group = {"name": "Many", "dimension": "fit", "rules": [{"nonsense": True}] * 10_000}
    begun = time.process_time()
    assert faults(small(groups=[group])) == [
        "groups: have 10000 rules in all; a model has at most 500"
    ]
    assert time.process_time() - begun < 5


def test_an_integer_of_any_length_is_refused_quickly() -> None:
    assert faults(small(**{RULE + ".points": 10**100_000})) == [
        RULE + ".points: The number is too large or too small."
    ]


def test_a_document_nested_without_end_is_refused() -> None:
    deep: Any = []
    for _level in range(100_000):
        deep = [deep]
    assert faults(small(audience=deep)) == ["audience: must be an object of keys and values"]
    condition: Any = SEATS
    for _level in range(100_000):
        condition = {"not": condition}
    assert len(faults(small(audience=condition))) == 1


def test_a_band_is_expected_however_its_accents_are_written() -> None:
    bands = [{"name": "ni\u00f1o"}]
    changes = {"bands": bands, "scenarios[0].expect": "nin\u0303o"}
    assert parse(small(**changes)).scenarios[0].expect == "ni\u00f1o"


def test_reading_changes_nothing() -> None:
    data = small()
    parse(data)
    assert data == SMALL
    assert copy.deepcopy(SMALL) == data

"""What a version says that the one before does not."""

import copy
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring.agreement.compare import compared
from scoring.criteria.differences import differences
from scoring.criteria.document import parse
from tests.criteria.documents import documents

pytestmark = pytest.mark.once

Data = dict[str, Any]

RULE: Data = {
    "name": "CEO",
    "points": 5,
    "when": {"field": "job_title", "op": "equals", "value": "CEO"},
}
OTHER: Data = {**RULE, "name": "Known", "when": {"field": "email", "op": "is_not_empty"}}
GROUP: Data = {"name": "Who", "dimension": "fit", "rules": [RULE, OTHER]}
MODEL: Data = {
    "format": 1,
    "name": "Model",
    "groups": [GROUP],
    "bands": [{"name": "cold"}, {"name": "hot", "from": 10}],
    "scenarios": [{"name": "Nobody", "expect": "cold"}],
}


def with_rules(*rules: Data) -> Data:
    return {**MODEL, "groups": [{**GROUP, "rules": list(rules)}]}


def named(*titles: str) -> Data:
    return {**RULE, "when": {"field": "job_title", "op": "in", "value": list(titles)}}


NOBODY: Data = MODEL["scenarios"][0]
SEATS: Data = {"key": "seats", "label": "Seats", "type": "number"}
CASES: list[tuple[str, Data, list[tuple[str, str, str]]]] = [
    ("nothing", MODEL, []),
    (
        "the order of rules",
        with_rules(OTHER, RULE),
        [("Order of the rules", "CEO, Known", "Known, CEO")],
    ),
    (
        "the last of many values",
        with_rules(named("CEO", "COO", "CFO", "CIO", "CMO", "Intern"), OTHER),
        [
            (
                "Rule “CEO”",
                '+5 if job title is "CEO" (Who)',
                '+5 if job title is "CEO", "COO", "CFO", "CIO", "CMO" or "Intern" (Who)',
            )
        ],
    ),
    (
        "who an invented prospect is",
        {**MODEL, "scenarios": [{**NOBODY, "contact": {"job_title": "CEO"}}]},
        [
            (
                "Scenario “Nobody”",
                'expects cold {"expect":"cold","name":"Nobody"}',
                'expects cold {"contact":{"job_title":"CEO"},"expect":"cold","name":"Nobody"}',
            )
        ],
    ),
    (
        "points",
        with_rules({**RULE, "points": -5}, OTHER),
        [("Rule “CEO”", '+5 if job title is "CEO" (Who)', '−5 if job title is "CEO" (Who)')],
    ),
    ("a rule gone", with_rules(RULE), [("Rule “Known”", "+5 if e-mail is not empty (Who)", "")]),
    (
        "a rule more",
        with_rules(RULE, OTHER, {**RULE, "name": "New"}),
        [("Rule “New”", "", '+5 if job title is "CEO" (Who)')],
    ),
    (
        "a rule renamed",
        with_rules({**RULE, "name": "Chief"}, OTHER),
        [
            ("Rule “Chief”", "", '+5 if job title is "CEO" (Who)'),
            ("Rule “CEO”", '+5 if job title is "CEO" (Who)', ""),
        ],
    ),
    (
        "a group's limits",
        {**MODEL, "groups": [{**GROUP, "limits": {"min": 0, "max": 9}}]},
        [("Group “Who”", "fit", "fit, at least 0, at most 9")],
    ),
    (
        "a group's dimension",
        {**MODEL, "groups": [{**GROUP, "dimension": "interest"}]},
        [("Group “Who”", "fit", "interest")],
    ),
    (
        "bands",
        {**MODEL, "bands": [{"name": "cold"}, {"name": "hot", "from": 12}]},
        [("Bands", "cold, hot from 10", "cold, hot from 12")],
    ),
    ("limits", {**MODEL, "limits": {"max": 7}}, [("Limits", "", "at most 7")]),
    (
        "audience",
        {**MODEL, "audience": {"field": "bounced", "op": "is_false"}},
        [("Audience", "everybody", "bounced is not true")],
    ),
    (
        "a deal won",
        {**MODEL, "objective": {"deal": "won"}},
        [("Objective", "none", "a deal is won")],
    ),
    (
        "a lifecycle",
        {**MODEL, "objective": {"lifecycle": "customer"}},
        [("Objective", "none", "lifecycle is customer")],
    ),
    (
        "an activity",
        {**MODEL, "objective": {"activity": {"type": "purchase"}}},
        [("Objective", "none", "they buy something")],
    ),
    (
        "grades",
        {
            **MODEL,
            "matrix": {
                "fit": [{"grade": "A", "from": 3}, {"grade": "B"}],
                "interest": [{"grade": "1"}],
            },
        },
        [("Grades", "none", "A from 3, B; 1")],
    ),
    ("fields", {**MODEL, "fields": [SEATS]}, [("Custom fields", "", "Seats (seats, number)")]),
    ("name", {**MODEL, "name": "Another"}, [("Name", "Model", "Another")]),
    (
        "scenarios",
        {
            **MODEL,
            "scenarios": [
                {"name": "Nobody", "expect": "hot"},
                {"name": "A CEO", "contact": {"job_title": "CEO"}, "expect": "cold"},
            ],
        },
        [
            ("Scenario “Nobody”", "expects cold", "expects hot"),
            ("Scenario “A CEO”", "", "expects cold"),
        ],
    ),
    ("no scenario", {**MODEL, "scenarios": []}, [("Scenario “Nobody”", "expects cold", "")]),
]


@pytest.mark.parametrize(("what", "data", "found"), CASES, ids=[case[0] for case in CASES])
def test_it_names_what_differs(what: str, data: Data, found: list[tuple[str, str, str]]) -> None:
    old, new = parse(MODEL), parse(data)
    assert [(one.what, one.before, one.after) for one in differences(old, new)] == found
    # Seen from the other side it is the same, the other way round.
    back = {(one.what, one.after, one.before) for one in differences(new, old)}
    assert back == set(found)


MANY = ("CEO", "COO", "CFO", "CIO", "CMO", "CTO")


def test_what_a_cut_list_would_hide_is_shown() -> None:
    old = parse(with_rules(named(*MANY), OTHER))
    new = parse(with_rules(named(*MANY[:-1], "Intern"), OTHER))
    (found,) = differences(old, new)
    assert '"CTO"' in found.before and '"Intern"' in found.after
    # Where nothing is decided by it, the list stays short.
    assert "1 more" in new.rules[0].sentence(new.catalogue)


@settings(max_examples=20)
@given(documents(), documents())
def test_no_difference_is_hidden_whatever_the_documents(one: Data, other: Data) -> None:
    old, new = parse(one), parse(other)
    found = differences(old, new)
    assert bool(found) == (old.hash != new.hash)
    assert all(each.before != each.after for each in found)
    parts = [part for part in compared(old, new, {}) if part.changed]
    assert bool(parts) == (old.hash != new.hash)
    changed = [row for part in parts for row in part.changed]
    assert all(row.before != row.after or "→" in row.what for row in changed)


@settings(max_examples=20)
@given(documents(), st.data())
def test_the_smallest_change_is_shown(data: Data, choice: st.DataObject) -> None:
    changed, old = copy.deepcopy(data), parse(data)
    assume(changed["groups"])
    group = choice.draw(st.sampled_from(changed["groups"]))
    group["rules"] = group["rules"][::-1] if len(group["rules"]) > 1 else []
    new = parse(changed)
    assert bool(differences(old, new)) == (old.hash != new.hash)

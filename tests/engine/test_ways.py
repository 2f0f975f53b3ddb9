"""What would bring a contact to the next band: told only where the evaluator says so too."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Activity, Contact, FieldChange
from scoring.criteria.document import Count, parse
from scoring.engine import ways as module
from scoring.engine.explain import explain
from scoring.engine.ways import Obstacle, Ways, ways_of
from tests.engine.scored import DIRECTOR, MODEL, PRICES, RIVAL, Data, person, visit, visits

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ASKS: Data = {
    "name": "Asks",
    "points": 25,
    "activity": {"type": "form_submit", "properties": [{"key": "seats", "op": "gt", "value": 10}]},
    "count": "once",
    "at_least": 2,
}
SIZE: Data = {
    "name": "Size",
    "points": 20,
    "when": {
        "all": [
            {"field": "company.employees", "op": "between", "value": [50, 500]},
            {"any": [{"field": "country", "op": "equals", "value": "ES"}]},
        ]
    },
}
TAGGED: Data = {
    "name": "Tagged",
    "points": 15,
    "when": {"field": "tags", "op": "has_all", "value": ["a", "b"]},
}


def model(*rules: Data, warm: int = 30) -> Data:
    return MODEL | {
        "groups": [{"name": "All", "dimension": "interest", "rules": list(rules)}],
        "bands": [{"name": "cold"}, {"name": "warm", "from": warm}],
        "scenarios": [],
        "limits": {},
    }


def found(contact: Contact, data: Data) -> Ways:
    return ways_of(contact, parse(data), timezone.now())


def told(ways: Ways) -> list[tuple[list[tuple[str, int]], int]]:
    return [
        ([(step.rule.name, step.times) for step in way.steps], way.result.total)
        for way in ways.ways
    ]


CASES: list[tuple[str, list[Data], int, list[tuple[list[tuple[str, int]], int]]]] = [
    ("one visit", [PRICES], 30, [([("Visits the prices", 1)], 40)]),
    ("two of them", [PRICES], 60, [([("Visits the prices", 2)], 60)]),
    ("never beyond its limit", [PRICES], 61, []),
    ("as often as the rule asks", [ASKS], 25, [([("Asks", 2)], 25)]),
    ("what may be learned", [SIZE], 20, [([("Size", 1)], 20)]),
    ("tags", [TAGGED], 15, [([("Tagged", 1)], 15)]),
    ("fields of one condition or another", [DIRECTOR], 30, [([("Director", 1)], 30)]),
    (
        "singles before pairs",
        [PRICES, DIRECTOR, SIZE],
        30,
        [([("Visits the prices", 1)], 40), ([("Director", 1)], 30)],
    ),
    (
        "pairs where no single one suffices",
        [DIRECTOR, SIZE, TAGGED],
        50,
        [([("Director", 1), ("Size", 1)], 50)],
    ),
    (
        "three at most",
        [DIRECTOR, SIZE, TAGGED],
        65,
        [([("Director", 1), ("Size", 1), ("Tagged", 1)], 65)],
    ),
    ("what takes points is no way", [DIRECTOR | {"points": -5}], 30, []),
]


@pytest.mark.parametrize(("what", "rules", "warm", "expected"), CASES, ids=[c[0] for c in CASES])
def test_it_finds(what: str, rules: list[Data], warm: int, expected: list[Any]) -> None:
    ways = found(person("ana"), model(*rules, warm=warm))
    assert told(ways) == expected
    assert ways.obstacle == (None if expected else Obstacle.NONE)


def test_a_known_field_is_not_supposed_to_be_another() -> None:
    assert not found(person("ana", job_title="Accountant"), model(DIRECTOR)).ways
    assert found(person("bo", company={"name": "Norte"}, country="ES"), model(SIZE, warm=20)).ways


def test_a_group_s_limit_counts() -> None:
    data = model(PRICES, warm=30)
    data["groups"][0]["limits"] = {"max": 29}
    assert found(person("ana"), data).obstacle == Obstacle.NONE


def test_what_leads_to_exclusion_is_no_way() -> None:
    excluding = RIVAL | {"when": {"field": "country", "op": "equals", "value": "ES"}}
    assert found(person("ana"), model(SIZE, excluding, warm=20)).obstacle == Obstacle.NONE


@pytest.mark.parametrize(
    ("fields", "obstacle"),
    [
        ({"job_title": "Director"}, Obstacle.HIGHEST),
        ({"tags": ["competitor"]}, Obstacle.EXCLUDED),
        ({"country": "FR"}, Obstacle.OUTSIDE),
    ],
)
def test_where_there_is_nothing_to_tell_it_says_why(fields: Data, obstacle: Obstacle) -> None:
    data = model(DIRECTOR, RIVAL) | {
        "audience": {"field": "country", "op": "not_equals", "value": "FR"}
    }
    assert found(person("ana", **fields), data).obstacle == obstacle


def test_of_a_contact_that_did_too_much_nothing_is_promised(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ACTIVITIES_MOST", 2)
    ana = person("ana")
    far = PRICES | {"points": 2}
    visits([(ana, hours * timedelta(hours=1), "/pricing") for hours in range(1, 4)])
    assert found(ana, model(far)).obstacle == Obstacle.TOO_MANY
    # Of more than its limit the newest tell the whole.
    assert found(ana, model(far | {"limit": 2}, DIRECTOR)).ways


def test_what_is_told_comes_true_and_nothing_is_stored() -> None:
    ana = person("ana", job_title="Director")
    visit(ana, 40 * DAY)
    data = model(DIRECTOR, PRICES, warm=70)
    changes = FieldChange.objects.count()
    [way] = found(ana, data).ways
    assert Activity.objects.filter(contact=ana).count() == 1
    assert FieldChange.objects.count() == changes
    visit(ana, timedelta(seconds=1))
    result = explain(ana, parse(data)).result
    assert result is not None
    assert result.total == way.result.total
    assert way.steps[0].rule.test.count is Count.EACH  # type: ignore[union-attr]

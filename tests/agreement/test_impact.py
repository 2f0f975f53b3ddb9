"""The impact of a version is exactly what its going live then does."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from scoring.agreement.impact import (
    Impact,
    ask_for_impact,
)
from scoring.agreement.impact_result import differences
from scoring.agreement.impact_work import go_on_with_impacts
from scoring.automations.models import Crossing
from scoring.criteria.document import ModelDocument, parse
from scoring.criteria.loading import load
from scoring.engine.models import ScoreChange, Track
from scoring.engine.publish import publish
from scoring.engine.recompute import work
from tests.automations.set_up import hot
from tests.engine.scored import (
    DIRECTOR,
    MODEL,
    PRICES,
    RIVAL,
    forget_pending,
    go_live,
    person,
    visit,
)

pytestmark = pytest.mark.django_db
Data = dict[str, Any]


def model_of(*who: Data, what: Data = PRICES, **more: Any) -> ModelDocument:
    groups = [
        {"name": "Who", "dimension": "fit", "rules": list(who)},
        {"name": "What", "dimension": "interest", "rules": [what]},
    ]
    return parse({**MODEL, "groups": groups, "scenarios": [], **more})


STRICTER = model_of({**DIRECTOR, "points": 10}, RIVAL)
SPAIN = {
    "name": "In Spain",
    "points": 35,
    "when": {"field": "country", "op": "in", "value": ["ES"]},
}


def leads() -> Track:
    """Four leads, scored by the small model and at rest."""
    ana = person("ana", job_title="Director", country="ES")
    ben = person("ben", job_title="Director", country="FR")
    person("eva", country="ES")
    person("leo", job_title="Director", tags=["competitor"])
    for who in (ana, ben):
        visit(who, timedelta(days=1))
    forget_pending()
    return go_live()


def work_out(document: ModelDocument, track: Track, user: User | None = None) -> Impact:
    version = load(document).version
    impact = ask_for_impact(track.model, document, user, version, track.swept_at)
    while go_on_with_impacts():
        pass
    impact.refresh_from_db()
    assert impact.state == Impact.State.DONE
    return impact


def predicted(impact: Impact) -> dict[str, tuple[object, ...]]:
    columns = ("contact__first_name", "total_before", "band_before", "total", "band")
    rows = impact.moves.values_list("contact__email_key", *columns[1:])
    return {row[0].split("@")[0]: row[1:] for row in rows}


def actual(impact: Impact) -> dict[str, tuple[object, ...]]:
    """Go live as of the same instant; what became another total or band."""
    assert impact.version is not None
    list(work(publish(impact.version, impact.as_of)))
    rows = ScoreChange.objects.filter(version=impact.version)
    columns = ("total_before", "band_before", "total", "band")
    return {
        row[0].split("@")[0]: row[2:]
        for row in rows.values_list("contact__email_key", "revision", *columns)
        if row[2:4] != row[4:]
    }


def test_who_moves_is_who_then_moves() -> None:
    impact = work_out(STRICTER, leads())
    assert predicted(impact) == {
        "ana": (70, "hot", 50, "warm"),
        "ben": (70, "hot", 50, "warm"),
        "leo": (30, "excluded", 10, "excluded"),
    }
    assert (impact.found.up, impact.found.down) == (0, 2)
    assert predicted(impact) == actual(impact)


AUDIENCE = {"audience": {"field": "country", "op": "is_not_empty"}}
CHANGES = [
    model_of(DIRECTOR, RIVAL, SPAIN),
    model_of(RIVAL, what={**PRICES, "points": 90}),
    model_of(DIRECTOR, SPAIN),
    model_of(DIRECTOR, RIVAL, SPAIN, **AUDIENCE),
    model_of(DIRECTOR, RIVAL, bands=[{"name": "cold"}, {"name": "hot", "from": 71}]),
]


@pytest.mark.parametrize("document", CHANGES)
def test_rules_audience_and_bands_may_all_change(document: ModelDocument) -> None:
    impact = work_out(document, leads())
    assert predicted(impact)
    assert predicted(impact) == actual(impact)


LEVELS: list[Data] = [
    {"kind": "band_entered", "band": "hot"},
    {"kind": "band_entered", "band": "warm", "direction": "down"},
    {"kind": "total_reaches", "points": 50},
    {"kind": "near", "band": "hot", "points": 20},
    {"kind": "change", "points": 15, "within": "7 days"},
]


@pytest.mark.parametrize("trigger", LEVELS, ids=lambda trigger: trigger["kind"])
@pytest.mark.parametrize("document", [STRICTER, CHANGES[0], CHANGES[3]])
def test_so_many_crossings_are_held_back_as_were_told(
    document: ModelDocument, trigger: Data
) -> None:
    track = leads()
    hot(trigger, name=trigger["kind"])
    impact = work_out(document, track)
    actual(impact)
    held = Crossing.objects.held_back().count()
    assert impact.found.crossings == held == Crossing.objects.count()


def test_what_it_would_do_counts_only_where_the_conditions_hold() -> None:
    track = leads()
    only = {"when": {"field": "country", "op": "equals", "value": "FR"}}
    twice = [{"kind": "trace", "tag": "x"}, {"kind": "trace", "tag": "y"}]
    hot({"kind": "total_reaches", "points": 100}, *twice, conditions=[only])
    impact = work_out(model_of({**DIRECTOR, "points": 80}, RIVAL, limits={}), track)
    assert impact.found.crossings == 2
    assert (impact.found.actions("trace"), impact.found.actions("task")) == (2, 0)


def test_a_trigger_that_is_not_armed_is_not_counted() -> None:
    track = leads()
    automation = hot({"kind": "total_reaches", "points": 75, "rearm": {"mode": "never"}})
    once = model_of({**DIRECTOR, "points": 50}, RIVAL)
    assert work_out(once, track).found.crossings == 2
    actual(work_out(once, track))
    list(work(publish(load(parse(MODEL)).version)))
    again = work_out(once, Track.objects.get())
    assert again.found.crossings == 0
    assert automation.states.count() == 2
    actual(again)
    assert Crossing.objects.count() == 2


def test_the_first_version_moves_everybody_from_nowhere() -> None:
    person("ana", job_title="Director", country="ES")
    forget_pending()
    version = load(STRICTER).version
    impact = ask_for_impact(version.model, STRICTER, None, version)
    while go_on_with_impacts():
        pass
    impact.refresh_from_db()
    assert predicted(impact) == {"ana": (None, None, 10, "cold")}
    assert impact.result["matrix"] == [["", "cold", 1]]
    assert predicted(impact) == actual(impact)


def test_the_rules_responsible_are_named_with_what_they_add() -> None:
    impact = work_out(model_of({**DIRECTOR, "points": 10}, SPAIN), leads())
    assert impact.against is not None
    found = {
        move.contact.email_key.split("@")[0]: [
            (one.name, one.points, one.excludes)
            for one in differences(
                impact.against.document_value,
                impact.document_value,
                move.breakdown_before,
                move.breakdown,
            )
        ]
        for move in impact.moves.to_other_bands().select_related("contact")
    }
    assert found == {
        "ben": [("Director", -20, False)],
        "eva": [("In Spain", 35, False)],
        "leo": [("Competitor", -1, True), ("Director", -20, False)],
    }
    assert impact.result["rules"] == {
        "Director": [2, -40],
        "In Spain": [1, 35],
        "Competitor": [1, 0],
    }


def test_the_result_adds_up_to_everybody() -> None:
    impact = work_out(STRICTER, leads())
    matrix = {(old, new): count for old, new, count in impact.result["matrix"]}
    assert matrix == {
        ("cold", "cold"): 1,
        ("excluded", "excluded"): 1,
        ("hot", "hot"): 0,
        ("hot", "warm"): 2,
    }
    totals = impact.result["totals"]
    at = range(
        totals["low"], totals["low"] + totals["width"] * len(totals["before"]), totals["width"]
    )
    assert dict(zip(at, totals["before"], strict=True))[70] == 2
    assert sum(totals["before"]) == sum(totals["after"]) == 3
    assert (
        sum(
            totals["after"][place]
            for place, low in enumerate(at)
            if low <= 50 < low + totals["width"]
        )
        == 2
    )

"""The impact of a version is exactly what its going live then does."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from scoring.agreement import impact_work
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.impact import (
    KEPT,
    Impact,
    ImpactMove,
    ImpactStep,
    ask_for_impact,
    headline_of,
)
from scoring.agreement.impact_result import differences, nice_width
from scoring.agreement.impact_work import go_on_with_impacts
from scoring.automations.loading import load_automation
from scoring.automations.models import Crossing
from scoring.criteria.document import DocumentInvalid, ModelDocument, parse
from scoring.criteria.loading import load
from scoring.criteria.models import Version
from scoring.engine.models import ScoreChange, Track
from scoring.engine.publish import publish
from scoring.engine.recompute import work
from scoring.engine.results import score
from tests.automations.set_up import hot
from tests.engine.reference import instant
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
from tests.engine.stored import live, store, undone
from tests.engine.stored import version as version_of
from tests.engine.worlds import Drawn, documents, worlds
from tests.profiles import examples

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


def leads(document: Data = MODEL) -> Track:
    """Four leads, scored by the small model and at rest."""
    ana = person("ana", job_title="Director", country="ES")
    ben = person("ben", job_title="Director", country="FR")
    person("eva", country="ES")
    person("leo", job_title="Director", tags=["competitor"])
    for who in (ana, ben):
        visit(who, timedelta(days=1))
    forget_pending()
    return go_live(document)


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
    recompute = publish(impact.version, impact.as_of)
    list(work(recompute))
    rows = ScoreChange.objects.filter(written_at__gte=recompute.started_at)
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


@pytest.mark.parametrize("document", [STRICTER, CHANGES[0], CHANGES[3]])
def test_so_many_crossings_are_held_back_as_were_told(document: ModelDocument) -> None:
    track = leads()
    for trigger in LEVELS:
        hot(trigger, name=str(trigger))
    impact = work_out(document, track)
    told = {each["name"]: each["crossings"] for each in impact.result["automations"]}
    actual(impact)
    held = Crossing.objects.held_back()
    assert Counter(held.values_list("automation__name", flat=True)) == Counter(told)
    assert impact.found.crossings == Crossing.objects.count() == held.count() > 0


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


def test_a_rule_that_has_only_faded_since_is_not_named() -> None:
    track = leads()
    later = track.swept_at + timedelta(days=40)
    # The stored scores still have all points of the visits, which are worth less by then.
    version = load(model_of({**DIRECTOR, "points": 10}, RIVAL)).version
    impact = ask_for_impact(track.model, version.document_value, None, version, later)
    while go_on_with_impacts():
        pass
    impact.refresh_from_db()
    moved = impact.moves.to_other_bands()
    assert moved.filter(contact__email_key__startswith="ana").exists()
    assert set(impact.result["rules"]) == {"Director"}
    # The same query at the same instant, by the live version and by the other.
    assert impact.against is not None
    for move in moved:
        one = score(impact.against.document_value, [move.contact_id], later, "default")
        if move.contact_id in one:
            assert move.breakdown_before == list(one[move.contact_id].worths)


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


@examples(6)
@given(data=st.data())
def test_whatever_the_models_and_the_people_it_is_what_then_happens(data: st.DataObject) -> None:
    drawn: Drawn = data.draw(worlds())
    changed = {**data.draw(documents(drawn.as_of)), "name": drawn.document["name"]}
    with undone():
        store(drawn.contacts, drawn.activities)
        forget_pending()
        track = live(drawn.document, instant(drawn.as_of))
        for trigger in (LEVELS[2], LEVELS[4]):
            switched_on(track, trigger)
        impact = work_out(version_of(changed).document_value, track)
        assert predicted(impact) == actual(impact)
        assert impact.found.crossings == Crossing.objects.count()


def switched_on(track: Track, trigger: Data) -> None:
    acting = {"trigger": trigger, "actions": [{"kind": "trace", "tag": "x"}]}
    load_automation(track.model, trigger["kind"], acting).switch_on()


class Killed(Exception):
    pass


def test_it_is_worked_out_in_steps_that_a_killed_worker_leaves_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    track = leads()
    hot({"kind": "band_entered", "band": "warm", "direction": "down"})
    whole = work_out(STRICTER, track)
    monkeypatch.setattr(impact_work, "BLOCK", 1)
    impact = ask_for_impact(track.model, STRICTER, None, whole.version, track.swept_at)
    steps = 0
    while True:
        with suppress(Killed), transaction.atomic():
            go_on_with_impacts()
            raise Killed
        if not go_on_with_impacts():
            break
        steps += 1
    impact.refresh_from_db()
    # One to begin, four contacts, the scenarios, and one to put it together.
    assert steps == 7
    assert impact.result == whole.result
    assert predicted(impact) == predicted(whole)
    assert not ImpactStep.objects.exists()


def test_the_headline_is_what_the_signers_read() -> None:
    track = leads()
    hot({"kind": "total_reaches", "points": 75})
    version = load(model_of({**DIRECTOR, "points": 80}, RIVAL)).version
    assert headline_of(version) is None
    work_out(version.document_value, track)
    found = headline_of(version)
    assert found is not None
    assert (found.up, found.down, found.crossings, found.tasks) == (0, 0, 2, 0)
    assert found.changed_since == 0
    go_live(STRICTER.as_data())
    assert headline_of(version) is None


@pytest.mark.parametrize("state", [Version.State.PROPOSED, Version.State.AGREED])
def test_the_impact_of_what_is_to_be_signed_is_there_without_asking(state: str) -> None:
    leads()
    version = load(STRICTER).version
    Version.objects.filter(pk=version.pk).update(state=state)
    while go_on_with_impacts():
        pass
    found = headline_of(version)
    assert found is not None and found.down == 2
    assert Impact.objects.count() == 1


def test_asked_twice_it_is_worked_out_once(marta: User) -> None:
    track = leads()
    version = load(STRICTER).version
    first = ask_for_impact(track.model, STRICTER, marta, version)
    assert ask_for_impact(track.model, STRICTER, None, version) == first
    [entry] = AuditEntry.objects.filter(action=Action.IMPACT)
    assert (entry.username, entry.version) == ("marta", version)


def test_another_version_that_goes_live_meanwhile_overtakes_it() -> None:
    track = leads()
    impact = ask_for_impact(track.model, STRICTER, None, load(STRICTER).version)
    assert go_on_with_impacts()
    go_live(CHANGES[0].as_data())
    while go_on_with_impacts():
        pass
    impact.refresh_from_db()
    assert impact.state == Impact.State.OVERTAKEN


def test_one_that_goes_live_after_the_last_step_overtakes_it_too() -> None:
    track = leads()
    impact = ask_for_impact(track.model, STRICTER, None, load(STRICTER).version)
    while impact.steps.filter(done_at=None).exists() or not impact.steps.exists():
        assert go_on_with_impacts()
    go_live(CHANGES[0].as_data())
    assert go_on_with_impacts()
    impact.refresh_from_db()
    assert impact.state == Impact.State.OVERTAKEN


@pytest.mark.parametrize("proposed_first", [True, False], ids=["before it changes", "after"])
def test_of_a_draft_that_is_proposed_the_impact_is_found_though_the_draft_goes_on(
    proposed_first: bool,
) -> None:
    track = leads()
    ask_for_impact(track.model, STRICTER, None)
    version = load(STRICTER).version
    proposed = Version.objects.filter(pk=version.pk)
    if proposed_first:
        proposed.update(state=Version.State.PROPOSED)
    ask_for_impact(track.model, CHANGES[0], None)
    proposed.update(state=Version.State.PROPOSED)
    while go_on_with_impacts():
        pass
    found = headline_of(version)
    assert found is not None and found.down == 2


def test_a_draft_that_has_changed_overtakes_its_former_state() -> None:
    track = leads()
    first = ask_for_impact(track.model, STRICTER, None)
    second = ask_for_impact(track.model, CHANGES[0], None)
    states = dict(Impact.objects.values_list("pk", "state"))
    assert states == {first.pk: Impact.State.OVERTAKEN, second.pk: Impact.State.WAITING}


def test_while_everybody_is_scored_anew_it_waits() -> None:
    track = leads()
    recompute = publish(load(CHANGES[0]).version)
    impact = ask_for_impact(track.model, STRICTER, None, load(STRICTER).version)
    assert go_on_with_impacts() == 0
    list(work(recompute))
    assert go_on_with_impacts() == 1
    impact.refresh_from_db()
    assert impact.state == Impact.State.AT_WORK


def test_one_that_cannot_be_worked_out_says_so_and_is_not_tried_for_ever() -> None:
    track = leads()
    impact = ask_for_impact(track.model, STRICTER, None)
    Impact.objects.update(document="{}")
    with pytest.raises(DocumentInvalid):
        go_on_with_impacts()
    impact.refresh_from_db()
    assert impact.state == Impact.State.FAILED
    assert go_on_with_impacts() == 0


def test_of_the_older_ones_only_the_numbers_are_kept() -> None:
    track = leads()
    for points in range(1, KEPT + 3):
        work_out(model_of({**DIRECTOR, "points": points}, RIVAL), track)
    assert Impact.objects.done().count() == KEPT + 2
    kept = set(Impact.objects.filter(moves_kept=True).values_list("pk", flat=True))
    assert len(kept) == KEPT
    assert set(ImpactMove.objects.values_list("impact", flat=True)) == kept


@pytest.mark.parametrize(
    ("span", "width"), [(0, 1), (38, 1), (39, 2), (80, 5), (10**9, 5 * 10**7), (400, 20)]
)
def test_the_spans_of_the_picture_are_round_and_not_too_many(span: int, width: int) -> None:
    assert nice_width(span) == width

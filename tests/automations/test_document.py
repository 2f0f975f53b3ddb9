"""The document of an automation: read, refused with every fault, and written back."""

from typing import Any

import pytest
from django.utils import translation

from scoring.automations.document import AutomationDocument, parse
from scoring.automations.triggers import TRIGGERS
from scoring.criteria.document import DocumentInvalid, ModelDocument
from scoring.criteria.document import parse as parse_model
from tests.automations.set_up import HOT, MODEL, TRACE, Data

pytestmark = pytest.mark.once

WHOLE: list[tuple[Data, str]] = [
    (HOT, "when the total rises into the band “hot”"),
    (
        {"kind": "band_entered", "band": "cold", "direction": "down"},
        "when the total falls into the band “cold”",
    ),
    ({"kind": "band_left", "band": "cold"}, "when the total rises out of the band “cold”"),
    (
        {"kind": "band_left", "band": "hot", "direction": "down"},
        "when the total falls out of the band “hot”",
    ),
    ({"kind": "total_reaches", "points": 100}, "when the total reaches 100 points"),
    (
        {"kind": "near", "band": "hot", "points": 10},
        "when the total comes within 10 points of the band “hot”",
    ),
    (
        {"kind": "change", "points": 20, "within": "7 days"},
        "when the total rises by 20 points or more within 7 days",
    ),
    (
        {"kind": "change", "points": 20, "within": "1 week", "direction": "down"},
        "when the total falls by 20 points or more within 1 week",
    ),
    (
        {"kind": "activity", "activity": {"type": "purchase"}, "cool_down_hours": 2},
        "when they buy something",
    ),
    ({"kind": "quiet", "for": "30 days"}, "when they have done nothing for 30 days"),
]


@pytest.fixture
def model() -> ModelDocument:
    return parse_model(MODEL)


def automation(trigger: Data = HOT, **more: Any) -> Data:
    return {"trigger": trigger, "actions": [TRACE], **more}


@pytest.mark.parametrize(("trigger", "words"), WHOLE)
def test_a_trigger_is_read_and_written_back(
    trigger: Data, words: str, model: ModelDocument
) -> None:
    document = parse(automation(trigger), model)
    assert document.as_data() == automation(trigger)
    assert parse(document.as_data(), model) == document
    assert document.trigger.sentence() == words


def test_every_kind_of_trigger_is_among_them() -> None:
    assert {trigger["kind"] for trigger, _words in WHOLE} == set(TRIGGERS)


REARM: Data = {
    "mode": "below_exit_for",
    "exit": 40,
    "for": "3 days",
    "cool_down_hours": 48,
}


def test_what_arms_a_trigger_again_is_written_back(model: ModelDocument) -> None:
    data = automation({**HOT, "rearm": REARM})
    assert parse(data, model).as_data() == data


def test_conditions_are_written_back(model: ModelDocument) -> None:
    conditions: list[Data] = [
        {"when": {"field": "country", "op": "equals", "value": "ES"}},
        {"not": True, "activity": {"type": "meeting_booked"}},
        {"activity": {"type": "page_view"}, "at_least": 3, "within": "30 days"},
        {"absent": {"type": "email_reply"}, "for": "14 days"},
    ]
    assert parse(automation(conditions=conditions), model).as_data()["conditions"] == conditions


def test_the_same_automation_has_the_same_hash(model: ModelDocument) -> None:
    explicit = automation({**HOT, "direction": "up", "rearm": {"mode": "below_exit"}})
    assert parse(explicit, model).hash == parse(automation(), model).hash


FAULTS: list[tuple[Any, list[str]]] = [
    ([], [""]),
    ({}, ["trigger", "actions"]),
    (automation(extra=1), ["extra"]),
    (automation({"kind": "moon"}), ["trigger.kind"]),
    (automation({"band": "hot"}), ["trigger.kind"]),
    (automation({"kind": "band_entered"}), ["trigger.band"]),
    (automation({"kind": "band_entered", "band": "boiling"}), ["trigger.band"]),
    (automation({"kind": "band_entered", "band": "cold"}), ["trigger.band"]),
    (automation({**HOT, "direction": "down"}), ["trigger.band"]),
    (automation({"kind": "band_left", "band": "hot"}), ["trigger.band"]),
    (automation({"kind": "near", "band": "cold", "points": 3}), ["trigger.band"]),
    (automation({"kind": "near", "band": "hot", "points": 0}), ["trigger.points"]),
    (automation({"kind": "total_reaches", "points": "50"}), ["trigger.points"]),
    (
        automation({"kind": "change", "points": 0, "within": "soon"}),
        ["trigger.points", "trigger.within"],
    ),
    (automation({"kind": "quiet", "for": "0 days"}), ["trigger.for"]),
    (automation({**HOT, "rearm": {"exit": 61}}), ["trigger.rearm"]),
    (automation({**HOT, "rearm": {"mode": "below_exit_for"}}), ["trigger.rearm.for"]),
    (automation({**HOT, "rearm": {"for": "3 days"}}), ["trigger.rearm.for"]),
    (automation({**HOT, "rearm": {"cool_down_hours": -1}}), ["trigger.rearm.cool_down_hours"]),
    (automation(actions=[]), ["actions"]),
    (
        automation(actions=[{"kind": "explode"}, {"kind": "trace"}]),
        ["actions[0].kind", "actions[1].tag"],
    ),
    (automation(actions=[TRACE] * 21), ["actions"]),
    (automation(conditions=[{}]), ["conditions[0]"]),
    (
        automation(conditions=[{"when": {"field": "moon", "op": "equals"}}]),
        ["conditions[0].when.field"],
    ),
    (automation(conditions=[{"absent": {"type": "visit"}}]), ["conditions[0].for"]),
    (
        automation(conditions=[{"absent": {"type": "visit"}, "for": "1 day", "at_least": 2}]),
        ["conditions[0].at_least"],
    ),
]


@pytest.mark.parametrize(("data", "paths"), FAULTS)
def test_every_fault_is_named_with_its_place(
    data: Any, paths: list[str], model: ModelDocument
) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        parse(data, model)
    assert [fault.path for fault in refused.value.faults] == paths


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_says_what_it_does_in_words(language: str, model: ModelDocument) -> None:
    document: AutomationDocument = parse(automation({**HOT, "rearm": REARM}), model)
    with translation.override(language):
        assert "hot" in document.trigger.sentence()

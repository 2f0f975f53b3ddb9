"""A sequence as a document: read with every fault, stored, and given back."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from contacts.models import Team
from scoring.automations.sequences.document import parse
from scoring.automations.sequences.loading import document_of, dump_sequence, load_sequence
from scoring.automations.sequences.models import Sequence
from scoring.criteria import yaml
from scoring.criteria.document import DocumentInvalid
from tests.automations.sequences import making

pytestmark = pytest.mark.django_db

Data = dict[str, Any]
EMAIL: Data = {"kind": "email", "subject": "S", "text": "T"}
TASK: Data = {"kind": "task", "subject": "S"}
FULL: Data = {
    "name": "Warm leads",
    "slug": "warm",
    "purpose": "sales",
    "calendar": "Madrid",
    "leave_on_band_change": True,
    "goal": [
        {"activity": {"type": "purchase"}},
        {"not": True, "when": {"field": "country", "op": "equals", "value": "ES"}},
    ],
    "steps": [
        {"kind": "email", "wait": "0 days", "at": "09:30", "subject": "Hi", "text": "Héllo\n\nyou"},
        {
            "kind": "task",
            "wait": "1 working day",
            "subject": "Call",
            "assignee": "team",
            "priority": "high",
            "due_hours": 4,
            "team": "Hunters",
        },
        {
            "kind": "task",
            "wait": "12 days",
            "subject": "Write",
            "text": "Why",
            "assignee": "person",
            "priority": "low",
            "due_hours": 0,
            "person": "mona",
        },
    ],
}


def test_a_document_comes_back_as_it_was() -> None:
    Team.objects.create(name="Hunters", calendar=making.calendar())
    User.objects.create_user("mona")
    one = load_sequence(FULL)
    assert one.active is False
    assert document_of(one).as_data() == FULL
    assert yaml.read(dump_sequence(one)) == FULL
    assert load_sequence(yaml.read(dump_sequence(one))) == one


def test_the_least_that_can_be_said() -> None:
    one = load_sequence({"name": "Hola, ¿qué tal?", "steps": [EMAIL]})
    assert (one.slug, one.purpose, one.calendar) == ("hola-que-tal", "nurturing", None)
    [step] = one.steps.all()
    assert (step.wait_days, step.wait_working, step.at, step.number) == (0, False, None, 1)


def test_loading_again_keeps_the_steps_that_people_have_done() -> None:
    one = load_sequence({"name": "A", "steps": [EMAIL, TASK]})
    before = list(one.steps.values_list("pk", "number"))
    load_sequence({"name": "A", "steps": [EMAIL | {"subject": "New"}, TASK, EMAIL]})
    assert list(one.steps.values_list("pk", "number"))[:2] == before
    load_sequence({"name": "A", "steps": [EMAIL]})
    assert list(one.steps.values_list("pk", "number")) == before[:1]


FAULTS: list[tuple[Data, list[str]]] = [
    ({}, ["name: is missing", "steps: is missing"]),
    ({"name": " ", "steps": []}, ["steps: must not be an empty list", "name: must not be empty"]),
    ({"name": "A", "steps": [EMAIL], "x": 1}, ["x: is not known here"]),
    ({"name": "A", "steps": [EMAIL], "slug": "Ñ"}, ["slug: must be small letters"]),
    ({"name": "A", "steps": [EMAIL], "purpose": "fun"}, ["purpose: must be one of"]),
    ({"name": "A", "steps": [EMAIL], "goal": [{}]}, ["goal[0]: must have exactly one test"]),
    ({"name": "A", "steps": [{"kind": "sms", "subject": "S"}]}, ["steps[0].kind: must be one of"]),
    ({"name": "A", "steps": [{"kind": "email", "subject": "S"}]}, ["steps[0].text: is missing"]),
    ({"name": "A", "steps": [EMAIL | {"text": "{{ x }}"}]}, ["steps[0].text: “x” is no variable"]),
    ({"name": "A", "steps": [EMAIL | {"subject": "s" * 201}]}, ["steps[0].subject: must have"]),
    ({"name": "A", "steps": [EMAIL | {"subject": " "}]}, ["steps[0].subject: must not be empty"]),
    ({"name": "A", "steps": [EMAIL | {"wait": "soon"}]}, ["steps[0].wait: must be days"]),
    ({"name": "A", "steps": [EMAIL | {"wait": "366 days"}]}, ["steps[0].wait: must be days"]),
    ({"name": "A", "steps": [EMAIL | {"wait": 3}]}, ["steps[0].wait: must be days"]),
    ({"name": "A", "steps": [EMAIL | {"at": "24:00"}]}, ["steps[0].at: must be a time"]),
    ({"name": "A", "steps": [EMAIL | {"at": 540}]}, ["steps[0].at: must be a time"]),
    ({"name": "A", "steps": [EMAIL | {"team": "T"}]}, ["steps[0].team: goes only with"]),
    ({"name": "A", "steps": [TASK | {"assignee": "team"}]}, ["steps[0].team: is missing"]),
    ({"name": "A", "steps": [TASK | {"team": "T"}]}, ["steps[0].team: goes only with"]),
    ({"name": "A", "steps": [TASK | {"due_hours": 1001}]}, ["steps[0].due_hours: must be from"]),
    (
        {"name": "A", "steps": [TASK | {"assignee": "team", "team": "None"}], "calendar": "None"},
        ["calendar: there is no calendar", "steps[0].team: there is no team"],
    ),
    (
        {"name": "A", "steps": [TASK | {"assignee": "person", "person": "nn"}]},
        ["steps[0].person: there is no user"],
    ),
]


@pytest.mark.parametrize(("data", "told"), FAULTS)
def test_every_fault_is_told_with_its_place(data: Data, told: list[str]) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        load_sequence(data)
    found = [str(fault) for fault in caught.value.faults]
    for expected in told:
        assert any(fault.startswith(expected) for fault in found), found
    assert not Sequence.objects.exists()


@pytest.mark.parametrize("data", [None, [], "x", 5, {"steps": {}}, {"name": [], "steps": [1]}])
def test_what_is_no_document_at_all_is_refused(data: object) -> None:
    with pytest.raises(DocumentInvalid):
        parse(data)


def test_a_name_belongs_to_one_sequence() -> None:
    load_sequence({"name": "A", "steps": [EMAIL]})
    with pytest.raises(DocumentInvalid, match="name of another"):
        load_sequence({"name": "A", "slug": "b", "steps": [EMAIL]})

"""Segments as conditions: asked when an automation fires, as they are then."""

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils import timezone

from contacts.models import Contact, CustomField
from scoring.automations.admin.condition_forms import SegmentForm
from scoring.automations.conditions import SegmentTest, read_condition, which_hold, who_meets
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue
from scoring.criteria.segments import Segment
from tests.automations.set_up import Data, person

pytestmark = pytest.mark.django_db

SPAIN: Data = {"field": "country", "op": "equals", "value": "ES"}
BOSS: Data = {"when": {"field": "job_title", "op": "contains", "value": "director"}}


@pytest.fixture
def spain() -> Segment:
    return Segment(name="Spain", condition=SPAIN).store(User())


def met(who: Contact, *conditions: Data) -> list[bool]:
    read = [read_condition(Node(each), Catalogue(())) for each in conditions]
    now = timezone.now()
    held = which_hold(read, (), who.pk, now)
    assert all(held) is (who_meets(read, (), [who.pk], now) == {who.pk})
    return held


def test_whoever_is_in_the_segment_meets_the_condition(spain: Segment) -> None:
    who = person("ana", country="ES", job_title="Director")
    inside, outside = {"segment": "spain"}, {"segment": "spain", "not": True}
    assert met(who, inside) == [True]
    assert met(who, outside) == [False]
    assert met(who, BOSS, inside) == [True, True]
    spain.condition = {"not": SPAIN}
    spain.store(User())
    assert met(who, BOSS, inside) == [True, False]


def test_it_may_ask_for_fields_that_the_model_does_not_declare(spain: Segment) -> None:
    CustomField.objects.create(key="seats", label="Seats", type="number")
    spain.condition = {"field": "attributes.seats", "op": "gte", "value": 5}
    spain.store(User())
    who = person("ana")
    who.attributes = {"seats": 9}
    who.save()
    assert met(who, {"segment": "spain"}) == [True]


@pytest.mark.parametrize("turned", [{}, {"not": True}])
def test_a_segment_that_is_not_there_holds_for_nobody(spain: Segment, turned: Data) -> None:
    who = person("ana", country="ES")
    assert met(who, BOSS, {"segment": "gone", **turned})[1] is False
    spain.condition = {"field": "attributes.gone", "op": "is_true"}
    spain.store(User())
    assert met(who, {"segment": "spain", **turned}) == [False]


def test_it_is_said_by_its_name_and_its_faults_are_told(spain: Segment) -> None:
    catalogue = Catalogue(())
    read = read_condition(Node({"segment": "spain", "not": True}), catalogue)
    assert read.sentence(catalogue) == "not the contact is in the segment “Spain”"
    assert read.data() == {"not": True, "segment": "spain"}
    assert SegmentTest("spain").problems() == []
    assert SegmentTest("gone").problems() == ["There is no segment “gone”."]
    Segment.objects.update(condition={"field": "password", "op": "equals", "value": "x"})
    assert "cannot be read: field: there is no field" in SegmentTest("spain").problems()[0]


@pytest.mark.parametrize(
    "condition",
    [
        {"segment": ""},
        {"segment": "Not A Key"},
        {"segment": 5},
        {"segment": "a' OR 1=1"},
        {"segment": "spain", "within": "3 days"},
        {"segment": "spain", "when": SPAIN},
    ],
)
def test_what_names_no_segment_is_refused(condition: Data) -> None:
    node = Node(condition)
    read_condition(node, Catalogue(()))
    assert node.faults


def test_the_builder_offers_the_segments_that_there_are(spain: Segment) -> None:
    data = {"segment": "spain", "not": True}
    assert SegmentForm.fits(data)
    shown = SegmentForm(Catalogue(()), prefix="c0", initial=SegmentForm.initial_of(data))
    assert ("spain", "Spain") in shown.fields["segment"].choices  # type: ignore[attr-defined]
    sent = SegmentForm(Catalogue(()), QueryDict("c0-segment=spain&c0-negated=on"), prefix="c0")
    assert sent.is_valid()
    assert sent.parameters() == data
    wrong = SegmentForm(Catalogue(()), QueryDict("c0-segment=gone"), prefix="c0")
    assert not wrong.is_valid()

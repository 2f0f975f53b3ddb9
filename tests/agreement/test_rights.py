"""Whoever lacks a right is refused by what would begin a draft, write into it or ask for work."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from contacts.roles import MARKETING
from scoring.agreement.admin.hub import address_of
from scoring.agreement.qualification.models import Persona
from scoring.agreement.suggestions.models import Suggestion
from scoring.agreement.workshop.table import OutcomeTable
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel
from scoring.criteria.segments import Segment
from tests.engine.scored import go_live, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def model() -> ScoringModel:
    return go_live().model


def marketer_without(*lacking: str) -> Client:
    user = User.objects.create_user("marketer", is_staff=True)
    rights = Permission.objects.filter(group__name=MARKETING)
    user.user_permissions.set(rights.exclude(codename__in=lacking))
    client = Client()
    client.force_login(user)
    return client


def ways_into_the_draft(model: ScoringModel) -> list[str]:
    persona = Persona.objects.create(model=model, name="Buyers")
    rule = {"points": 5, "when": {"field": "city", "op": "equals", "value": "Rome"}}
    asked = Suggestion.objects.create(model=model, title="Rome", reason="x", rule=rule)
    return [
        address_of("grades", model, "propose"),
        address_of("matrix", model, "rules", persona.pk),
        address_of("scenarios", model, "begin"),
        address_of("scenarios", model, "from", person("ana").pk),
        address_of("suggestions", model, "take", asked.pk),
        address_of("threshold", model, "pick"),
    ]


@pytest.mark.parametrize("lacking", ["add_draft", "change_draft"])
def test_a_draft_is_begun_only_by_those_who_may(model: ScoringModel, lacking: str) -> None:
    ways = ways_into_the_draft(model)
    client = marketer_without(lacking)
    assert [client.post(way).status_code for way in ways] == [403] * len(ways)
    assert not Draft.objects.exists()
    for slug in ("grades", "matrix", "scenarios", "suggestions", "threshold"):
        assert client.get(address_of(slug, model), follow=True).status_code == 200


def test_one_that_is_there_is_written_by_those_who_may_not_begin_one(model: ScoringModel) -> None:
    Draft.objects.bring_back(model, go_live().version.document_value.as_data(), None)
    client = marketer_without("add_draft")
    answer = client.post(address_of("scenarios", model, "from", person("ana").pk))
    assert answer.status_code == 302
    assert Draft.objects.get().scenarios.filter(name__contains="real lead").exists()


def test_outcomes_are_worked_out_for_those_only_who_may_ask(model: ScoringModel) -> None:
    client = marketer_without("add_impact", "change_draft")
    ask = address_of("threshold", model, "ask")
    assert client.post(ask).status_code == 403
    assert ask not in client.get(address_of("threshold", model)).content.decode()
    assert not OutcomeTable.objects.exists()


def test_a_segment_is_inserted_by_those_only_who_may_see_it(model: ScoringModel) -> None:
    condition = {"field": "country", "op": "equals", "value": "ES"}
    Segment.objects.create(name="Spain", key="spain", condition=condition)
    client = marketer_without("view_segment")
    url = f"{reverse('admin:scoring_condition_tree')}?tree=when"
    assert client.post(url, {"when-segment": "spain"}).status_code == 403
    answer = client.post(url, {"when-do": "add:"})
    assert answer.status_code == 200
    assert "Spain" not in answer.content.decode()

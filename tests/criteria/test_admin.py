"""The admin pages of models and versions: the document in words, its file, what changed."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from scoring.criteria import yaml
from scoring.criteria.document import parse
from scoring.criteria.loading import load
from scoring.criteria.models import ScoringModel, Version
from tests.engine.scored import DIRECTOR, MODEL, go_live
from tests.engine.test_admin import text_of

pytestmark = pytest.mark.django_db

MODELS = reverse("admin:scoring_scoringmodel_changelist")
VERSIONS = reverse("admin:scoring_version_changelist")


@pytest.fixture
def marketing(marta: User, client: Client) -> Client:
    client.force_login(marta)
    return client


@pytest.fixture
def version() -> Version:
    return go_live().version


def address(version: Version) -> str:
    return reverse("admin:scoring_version_change", args=[version.pk])


def test_a_model_says_which_version_is_live(marketing: Client, version: Version) -> None:
    load(parse({**MODEL, "limits": {"max": 90}}))
    text = text_of(marketing.get(MODELS))
    assert "Small model none version 1 " in text
    address = reverse("admin:scoring_scoringmodel_change", args=[version.model_id])
    page = marketing.get(address, follow=True)
    assert "No draft yet" in text_of(page)


def test_a_model_without_a_live_version_is_listed(marketing: Client) -> None:
    load(parse(MODEL))
    assert "Versions Small model 1 1 scoring model" in text_of(marketing.get(MODELS))


def test_without_models_it_says_how_to_load_one(marketing: Client) -> None:
    for list_of in (MODELS, VERSIONS):
        assert "load_model --template b2b_starter" in text_of(marketing.get(list_of))


def test_a_version_is_listed_with_its_figures(marketing: Client, version: Version) -> None:
    text = text_of(marketing.get(VERSIONS))
    assert "Small model 1 Live" in text
    assert f"3 cold, warm from 30, hot from 60 {version.hash[:12]}" in text


def test_a_version_says_its_document_in_words(marketing: Client, version: Version) -> None:
    text = text_of(marketing.get(address(version)))
    for said in (
        "Live since",
        version.hash,
        "Audience everybody",
        "Objective none",
        "Limits of the total at most 80",
        "cold below warm from 30 hot from 60",
        "fit ↓ interest → from 20 below from 20 A1 A2 below B1 B2",
        'Who Fit Director +30 if job title contains "director" +30',
        'Competitor excluded if tags include "competitor" excludes',
        "What Interest, at most 55 Visits the prices +40 each time they visit a page",
    ):
        assert said in text


def test_a_version_tries_its_scenarios_now(marketing: Client, version: Version) -> None:
    text = text_of(marketing.get(address(version)))
    assert (
        "A director at the prices company name: Norte, job title: Director "
        "Page view /pricing, 1 day ago hot 70 hot ✓ as expected"
    ) in text
    assert "Nobody warm 0 cold ✗ not as expected" in text


def test_a_prospect_outside_the_audience_is_not_as_expected(marketing: Client) -> None:
    audience = {"field": "country", "op": "equals", "value": "ES"}
    text = text_of(marketing.get(address(load(parse({**MODEL, "audience": audience})).version)))
    assert "Nobody warm outside the audience ✗ not as expected" in text


def test_what_a_machine_did_is_said_of_a_prospect(marketing: Client) -> None:
    activity = {"type": "email_click", "age": "2 days", "automated": True}
    scenario = {"name": "A scanner", "activities": [activity], "expect": "cold"}
    found = load(parse({**MODEL, "scenarios": [scenario]})).version
    text = text_of(marketing.get(address(found)))
    assert "E-mail link clicked (automated), 2 days ago" in text


def test_custom_fields_stand_on_the_page(marketing: Client) -> None:
    fields = [{"key": "plan", "label": "Plan", "type": "choice", "choices": ["Basic", "Pro"]}]
    found = load(parse({**MODEL, "fields": fields})).version
    assert "Plan plan, choice: Basic, Pro" in text_of(marketing.get(address(found)))


def test_a_version_says_what_differs_from_the_one_before(
    marketing: Client, version: Version
) -> None:
    richer = {**DIRECTOR, "points": 35}
    group = {"name": "Who", "dimension": "fit", "rules": [richer]}
    second = load(parse({**MODEL, "groups": [group, MODEL["groups"][1]]})).version
    text = text_of(marketing.get(address(second)))
    assert "What differs from Small model 1" in text
    assert 'Rule “Director” before: +30 if job title contains "director" (Who) now: +35' in text
    assert 'Rule “Competitor” removed: excluded if tags include "competitor" (Who)' in text
    assert "What differs" not in text_of(marketing.get(address(version)))


def test_the_file_of_a_version_gives_the_same_version(marketing: Client, version: Version) -> None:
    answer = marketing.get(reverse("admin:scoring_version_yaml", args=[version.pk]))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="small-model-1.yaml"'
    assert parse(yaml.read(answer.content)).hash == version.hash


def test_the_name_of_the_file_is_safe_whatever_the_model_is_called(marketing: Client) -> None:
    found = load(parse({**MODEL, "name": '"; x="/../¡日本!'})).version
    answer = marketing.get(reverse("admin:scoring_version_yaml", args=[found.pk]))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="x-1.yaml"'


@pytest.mark.parametrize("route", ["change", "yaml"])
def test_a_version_that_is_not_there_is_not_found(route: str, marketing: Client) -> None:
    for pk in ("0", "x"):
        answer = marketing.get(reverse(f"admin:scoring_version_{route}", args=[pk]))
        assert answer.status_code == 404


def test_nobody_without_a_role_reads_a_version(version: Version) -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    for route in ("change", "yaml"):
        answer = client.get(reverse(f"admin:scoring_version_{route}", args=[version.pk]))
        assert answer.status_code == 403
    assert client.get(VERSIONS).status_code == 403
    assert ScoringModel.objects.count() == 1


def test_nobody_changes_a_version_here(ada: User, client: Client, version: Version) -> None:
    client.force_login(ada)
    assert client.post(address(version), {"state": "retired"}).status_code == 403
    delete = reverse("admin:scoring_version_delete", args=[version.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    version.refresh_from_db()
    assert version.state == Version.State.LIVE

"""Bands, limits, matrix, audience, objective and custom fields, each with a form of its own."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact, Deal, Pipeline, Stage
from scoring.criteria.drafts import Draft, DraftGroup, DraftRule
from tests.agreement.editor.test_editing import address, client, draft
from tests.engine.scored import person

__all__ = ["client", "draft"]
pytestmark = pytest.mark.django_db


def stamp(client: Client, draft: Draft, name: str) -> str:
    form = client.get(address(draft, "part", name)).content.decode()
    return form.partition('name="stamp" value="')[2].partition('"')[0]


def put(client: Client, draft: Draft, name: str, given: Any = None, **more: Any) -> str:
    sent = {"stamp": stamp(client, draft, name)} | (given or {}) | more
    answer = client.post(address(draft, "part", name), sent)
    assert answer.status_code == 200
    return str(answer.content.decode())


def stored(draft: Draft) -> Any:
    return Draft.objects.get(pk=draft.pk).as_data()


def test_bands_are_renamed_and_scenarios_expect_the_new_name(client: Client, draft: Draft) -> None:
    names = {"bands-name": ["cold", "mild", "hot"], "bands-from": ["", "20", "50"]}
    assert "Saved." in put(client, draft, "bands", names)
    assert stored(draft)["bands"] == [
        {"name": "cold"},
        {"name": "mild", "from": 20},
        {"name": "hot", "from": 50},
    ]
    assert stored(draft)["scenarios"][0]["expect"] == "mild"
    assert len(Draft.objects.get().document().rules) == 4


def test_the_matrix_is_written_and_taken_away(client: Client, draft: Draft) -> None:
    grades = {
        "fit-name": ["A", "B"],
        "fit-from": ["30", ""],
        "interest-name": ["1", ""],
        "interest-from": ["", ""],
    }
    put(client, draft, "matrix", grades)
    assert stored(draft)["matrix"] == {
        "fit": [{"grade": "A", "from": 30}, {"grade": "B"}],
        "interest": [{"grade": "1"}],
    }
    half = {"fit-name": ["A"], "fit-from": [""]}
    assert "At least one is needed." in put(client, draft, "matrix", half)
    put(client, draft, "matrix", {"fit-name": [""], "fit-from": [""]})
    assert "matrix" not in stored(draft)


def test_limits_and_objective(client: Client, draft: Draft) -> None:
    put(client, draft, "limits", {"min": "-10", "max": ""})
    assert stored(draft)["limits"] == {"min": -10}
    assert "must not be below the least" in put(client, draft, "limits", {"min": "5", "max": "4"})
    assert "Choose the stage." in put(client, draft, "objective", {"what": "lifecycle"})
    put(client, draft, "objective", {"what": "lifecycle", "lifecycle": "customer"})
    assert stored(draft)["objective"] == {"lifecycle": "customer"}
    assert "Choose what they did." in put(client, draft, "objective", {"what": "activity"})
    put(client, draft, "objective", {"what": "activity", "part-objective-type": "purchase"})
    assert stored(draft)["objective"] == {"activity": {"type": "purchase"}}
    put(client, draft, "objective", {"what": ""})
    assert "objective" not in stored(draft)


def test_the_audience_is_a_condition_and_may_be_everybody(client: Client, draft: Draft) -> None:
    leaf = {
        "part-audience-part": "0::leaf:0",
        "part-audience-0-field": "attributes.plan",
        "part-audience-0-op": "is_not_empty",
    }
    put(client, draft, "audience", leaf)
    assert stored(draft)["audience"] == {"field": "attributes.plan", "op": "is_not_empty"}
    assert Draft.objects.get().document().fields[-1].key == "plan"
    put(client, draft, "audience")
    assert "audience" not in stored(draft)


def test_a_custom_field_that_nothing_uses_is_taken_out(client: Client, draft: Draft) -> None:
    put(client, draft, "fields", {"keep": ["budget"]})
    assert [field["key"] for field in stored(draft)["fields"]] == ["seats", "budget"]
    assert len(Draft.objects.get().document().rules) == 4


def test_of_two_who_edit_the_bands_the_second_is_told(
    client: Client, draft: Draft, ada: User
) -> None:
    looked_at = stamp(client, draft, "bands")
    names = {"bands-name": ["cold", "hot"], "bands-from": ["", "50"]}
    put(client, draft, "bands", names)
    client.force_login(ada)
    told = put(client, draft, "bands", names | {"bands-from": ["", "60"]}, stamp=looked_at)
    assert "marta has saved this meanwhile" in told
    assert 'value="60"' in told
    assert stored(draft)["bands"][1] == {"name": "hot", "from": 50}


# --- What is loaded after the page -----------------------------------------------------------


def test_success_with_and_without_a_rule(client: Client, draft: Draft) -> None:
    now = timezone.now()
    pipeline, _new = Pipeline.objects.get_or_create(name="Sales")
    for name, title, outcome in (("ana", "Director", "won"), ("bo", "Intern", "lost")):
        who = person(name, job_title=title, country="ES")
        stage = Stage.objects.create(pipeline=pipeline, name=f"{name}'s", outcome=outcome)
        days = timedelta(days=3)
        Deal.objects.create(
            name="Deal", contact=who, stage=stage, opened_at=now - 2 * days, closed_at=now - days
        )
    Contact.objects.update(created_at=now - timedelta(days=90))
    page = client.get(address(draft, "success")).content.decode()
    rule = DraftRule.objects.get(name="Decision maker")
    told = page.partition(f'id="success-{rule.pk}"')[2].partition("</p>")[0]
    assert "Success with it: <b>100 %</b> (1 of 1)" in told
    assert "without it: <b>0 %</b> (0 of 1)" in told


def test_two_hundred_rules_take_no_more_queries_than_four(
    client: Client, draft: Draft, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    group = DraftGroup.objects.get(name="Behaviour")
    test = {"activity": {"type": "page_view", "target": {"op": "contains", "value": "x"}}}
    DraftRule.objects.bulk_create(
        DraftRule(group=group, position=10 + n, name=f"Rule {n}", points=1, test=test)
        for n in range(200)
    )
    with django_assert_max_num_queries(40):
        page = client.get(address(draft)).content.decode()
    assert page.count('class="editor-card ') == 204
    assert page.count("/criteria/numbers/?rules=") == 11
    with django_assert_max_num_queries(40):
        client.post(address(draft, "rule_do", DraftRule.objects.get(name="Rule 7").pk, "up"))
    pks = ",".join(map(str, DraftRule.objects.values_list("pk", flat=True)[:20]))
    with django_assert_max_num_queries(30):
        client.get(address(draft, "numbers"), {"rules": pks})

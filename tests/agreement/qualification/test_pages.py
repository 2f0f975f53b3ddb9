"""The tab of the matrix: filled in, refused in words, told to the second of two, taken over."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.models import CustomField
from scoring.agreement.audit import AuditEntry
from scoring.agreement.qualification.models import Persona
from scoring.criteria.drafts import Draft
from scoring.criteria.installed import installed_catalogue
from scoring.criteria.models import ScoringModel
from tests.engine.scored import MODEL, go_live, person, refresh_all

pytestmark = pytest.mark.django_db

GRID = {
    "name": "Head of IT",
    "who": "Leads IT.\r\nChooses the tools.",
    "points-high": "+20",
    "points-medium": "10",
    "points-low": "-5",
    "mark-field": "",
    "mark-way": "contains",
    "mark-values": "",
    "row": ["r0", "n1"],
    "field-r0": "job_title",
    "way-r0": "contains",
    "high-r0": "director",
    "low-r0": "student",
    "points_high-r0": "30",
    "field-n1": "company.employees",
    "way-n1": "contains",
    "high-n1": "from 50",
}


@pytest.fixture
def model(db: None) -> ScoringModel:
    go_live()
    return ScoringModel.objects.get()


@pytest.fixture
def persona(model: ScoringModel) -> Persona:
    return Persona.objects.create(model=model, name="New persona")


def page(name: str, *args: Any) -> str:
    view = f"scoring_scoringmodel_matrix_{name}" if name else "scoring_scoringmodel_matrix"
    return reverse(f"admin:{view}", args=args)


def page_of(persona: Persona, name: str = "persona") -> str:
    return page(name, persona.model_id, persona.pk)


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    found = re.sub(
        r"<(script|style|template).*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.S
    )
    return " ".join(html.unescape(found).split())


def test_an_empty_matrix_offers_an_example_in_the_readers_language(
    model: ScoringModel, marta: User
) -> None:
    client = as_(marta)
    assert "Start from an example" in text(client.get(page("", model.pk)))
    client.post(page("example", model.pk), HTTP_ACCEPT_LANGUAGE="en")
    assert [each.name for each in model.personas.all()] == [
        "Every contact", "Head of IT", "Head of finance",
    ]  # fmt: skip
    client.post(page("example", model.pk))
    assert model.personas.count() == 3
    for each in model.personas.all():
        answer = client.get(page_of(each))
        assert "Something here fits no more" not in text(answer)
        assert "is_faulty" not in text(client.get(page_of(each, "rules")))


def test_a_grid_is_filled_in_and_shown_as_rules_with_their_contacts(
    persona: Persona, marta: User
) -> None:
    person("ana", job_title="Art director")
    person("bob", job_title="student director")
    client = as_(marta)
    answer = client.post(page_of(persona), {**GRID, "revision": "0", "_rules": "1"}, follow=True)
    shown = text(answer)
    assert 'if job title contains "director"' in shown
    assert "+30 2 contacts" in shown
    assert 'job title contains "student" and not (job title contains "director")' in shown
    persona.refresh_from_db()
    assert (persona.name, persona.revision) == ("Head of IT", 1)
    assert persona.who == "Leads IT.\nChooses the tools."
    assert AuditEntry.objects.filter(action="matrix", user=marta).exists()


def test_matches_are_counted_where_the_audience_tests_a_field_that_is_gone(
    persona: Persona, marta: User
) -> None:
    plan = {"key": "plan", "label": "Plan", "type": "text"}
    audience = {"field": "attributes.plan", "op": "is_empty"}
    go_live(MODEL | {"fields": [*MODEL.get("fields", []), plan], "audience": audience})
    CustomField.objects.all().delete()
    person("ana", job_title="Art director")
    answer = as_(marta).post(
        page_of(persona), {**GRID, "revision": "0", "_rules": "1"}, follow=True
    )
    assert "+30 1 contact" in text(answer)


def test_new_personas_have_a_name_each_and_what_is_gone_is_not_found(
    persona: Persona, marta: User
) -> None:
    client = as_(marta)
    for _click in range(2):
        assert client.post(page("add", persona.model_id)).status_code == 302
    names = [each.name for each in persona.model.personas.all()]
    assert names == ["New persona", "New persona 2", "New persona 3"]
    answer = client.post(page_of(persona), {**GRID, "name": "New persona 2", "revision": "0"})
    assert answer.status_code == 200
    client.post(page_of(persona, "delete"))
    assert client.post(page_of(persona), {**GRID, "revision": "0"}).status_code == 404
    with pytest.raises(Persona.DoesNotExist):
        persona.store({"name": "Gone"}, Persona().read(installed_catalogue())[0], marta)


def test_what_is_not_changed_is_not_saved_anew(persona: Persona, marta: User) -> None:
    client = as_(marta)
    client.post(page_of(persona), {**GRID, "revision": "0"})
    client.post(page_of(persona), {**GRID, "revision": "1"})
    persona.refresh_from_db()
    assert persona.revision == 1


def test_a_fault_is_said_at_its_cell_and_nothing_is_stored(persona: Persona, marta: User) -> None:
    wrong = {**GRID, "revision": "0", "low-r0": "Director", "high-n1": "many", "name": " "}
    answer = as_(marta).post(page_of(persona), wrong)
    found = re.findall(r'id="fault-([\w-]+)" class="auto-fault qual-fault"[^>]*>([^<]*)',
                       answer.content.decode())  # fmt: skip
    assert [(place, said.strip()) for place, said in found] == [
        ("name", "Give it a name."),
        ("low-r0", "“Director” stands in “High” too; it can have one degree only."),
        ("high-r1", "“many” is no range of numbers; write 50 to 200, from 200, up to 10 or 7."),
    ]
    assert 'value="30"' in answer.content.decode()
    persona.refresh_from_db()
    assert persona.revision == 0


BAD: list[dict[str, Any]] = [
    {"revision": "x"},
    {"revision": "9" * 40},
    {"row": ["../", "r0", "r0"]},
    {"row": [f"n{n}" for n in range(500)]},
    {"name": "a\0b"},
    {"who": "x" * 10_000},
    {"field-r0": "password"},
    {"way-r0": "__class__"},
    {"high-r0": "x" * 20_000},
    {"high-r0": "=HYPERLINK(1)\0"},
    {"points-high": "9" * 30},
    {"mark-field": "job_title"},
]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_bad_input_never_breaks_the_page(bad: dict[str, Any], persona: Persona, ada: User) -> None:
    answer = as_(ada).post(page_of(persona), {**GRID, "revision": "0", **bad})
    assert answer.status_code in (200, 302)


def test_the_second_of_two_is_told_and_loses_nothing(
    persona: Persona, marta: User, ada: User
) -> None:
    assert as_(ada).post(page_of(persona), {**GRID, "revision": "0"}).status_code == 302
    mine = {**GRID, "revision": "0", "high-r0": "boss", "name": "Mine"}
    client = as_(marta)
    shown = text(answer := client.post(page_of(persona), mine))
    assert "Meanwhile ada has saved this persona" in shown
    assert "changed Job title High director boss" in shown
    assert 'name="revision" value="1"' in answer.content.decode()
    assert ">boss</textarea>" in answer.content.decode()
    persona.refresh_from_db()
    assert persona.name == "Head of IT"
    client.post(page_of(persona), {**mine, "revision": "1"})
    persona.refresh_from_db()
    assert (persona.name, persona.revision) == ("Mine", 2)


def taken_over(persona: Persona, marta: User) -> tuple[Client, Draft]:
    client = as_(marta)
    client.post(page_of(persona), {**GRID, "revision": "0"})
    answer = client.post(page_of(persona, "rules"), {"revision": "1"})
    assert answer.status_code == 302
    return client, Draft.objects.get()


def test_a_grid_is_taken_into_the_draft_as_a_group(persona: Persona, marta: User) -> None:
    client, draft = taken_over(persona, marta)
    group = next(group for group in draft.document().groups if group.name == "Head of IT")
    assert [(rule.name, rule.points) for rule in group.rules] == [
        ("Head of IT: job title, high", 30),
        ("Head of IT: job title, low", -5),
        ("Head of IT: company employees, high", 20),
    ]
    hash = draft.document().hash
    client.post(page_of(persona, "rules"), {"revision": "1"})
    assert Draft.objects.get().document().hash == hash
    assert "in the draft as it stands here" in text(client.get(page_of(persona)))


def test_it_says_when_the_matrix_or_the_group_was_changed_since(
    persona: Persona, marta: User
) -> None:
    client, draft = taken_over(persona, marta)
    rule = draft.groups.get(name="Head of IT").rules.first()
    assert rule is not None
    rule.points = 99
    rule.save()
    assert "its group was changed in the draft" in text(client.get(page_of(persona)))
    client.post(page_of(persona), {**GRID, "revision": "1", "high-r0": "boss"})
    assert "changed both here and in the draft" in text(client.get(page_of(persona)))
    assert "those changes are replaced" in text(client.get(page_of(persona, "rules")))
    client.post(page_of(persona), {**GRID, "revision": "2", "name": "IT"})
    client.post(page_of(persona, "rules"), {"revision": "3"})
    assert [group.name for group in draft.groups.all()] == ["Who", "What", "IT"]
    draft.groups.filter(name="IT").delete()
    assert "its group is in the draft no more" in text(client.get(page_of(persona)))


def test_nothing_is_taken_over_that_was_not_looked_at(persona: Persona, marta: User) -> None:
    client = as_(marta)
    client.post(page_of(persona), {**GRID, "revision": "0"})
    answer = client.post(page_of(persona, "rules"), {"revision": "0"}, follow=True)
    assert "The matrix has changed meanwhile" in text(answer)
    assert not Draft.objects.exists()


def test_personas_are_added_and_deleted(persona: Persona, marta: User) -> None:
    client = as_(marta)
    client.post(page("add", persona.model_id))
    client.post(page("add", persona.model_id), {"for_all": "1"})
    names = [each.name for each in persona.model.personas.all()]
    assert names == ["New persona", "New persona 2", "Every contact"]
    assert "Delete “New persona”?" in text(client.get(page_of(persona, "delete")))
    client.post(page_of(persona, "delete"))
    assert not Persona.objects.filter(pk=persona.pk).exists()
    assert client.get(page_of(persona)).status_code == 404


def test_sales_read_the_matrix_and_change_nothing(persona: Persona, saul: User, mona: User) -> None:
    for user in (saul, mona):
        client = as_(user)
        answer = client.get(page_of(persona))
        assert answer.status_code == 200
        assert 'name="_save"' not in answer.content.decode()
        assert client.get(page_of(persona, "rules")).status_code == 200
        for address in (
            page_of(persona),
            page_of(persona, "rules"),
            page_of(persona, "delete"),
            page("add", persona.model_id),
            page("example", persona.model_id),
            page("import", persona.model_id),
        ):
            assert client.post(address, {"revision": "0"}).status_code == 403
    assert persona.model.personas.get() == persona


def test_how_many_match_is_told_only_to_who_sees_every_contact(
    persona: Persona, marta: User, saul: User
) -> None:
    person("ana", job_title="director", owner="peter")
    refresh_all()
    as_(marta).post(page_of(persona), {**GRID, "revision": "0"})
    assert "contact " not in text(as_(saul).get(page_of(persona, "rules"))).partition("30")[2]


def test_a_page_asks_the_same_however_many_rows_there_are(
    persona: Persona, marta: User, django_assert_max_num_queries: Any
) -> None:
    client = as_(marta)
    many = {f"field-n{n}": "" for n in range(20)}
    client.post(page_of(persona), {**GRID, **many, "revision": "0"})
    for number in range(8):
        Persona.objects.create(model=persona.model, name=f"Persona {number}")
    with django_assert_max_num_queries(30):
        client.get(page_of(persona))


def test_a_field_that_has_gone_is_named_and_stops_the_taking_over(
    persona: Persona, marta: User
) -> None:
    persona.grid = {
        "points": {"high": 20, "medium": 10, "low": -5},
        "rows": [
            {"field": "attributes.gone", "way": "contains", "values": {"high": ["x"]}, "points": {}}
        ],
    }
    persona.save()
    client = as_(marta)
    assert "There is no field “attributes.gone” any more" in text(client.get(page_of(persona)))
    assert "put it right there first" in text(client.get(page_of(persona, "rules")))
    client.post(page_of(persona, "rules"), {"revision": "0"})
    assert not Draft.objects.exists()

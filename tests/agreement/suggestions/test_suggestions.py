"""A criterion is suggested with its reason, answered by marketing, and its author hears of it."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from contacts.models import Contact, CustomField
from scoring.agreement.audit import AuditEntry
from scoring.agreement.suggestions.jobs import tell_of_what_went_live
from scoring.agreement.suggestions.models import Suggestion
from scoring.automations.outbox.personal import Notification
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel
from tests.engine.scored import MODEL, go_live, person

pytestmark = pytest.mark.django_db

WORDS = {"title": "Met us at a fair", "reason": "They buy more often.", "rule-about": "words"}
RULE = {
    "title": "Is a founder",
    "reason": "Founders decide at once.",
    "rule-about": "who",
    "rule-effect": "gives",
    "rule-points": "15",
    "who-field": "job_title",
    "who-op": "contains",
    "who-value": "founder",
}
DEED = {
    "title": "Reads the terms",
    "reason": "Somebody checks the contract.",
    "rule-about": "did",
    "rule-effect": "takes",
    "rule-points": "5",
    "did-type": "page_view",
    "did-target_op": "starts_with",
    "did-target_value": "/terms",
    "did-at_least": "2",
    "did-within_0": "3",
    "did-within_1": "months",
}
ADD = "admin:scoring_suggestion_add"


@pytest.fixture
def model(db: None) -> ScoringModel:
    go_live()
    return ScoringModel.objects.get()


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(answer: Any) -> str:
    found = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(html.unescape(found).split())


def suggested(user: User, form: dict[str, str], **more: object) -> Suggestion:
    answer = as_(user).post(reverse(ADD), {**form, **more})
    assert answer.status_code == 302, text(answer)
    return Suggestion.objects.latest("pk")


def tab(model: ScoringModel, name: str = "", *args: int) -> str:
    view = "_".join(["admin:scoring_scoringmodel_suggestions", *([name] if name else [])])
    return reverse(view, args=[model.pk, *args])


def test_a_salesperson_suggests_in_words_because_of_a_lead(model: ScoringModel, saul: User) -> None:
    ana = person("ana", first_name="Ana", owner="saul")
    client = as_(saul)
    page = client.get(reverse("admin:scoring_lead_change", args=[ana.pk]))
    assert f"{reverse(ADD)}?contact={ana.pk}" in page.content.decode()
    assert "Because of Ana" in text(client.get(f"{reverse(ADD)}?contact={ana.pk}"))
    made = suggested(saul, WORDS, contact=ana.pk)
    assert (made.model, made.author, made.contact, made.rule) == (model, saul, ana, None)
    assert "Met us at a fair" in text(
        client.get(reverse("admin:scoring_lead_change", args=[ana.pk]))
    )
    assert AuditEntry.objects.filter(action="suggested", user=saul).count() == 1


@pytest.mark.parametrize(
    ("form", "rule", "said"),
    [
        (
            RULE,
            {"points": 15, "when": {"field": "job_title", "op": "contains", "value": "founder"}},
            '+15 if job title contains "founder"',
        ),
        (
            DEED,
            {
                "points": -5,
                "activity": {
                    "type": "page_view",
                    "target": {"op": "starts_with", "value": "/terms"},
                },
                "count": "once",
                "at_least": 2,
                "expires": "3 months",
            },
            "−5 if they visit a page whose target starts with",
        ),
        (
            RULE | {"rule-effect": "excludes", "rule-points": ""},
            {"exclude": True, "when": {"field": "job_title", "op": "contains", "value": "founder"}},
            'excluded if job title contains "founder"',
        ),
    ],
)
def test_a_rule_is_put_together_from_lists(
    form: dict[str, str], rule: dict[str, Any], said: str, model: ScoringModel, saul: User
) -> None:
    made = suggested(saul, form)
    assert made.rule == rule
    assert said in text(as_(saul).get(tab(model)))


BAD = [
    ({"title": " "}, "Write something here.|field is required"),
    ({"title": "a\0b"}, "Null characters are not allowed"),
    ({"title": "x" * 300}, "at most 200 characters"),
    ({"reason": "x" * 10_000}, "at most 2000 characters"),
    ({"rule-points": ""}, "How many points?"),
    ({"rule-points": "0"}, "greater than or equal to 1"),
    ({"rule-points": "9" * 50}, "less than or equal to 1000"),
    ({"rule-effect": "doubles"}, "valid choice"),
    ({"rule-about": "magic"}, "valid choice"),
    ({"who-field": "password"}, "there is no field password"),
    ({"who-op": "regex"}, "valid choice"),
    ({"who-value": ""}, "Write something here"),
    ({"who-value": "x\0"}, "Null characters"),
]


@pytest.mark.parametrize(("bad", "said"), BAD, ids=str)
def test_bad_input_is_said_at_its_field_and_stores_nothing(
    bad: dict[str, str], said: str, model: ScoringModel, saul: User
) -> None:
    answer = as_(saul).post(reverse(ADD), {**RULE, **bad})
    assert answer.status_code == 200
    assert re.search(said, text(answer))
    assert not Suggestion.objects.exists()


def test_what_is_chosen_brings_other_fields_and_keeps_what_was_typed(
    model: ScoringModel, saul: User
) -> None:
    client = as_(saul)
    answer = client.post(reverse(ADD), {**WORDS, "rule-about": "did", "_reshape": "1"})
    shown = answer.content.decode()
    assert 'name="did-type"' in shown
    assert 'name="rule-points" value="10"' in shown
    assert "Met us at a fair" in shown
    assert "Not sent yet" not in text(answer)
    answer = client.post(reverse(ADD), {**RULE, "who-field": "country", "_reshape": "1"})
    assert '<option value="country" selected>' in answer.content.decode()
    assert 'name="rule-points" value="15"' in answer.content.decode()
    assert not Suggestion.objects.exists()


def test_marketing_takes_it_into_the_draft_with_one_click(
    model: ScoringModel, saul: User, marta: User
) -> None:
    person("ana", job_title="Founder")
    made = suggested(saul, RULE)
    client = as_(marta)
    shown = text(client.get(tab(model)))
    assert 'if job title contains "founder" 1 contact now' in shown
    answer = client.post(tab(model, "take", made.pk))
    rule = Draft.objects.get().groups.get(name="Who").rules.get(name="Is a founder")
    assert answer["Location"].endswith(f"#card-rule{rule.pk}")
    assert (rule.points, rule.note) == (15, "Suggested by saul: Founders decide at once.")
    made.refresh_from_db()
    assert (made.state, made.answered_by, made.rule_name) == ("taken", marta, "Is a founder")
    told = Notification.objects.get(user=saul)
    assert told.title == "Your criterion “Is a founder” is in the draft now"
    assert "Taken into the draft by marta" in text(as_(saul).get(told.link))


def test_it_goes_into_the_group_that_was_chosen(
    model: ScoringModel, saul: User, marta: User
) -> None:
    Draft.objects.begin(model.versions.get().document_value, model.versions.get())
    group = Draft.objects.get().groups.get(name="What")
    as_(marta).post(tab(model, "take", suggested(saul, RULE).pk), {"group": group.pk})
    assert group.rules.filter(name="Is a founder").exists()


def test_words_are_made_a_rule_by_marketing(model: ScoringModel, saul: User, marta: User) -> None:
    made = suggested(saul, WORDS)
    client = as_(marta)
    assert "Make it a rule" in text(client.get(tab(model)))
    client.post(tab(model, "take", made.pk))
    assert Suggestion.objects.get().state == "open"
    address = tab(model, "rule", made.pk)
    assert "They buy more often." in text(client.get(address))
    assert client.post(address, {**DEED, "rule-points": ""}).status_code == 200
    client.post(address, {**DEED, "title": made.title, "reason": made.reason})
    rule = Draft.objects.get().groups.get(name="What").rules.get(name="Met us at a fair")
    assert rule.points == -5


def test_a_suggestion_is_declined_only_with_an_answer(
    model: ScoringModel, saul: User, marta: User
) -> None:
    made = suggested(saul, RULE)
    client = as_(marta)
    answer = client.post(tab(model, "decline", made.pk), {"answer": "  "})
    assert "Say why: the author reads your answer." in text(answer)
    client.post(tab(model, "decline", made.pk), {"answer": "Every second one is a student."})
    made.refresh_from_db()
    assert made.state == "declined"
    told = Notification.objects.get(user=saul)
    assert (told.title, told.text) == (
        "Your criterion “Is a founder” was declined", "Every second one is a student.",
    )  # fmt: skip
    assert "Every second one is a student." in text(as_(saul).get(told.link))


def test_of_two_who_answer_the_second_is_told(
    model: ScoringModel, saul: User, marta: User, ada: User
) -> None:
    made = suggested(saul, RULE)
    as_(marta).post(tab(model, "decline", made.pk), {"answer": "No."})
    answer = as_(ada).post(tab(model, "take", made.pk), follow=True)
    assert "Somebody has answered this suggestion meanwhile." in text(answer)
    assert not Draft.objects.filter(groups__rules__name="Is a founder").exists()
    assert Notification.objects.count() == 1


def test_the_author_hears_when_the_rule_goes_live(
    model: ScoringModel, saul: User, marta: User
) -> None:
    as_(marta).post(tab(model, "take", suggested(saul, RULE).pk))
    assert tell_of_what_went_live() == 0
    draft = Draft.objects.get()
    # Another name and other points: it is the same criterion.
    draft.groups.get(name="Who").rules.filter(name="Is a founder").update(name="Founder", points=9)
    go_live(draft.as_data())
    assert tell_of_what_went_live() == 1
    assert tell_of_what_went_live() == 0
    told = Notification.objects.filter(user=saul).latest("pk")
    assert told.title == "Your criterion “Is a founder” is live with version 2"
    assert "Live since Small model 2." in text(as_(saul).get(told.link))


def test_people_see_their_own_and_no_contact_that_is_not_theirs(
    model: ScoringModel, saul: User, mona: User, marta: User
) -> None:
    hers = person("ana", first_name="Geheimnis", owner="peter")
    made = suggested(mona, RULE, contact=hers.pk)
    own = suggested(saul, WORDS, contact=hers.pk)
    assert own.contact is None, "what one may not see cannot be attached"
    Suggestion.objects.filter(pk=own.pk).update(contact=hers)
    client = as_(saul)
    page = text(client.get(tab(model)))
    assert "Met us at a fair" in page
    assert "because of a contact" in page
    assert "Geheimnis" not in page
    assert "Is a founder" not in page
    listed = reverse("admin:scoring_suggestion_changelist")
    assert "Is a founder" not in text(client.get(listed))
    hidden = reverse("admin:scoring_suggestion_change", args=[made.pk])
    assert client.get(hidden).status_code == 404
    assert "Geheimnis" in text(as_(marta).get(tab(model)))


def test_only_marketing_and_administrators_answer(
    model: ScoringModel, saul: User, mona: User
) -> None:
    made = suggested(saul, RULE)
    for user in (saul, mona):
        client = as_(user)
        assert "Take into the draft" not in text(client.get(tab(model)))
        for name in ("take", "decline", "rule"):
            answer = client.post(tab(model, name, made.pk), {"answer": "x", **RULE})
            assert answer.status_code == 403
    made.refresh_from_db()
    assert made.state == "open"
    assert as_(saul).get(tab(model, "take", made.pk)).status_code == 403


def test_strange_addresses_are_not_found(model: ScoringModel, marta: User) -> None:
    client = as_(marta)
    assert client.post(tab(model, "take", 10**15)).status_code == 404
    assert client.post(tab(model, "take", 1)).status_code == 404
    for query in ("?contact=x", "?contact=" + "9" * 30, "?model=0", "?contact=²"):
        assert client.get(reverse(ADD) + query).status_code == 200


def test_a_page_of_suggestions_asks_a_bounded_number_of_questions(
    model: ScoringModel, saul: User, marta: User, django_assert_max_num_queries: Any
) -> None:
    ana = Contact.objects.create(email="a@x.example")
    Suggestion.objects.bulk_create(
        Suggestion(
            model=model,
            author=saul,
            author_name="saul",
            title=f"Criterion {number}",
            reason="x",
            contact=ana,
            rule={"points": 5, "when": {"field": "city", "op": "equals", "value": f"c{number}"}},
            state="open" if number % 2 else "declined",
        )
        for number in range(60)
    )
    client = as_(marta)
    with django_assert_max_num_queries(40):
        answer = client.get(tab(model))
    assert text(answer).count("0 contacts now") == 20


def test_matches_are_counted_where_the_audience_tests_a_field_that_is_gone(
    model: ScoringModel, saul: User, marta: User
) -> None:
    plan = {"key": "plan", "label": "Plan", "type": "text"}
    audience = {"field": "attributes.plan", "op": "is_empty"}
    go_live(MODEL | {"fields": [*MODEL.get("fields", []), plan], "audience": audience})
    CustomField.objects.all().delete()
    person("ana", job_title="Founder")
    suggested(saul, RULE)
    assert "1 contact now" in text(as_(marta).get(tab(model)))


def test_a_long_name_of_an_author_is_cut(model: ScoringModel, saul: User) -> None:
    User.objects.filter(pk=saul.pk).update(first_name="A" * 150, last_name="B" * 150)
    assert suggested(saul, WORDS).author_name == "A" * 150

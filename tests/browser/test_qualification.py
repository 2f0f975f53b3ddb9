"""The matrix is filled in by keys alone in a real browser, and becomes a group of the draft."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from scoring.agreement.qualification.models import Persona
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel
from tests.engine.scored import go_live, person, refresh_all


@pytest.fixture
def watched(transactional_db: None, ada: User, page_of_ada: Page, base_url: str) -> Iterator[Page]:
    """The matrix of a model with one lead; a JavaScript error or a failing page fails the test."""
    go_live()
    person("ana", job_title="Gerente de compras")
    refresh_all()
    model = ScoringModel.objects.get()
    persona = Persona.objects.create(model=model, name="Buyers")
    wrong: list[str] = []
    page_of_ada.on("pageerror", lambda error: wrong.append(str(error)))
    page_of_ada.on(
        "response", lambda answer: wrong.append(answer.url) if answer.status >= 500 else None
    )
    page_of_ada.goto(f"{base_url}/admin/scoring/scoringmodel/{model.pk}/matrix/{persona.pk}/")
    yield page_of_ada
    assert wrong == []


def test_the_matrix_is_filled_in_by_keys_and_taken_into_the_draft(watched: Page) -> None:
    keyboard = watched.keyboard
    watched.get_by_role("button", name="Criterion", exact=False).last.focus()
    keyboard.press("Enter")
    field = watched.get_by_label("Criterion", exact=True).first
    expect(field).to_be_focused()
    field.select_option("job_title")
    high = watched.get_by_label("High", exact=True).first
    high.focus()
    keyboard.type("gere")
    offered = watched.get_by_role("button", name="Gerente de compras")
    expect(offered).to_be_visible()
    keyboard.press("ArrowDown")
    expect(offered).to_be_focused()
    keyboard.press("Enter")
    expect(high).to_be_focused()
    expect(high).to_have_value("Gerente de compras, ")

    # A second row goes up by keys, goes away, and comes back.
    watched.get_by_role("button", name="Criterion", exact=False).last.focus()
    keyboard.press("Enter")
    watched.get_by_label("Criterion", exact=True).nth(1).select_option("company.employees")
    watched.get_by_label("Low", exact=True).nth(1).focus()
    keyboard.type("up to 9")
    keyboard.press("Alt+ArrowUp")
    expect(watched.get_by_label("Criterion", exact=True).first).to_have_value("company.employees")
    watched.get_by_role("button", name="Remove").first.focus()
    keyboard.press("Enter")
    expect(watched.locator("#matrix-rows tr")).to_have_count(1)
    watched.get_by_role("button", name="Undo").focus()
    keyboard.press("Enter")
    expect(watched.locator("#matrix-rows tr")).to_have_count(2)

    watched.get_by_role("button", name="Save and see the rules").focus()
    keyboard.press("Enter")
    expect(watched.get_by_text("Buyers: job title, high")).to_be_visible()
    expect(watched.get_by_text("1 contact", exact=True)).to_be_visible()
    watched.get_by_role("button", name="Take into the draft").focus()
    keyboard.press("Enter")
    watched.wait_for_url("**/criteria/")
    group = Draft.objects.get().groups.get(name="Buyers")
    assert [(rule.name, rule.points) for rule in group.rules.all()] == [
        ("Buyers: company employees, low", -5),
        ("Buyers: job title, high", 20),
    ]

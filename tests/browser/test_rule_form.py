"""The form of a rule while it is being filled: what it comes to, fields found by typing, keys."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from scoring.criteria.drafts import Draft, DraftRule
from tests.agreement.agreed import begin
from tests.browser.axe import violations
from tests.browser.conftest import settled
from tests.engine.scored import person, visit


@pytest.fixture
def model_pk(transactional_db: None) -> int:
    for place, country in enumerate(["ES", "ES", "FR"]):
        visit(person(f"p{place}", country=country, job_title="Director"), timedelta(days=1))
    return begin().pk


def test_a_rule_says_what_it_comes_to_before_it_is_saved(
    model_pk: int, page_of_ada: Page, ada: User, base_url: str
) -> None:
    page, said = page_of_ada, []
    page.on("request", lambda asked: said.append(asked.url) if "/say/" in asked.url else None)
    page.goto(f"{base_url}/admin/scoring/scoringmodel/{model_pk}/criteria/")
    settled(page)
    page.get_by_role("group", name="Add a rule to Who").get_by_role(
        "button", name="Who they are"
    ).click()
    form = page.get_by_role("form", name="Who they are")
    form.get_by_role("button", name="Condition").click()
    field = form.locator("input[role=combobox]")
    field.fill("coun")
    expect(form.locator(".combo-option")).to_have_text(["Country", "Company country"])
    assert violations(page) == {}
    field.press("Enter")
    expect(field).to_have_value("Country")
    settled(page)
    form.get_by_label("Comparison").select_option("in")
    settled(page)
    more = form.get_by_label("Add a value")
    more.fill("ES")
    more.press("Enter")
    # It was added to the list, and no rule was saved.
    expect(form.get_by_label("Values, one a line")).to_have_value("ES")
    form.get_by_label("Points", exact=True).fill("7")
    expect(form.locator(".editor-count")).to_contain_text(
        "2 of 3 contacts match · 14 points in all"
    )
    assert DraftRule.objects.count() == 3
    # Nothing asks itself again and again.
    page.wait_for_timeout(1000)
    asked = len(said)
    page.wait_for_timeout(1500)
    assert len(said) == asked
    form.get_by_label("Name").fill("In Spain")
    form.get_by_label("Name").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("“In Spain” is added.")

    settled(page)
    page.get_by_role("button", name="Switch off: Who").click()
    expect(page.get_by_role("status")).to_contain_text("are off")
    settled(page)
    page.get_by_role("button", name="Duplicate: Who").click()
    expect(page.get_by_role("heading", name="Who (2)")).to_be_visible()
    groups = list(Draft.objects.get().groups.values_list("name", "enabled"))
    assert groups == [("Who", False), ("Who (2)", False), ("What", True)]

"""A line is moved until the numbers are right, and kept with its reason; a scenario is tried."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from scoring.agreement.admin.hub import address_of
from scoring.agreement.workshop.choices import ThresholdChoice
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel
from tests.engine.scored import go_live, person, refresh_all, visit


@pytest.fixture
def watched(page_of_ada: Page) -> Iterator[Page]:
    """A JavaScript error or a failing page fails the test."""
    wrong: list[str] = []
    page_of_ada.on("pageerror", lambda error: wrong.append(str(error)))
    page_of_ada.on(
        "response", lambda answer: wrong.append(answer.url) if answer.status >= 500 else None
    )
    yield page_of_ada
    assert wrong == []


@pytest.fixture
def model(page_of_ada: Page, ada: User) -> ScoringModel:
    for place in range(3):
        person(f"d{place}", job_title="Director")
    keen = person("keen", job_title="Director")
    visit(keen, timedelta(days=1))
    model = go_live().model
    refresh_all()
    return model


def test_the_line_is_moved_by_keys_and_by_hand_and_chosen(
    watched: Page, base_url: str, model: ScoringModel
) -> None:
    watched.goto(f"{base_url}{address_of('threshold', model)}")
    at, above = watched.locator("[data-threshold-at]"), watched.locator("[data-threshold-above]")
    expect(at).to_have_text("60")
    expect(above).to_have_text("1")
    line = watched.get_by_role("slider")
    line.press("End")
    expect(above).to_have_text("0")
    line.press("Home")
    expect(at).to_have_text("30")
    expect(above).to_have_text("4")
    line.press("ArrowRight")
    expect(at).to_have_text("31")
    expect(above).to_have_text("1")

    box = line.bounding_box()
    assert box is not None
    # From where the line stands, one place from the left end, to the middle.
    watched.mouse.move(box["x"] + 16, box["y"] + 60)
    watched.mouse.down()
    watched.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60, steps=5)
    watched.mouse.up()
    expect(watched.locator("#threshold-number")).to_have_value(str(50))
    watched.select_option("#threshold-method", "contacts")
    watched.get_by_role("button", name="Write it into the draft").click()
    expect(watched.get_by_text("Say why, so that it can be agreed to.")).to_be_visible()
    expect(at).to_have_text("50")
    watched.fill("#threshold-reason", "One a week is what we can call.")
    watched.get_by_role("button", name="Write it into the draft").click()
    expect(watched.locator(".threshold-choice")).to_contain_text("One a week is what we can call.")
    assert Draft.objects.get(model=model).bands.get(name="hot").start == 50
    assert ThresholdChoice.objects.get().username == "ada"


def test_a_scenario_is_scored_while_it_is_typed_and_nothing_typed_is_lost(
    watched: Page, base_url: str, model: ScoringModel
) -> None:
    Draft.objects.begin(model.versions.get().document_value)
    watched.goto(f"{base_url}{address_of('scenarios', model)}")
    card = watched.locator(".scenario").nth(1)
    card.get_by_text("Edit").click()
    card.get_by_role("button", name="Add a field").click()
    card.get_by_label("Field").select_option("job_title")
    card.get_by_label("Value").fill("Director")
    expect(card.locator(".scenario-result")).to_contain_text("30 warm")
    expect(card.get_by_text("Passed")).to_be_visible()

    card.get_by_role("button", name="Add an activity").click()
    card.get_by_label("How long ago").fill("soon")
    expect(card.locator(".scenario-fault")).to_have_count(2)
    card.get_by_label("How long ago").fill("2")
    card.get_by_label("Activity").select_option("page_view")
    card.get_by_label("Target").fill("/pricing")
    expect(card.locator(".scenario-result")).to_contain_text("70 hot")
    expect(card.locator(".scenario-fault")).to_have_count(0)
    card.get_by_label("Band expected").select_option("hot")
    card.get_by_role("button", name="Save").click()
    expect(card.get_by_text("Saved.")).to_be_visible()
    expect(watched.locator(".scenarios-sum")).to_have_text("2 of 2 as expected")
    card.get_by_role("button", name="Delete").click()
    watched.get_by_role("button", name="Undo").click()
    expect(watched.locator(".scenario")).to_have_count(2)
    stored = Draft.objects.get(model=model).scenarios.get(name="Nobody")
    assert stored.contact == {"job_title": "Director"}
    assert stored.activities == [{"type": "page_view", "age": "2 days", "target": "/pricing"}]

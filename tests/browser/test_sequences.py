"""A sequence built, filled and left by hand, and the page on which a contact says no."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from contacts.models import Contact
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.models import Sequence
from scoring.automations.unsubscribe import token_of
from tests.automations.sequences.making import lea, sequence

PHONE = {"width": 390, "height": 844}


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


def test_a_sequence_is_built_step_by_step(watched: Page, base_url: str) -> None:
    watched.goto(f"{base_url}/admin/scoring/sequence/add/")
    watched.fill("#id_name", "Señales: ¡hola!")
    watched.press("#id_name", "Tab")
    expect(watched.locator("#id_slug")).to_have_value("senales-hola")
    for number, (kind, subject) in enumerate([("email", "First"), ("task", "Then call")]):
        watched.get_by_text("Add another Step").click()
        watched.select_option(f"#id_steps-{number}-kind", kind)
        watched.fill(f"#id_steps-{number}-subject", subject)
        watched.fill(f"#id_steps-{number}-text", "Good day")
        shown = watched.locator(f"#id_steps-{number}-assignee")
        expect(shown).to_be_visible(visible=kind == "task")
    watched.get_by_role("button", name="Save", exact=True).click()
    expect(watched.locator("#result_list")).to_contain_text("Señales: ¡hola!")
    steps = Sequence.objects.get().steps.order_by("position")
    assert [(step.position, step.subject) for step in steps] == [(1, "First"), (2, "Then call")]


def test_a_step_is_dragged_to_another_place(watched: Page, base_url: str) -> None:
    one = sequence()
    watched.set_viewport_size({"width": 1280, "height": 2400})
    watched.goto(f"{base_url}/admin/scoring/sequence/{one.pk}/change/")
    handles = watched.get_by_text("drag_indicator")
    handles.nth(0).scroll_into_view_if_needed()
    first, second = handles.nth(0).bounding_box(), handles.nth(1).bounding_box()
    assert first is not None and second is not None
    watched.mouse.move(first["x"] + 5, first["y"] + 5)
    watched.mouse.down()
    for way in (0.2, 0.6, 1.0):
        down = (second["y"] - first["y"]) * way + 60
        watched.mouse.move(first["x"] + 5, first["y"] + down, steps=8)
    watched.mouse.up()
    watched.get_by_role("button", name="Save", exact=True).click()
    expect(watched.locator("#result_list")).to_be_visible()
    numbers = one.steps.order_by("position").values_list("number", flat=True)
    assert list(numbers) == [2, 1, 3]


def test_somebody_is_enrolled_and_taken_out(watched: Page, base_url: str) -> None:
    one, who = sequence(), lea(first_name="Lea", last_name="Ruiz")
    watched.goto(f"{base_url}/admin/scoring/sequence/{one.pk}/people/")
    watched.locator(".sequence-enrol .select2-selection").click()
    watched.keyboard.type("ruiz")
    watched.locator(".select2-results__option", has_text="Lea Ruiz").click()
    watched.get_by_role("button", name="Enrol").click()
    expect(watched.locator(".sequence-people")).to_contain_text("Lea Ruiz")
    assert Enrolment.objects.active().get().contact == who
    watched.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a typed dict of these
    assert watched.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    watched.locator(".sequence-remove summary").click()
    watched.get_by_role("button", name="Yes, take out").click()
    expect(watched.get_by_text("Lea Ruiz has left the sequence.")).to_be_visible()
    assert not Enrolment.objects.active().exists()


def test_a_contact_says_no_and_yes_again(page: Page, base_url: str, transactional_db: None) -> None:
    page.goto(f"{base_url}/unsubscribe/{token_of(lea(), 's:1:1')}")
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading")).to_have_text("Done")
    assert Contact.objects.get().unsubscribed is True
    page.get_by_role("button", name="Subscribe me again").click()
    expect(page.get_by_role("heading")).to_have_text("You are subscribed again")
    assert Contact.objects.get().unsubscribed is False
    assert page.context.cookies() == []

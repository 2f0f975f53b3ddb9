"""From the first page to the reasons of a hot lead, and to another day, in a real browser."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from contacts.models import Contact
from tests.engine.scored import go_live, person, refresh_all, visit

DAY = timedelta(days=1)
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture
def ana(transactional_db: None) -> Contact:
    """A hot lead with a history of two changes, and a cold one beside her."""
    lead = person("ana", first_name="Ana", last_name="Núñez", job_title="Director")
    person("bo", first_name="Bo")
    go_live(as_of=timezone.now() - 3 * DAY)
    visit(lead, 2 * DAY)
    refresh_all()
    return lead


@pytest.fixture
def watched(ana: Contact, page_of_ada: Page, base_url: str) -> Iterator[Page]:
    """A JavaScript error, a failing page or a request to another host fails the test."""
    wrong: list[str] = []
    page_of_ada.on("pageerror", lambda error: wrong.append(str(error)))
    page_of_ada.on(
        "response", lambda answer: wrong.append(answer.url) if answer.status >= 500 else None
    )
    page_of_ada.on(
        "request",
        lambda asked: (
            None if asked.url.startswith((base_url, "data:")) else wrong.append(asked.url)
        ),
    )
    yield page_of_ada
    assert wrong == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_person_finds_out_why_a_lead_is_hot(
    size: dict[str, int], watched: Page, base_url: str
) -> None:
    watched.set_viewport_size(size)  # type: ignore[arg-type]
    watched.goto(f"{base_url}/admin/")
    hottest = watched.get_by_role("region", name="Hottest leads")
    expect(hottest.get_by_text("Visits the prices")).to_be_visible()
    hottest.get_by_role("link", name="Ana Núñez").click()
    expect(watched.get_by_role("region", name="Score", exact=True)).to_contain_text("70")
    rule = watched.get_by_role("region", name="What")
    expect(rule.get_by_text("Page view")).to_be_hidden()
    rule.get_by_text("1 activity").click()
    expect(rule.get_by_text("Page view")).to_be_visible()
    width = watched.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"]


def test_a_person_asks_for_a_day_to_come(watched: Page, ana: Contact, base_url: str) -> None:
    watched.goto(f"{base_url}/admin/scoring/lead/{ana.pk}/change/")
    score = watched.get_by_role("region", name="Score", exact=True)
    expect(score).to_contain_text("hot")
    ways = watched.get_by_role("region", name="What would bring it up")
    expect(ways).to_be_visible()
    watched.get_by_label("On the day").fill(f"{timezone.now() + 9 * DAY:%Y-%m-%d}")
    watched.get_by_role("button", name="Show").click()
    expect(watched.get_by_text("As it will be at the end of")).to_be_visible()
    expect(score).to_contain_text("10 points below “hot”")
    expect(ways).to_be_hidden()
    watched.get_by_role("link", name="Back to now").click()
    expect(score).to_contain_text("70")
    expect(ways).to_be_visible()


def test_the_history_is_drawn_and_written(watched: Page, ana: Contact, base_url: str) -> None:
    watched.goto(f"{base_url}/admin/scoring/lead/{ana.pk}/change/")
    history = watched.get_by_role("region", name="History of the score")
    expect(history.get_by_role("row")).to_have_count(3)
    picture = watched.get_by_role("region", name="The score over time")
    dot = picture.locator(".chart-dot").last
    dot.focus()
    expect(dot.get_by_text("if nothing more happens").first).to_be_visible()
    picture.get_by_text("The same as a table").click()
    expect(picture.get_by_role("cell", name="30 → 70, hot")).to_be_visible()


def test_a_person_filters_the_list_by_band(watched: Page, base_url: str) -> None:
    watched.goto(f"{base_url}/admin/scoring/lead/")
    expect(watched.locator("#result_list")).to_contain_text("bo@x.example")
    watched.locator("#changelist a", has_text="Filters").first.click()
    watched.locator("select[name=band]").select_option("hot", force=True)
    watched.get_by_role("button", name="Apply Filters").click()
    expect(watched.locator("#result_list")).to_contain_text("Ana Núñez")
    expect(watched.locator("#result_list")).not_to_contain_text("bo@x.example")
    assert "band=hot" in watched.url


def test_the_pages_open_in_spanish(watched: Page, ana: Contact, base_url: str) -> None:
    watched.context.add_cookies([{"name": "django_language", "value": "es", "url": base_url}])
    for path in ("", "scoring/lead/", f"scoring/lead/{ana.pk}/change/", "scoring/version/"):
        watched.goto(f"{base_url}/admin/{path}")
        expect(watched.locator("html")).to_have_attribute("lang", "es")

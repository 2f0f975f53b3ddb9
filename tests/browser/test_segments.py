"""A marketer builds a segment by keys alone, sees who is in it, and filters the leads by it."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from scoring.criteria.segments import Segment
from tests.engine.scored import go_live, person, refresh_all


@pytest.fixture
def page_of_marta(
    transactional_db: None, page: Page, base_url: str, marta: User, client: Client
) -> Page:
    go_live()
    person("ana", first_name="Ana", job_title="Director", country="ES")
    person("eva", first_name="Eva", job_title="Director", country="PT")
    person("luc", first_name="Luc", job_title="Director", country="FR")
    refresh_all()
    client.force_login(marta)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
    return page


def choose(page: Page, field: str, letters: str, value: str) -> None:
    """A choice as it is made by keys: the focus is on the search and stays there."""
    expect(page.locator(f"{field}-sought")).to_be_focused()
    page.keyboard.type(letters)
    expect(page.locator(f"{field}-list [aria-selected=true]")).to_have_text("Country")
    page.keyboard.press("Enter")
    expect(page.locator(field)).to_have_value(value)


def test_a_segment_is_built_by_keys_and_filters_the_leads(
    page_of_marta: Page, base_url: str
) -> None:
    page = page_of_marta
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{base_url}/admin/scoring/segment/add/")
    page.get_by_label("Name").fill("Directors nearby")
    value = page.locator("#when-0-value")
    value.focus()
    page.keyboard.type("director")
    now = page.locator("#seg-outlook")
    expect(now).to_contain_text("3 of 3 contacts match now.")

    page.locator("#when--group").focus()
    page.keyboard.press("Enter")
    choose(page, "#when-1-field", "Country", "country")
    expect(page.locator("[name=when-1-as]")).to_have_value("text:country")
    page.locator("#when-1-value").focus()
    page.keyboard.type("es")
    page.locator("#when-2-field-sought").focus()
    choose(page, "#when-2-field", "Country", "country")
    expect(page.locator("[name=when-2-as]")).to_have_value("text:country")
    page.locator("#when-2-value").focus()
    page.keyboard.type("pt")
    expect(now).to_contain_text("2 of 3 contacts match now.")
    expect(now).to_contain_text("Eva")

    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("“Directors nearby” is saved.")
    places = [{"field": "country", "op": "contains", "value": place} for place in ("es", "pt")]
    title = {"field": "job_title", "op": "contains", "value": "director"}
    assert Segment.objects.get().condition == {"all": [title, {"any": places}]}

    page.get_by_role("link", name="Its leads").click()
    leads = page.locator("#result_list")
    expect(leads).to_contain_text("Ana")
    expect(leads).to_contain_text("Eva")
    expect(leads).not_to_contain_text("Luc")
    assert wrong == []

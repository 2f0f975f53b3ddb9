"""The first minute of a person: log in, choose a language, log out."""

import re

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect


def test_a_person_logs_in_and_chooses_a_language(page: Page, base_url: str, ada: User) -> None:
    page.goto(base_url)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("input[name=username]").fill(ada.username)
    page.locator("input[name=password]").fill("correct horse")
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{base_url}/admin/")
    page.wait_for_load_state()
    page.locator("#nav-sidebar").get_by_text("ada@example.com").click()
    page.get_by_role("button", name="español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.wait_for_load_state()
    page.locator("#nav-sidebar").get_by_text("ada@example.com").click()
    page.get_by_role("button", name=re.compile("Cerrar sesión|Terminar sesión")).click()
    expect(page.locator("html")).to_have_attribute("lang", "es")


def test_no_page_asks_another_server_for_anything(page_of_ada: Page, base_url: str) -> None:
    asked: list[str] = []
    page_of_ada.on("request", lambda request: asked.append(request.url))
    page_of_ada.goto(f"{base_url}/admin/auth/user/")
    page_of_ada.wait_for_load_state("networkidle")
    assert asked
    assert [url for url in asked if not url.startswith((base_url, "data:"))] == []

"""Two contacts are found alike, merged and parted again, in a real browser and both languages."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from contacts.models import Contact
from tests.browser.axe import violations
from tests.engine.scored import go_live, person, refresh_all, visit

WORDS = {
    "en-GB": ("Compare and merge", "Merge into one contact", "Undo", "is a contact of its own"),
    "es-ES": ("Comparar y fusionar", "Fusionar en un solo contacto", "Deshacer", "vuelve a ser"),
}


@pytest.mark.parametrize("locale", list(WORDS))
def test_two_are_merged_and_parted(
    locale: str, browser: Browser, base_url: str, marta: User, client: Client
) -> None:
    compare, merge, undo, parted = WORDS[locale]
    go_live()
    stays = person("ana", first_name="Ana", last_name="Ruiz", job_title="Director")
    goes = person("ruiz", first_name="Ana", last_name="Ruiz", job_title="Buyer")
    visit(goes, timedelta(days=1))
    refresh_all()
    client.force_login(marta)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    width = 390 if locale == "es-ES" else 1360
    context = browser.new_context(locale=locale, viewport={"width": width, "height": 900})
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
    page: Page = context.new_page()
    page.goto(f"{base_url}/admin/scoring/lead/{stays.pk}/change/")
    page.get_by_role("link", name=compare).click()
    expect(page.locator("#merge-score")).to_contain_text("70")
    page.get_by_label("Buyer").check()
    expect(page.locator("#merge-score")).to_contain_text("40")
    expect(page.locator("#merge-score")).not_to_contain_text("70")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == {}
    page.get_by_role("button", name=merge).click()
    page.get_by_role("button", name=undo).click()
    expect(page.get_by_text(parted)).to_be_visible()
    assert Contact.objects.get(pk=goes.pk).job_title == "Buyer"
    assert Contact.objects.get(pk=stays.pk).job_title == "Director"
    context.close()

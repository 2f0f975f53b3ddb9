"""Two salespeople want the same lead, each in a browser: one wins, the other is told who."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from contacts.models import Assignment, Task
from tests.engine.scored import go_live, person, refresh_all, visit


def page_for(browser: Browser, base_url: str, user: User, language: str, width: int) -> Page:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    size = {"width": width, "height": 800}
    context = browser.new_context(locale=language, viewport=size)  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
    page = context.new_page()
    page.goto(f"{base_url}/admin/pipeline/pool/")
    return page


FASTER = {"en": "mona was faster: this lead was taken at", "es": "mona ha sido más rápido"}


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("es", 390)], ids=["desk", "phone"])
def test_of_two_who_take_a_lead_one_wins_and_the_other_is_told(
    language: str, width: int, browser: Browser, base_url: str, saul: User, mona: User
) -> None:
    go_live()
    ana, eva = (person(name, first_name=name.title(), job_title="Director") for name in "ab")
    visit(ana, timedelta(hours=1))
    refresh_all()
    call = Task.objects.create(contact=ana, title="Call")
    sauls = page_for(browser, base_url, saul, language, width)
    monas = page_for(browser, base_url, mona, language, width)
    assert sauls.evaluate("document.documentElement.scrollWidth") <= width

    # The hottest is taken by one key, without touching the mouse.
    monas.keyboard.press("c")
    expect(monas.locator(f"#lead-{ana.pk}.pool-won")).to_be_visible()
    # Where the other page has not asked yet, its click comes too late; either way it is told.
    sauls.evaluate(f"document.querySelector('#lead-{ana.pk} [data-claim]')?.click()")
    expect(sauls.locator(f"#lead-{ana.pk}")).to_contain_text(FASTER[language])
    call.refresh_from_db()
    assert call.assignee == mona
    assert [line.owner for line in Assignment.objects.filter(contact=ana)] == ["mona"]
    assert Task.objects.count() == 1

    # What is left is taken by the other, and the first page shows it without being loaded anew.
    sauls.locator(f"#lead-{eva.pk} [data-claim]").click()
    expect(sauls.locator(f"#lead-{eva.pk}.pool-won")).to_be_visible()
    expect(monas.locator(f"#lead-{eva.pk}.pool-gone")).to_contain_text("saul")
    sauls.context.close()
    monas.context.close()

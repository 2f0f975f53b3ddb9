"""Every page of the leads, the models and the first steps: labelled, headed, narrow enough.

And without a fault that axe-core finds. Pages of the sidebar that are no model's come by themselves
(``leadscoring/site.py``); another page takes part by a line in ``test_the_pages_of_both_teams``.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import ConsoleMessage, Page

from contacts.models import Contact
from leadscoring.site import GROUPS, LATER_GROUPS
from leadscoring.site import Page as Place
from scoring.agreement.admin.hub import PAGES, address_of
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel
from scoring.first_run.steps import STEPS
from tests.browser.axe import violations
from tests.browser.conftest import settled
from tests.engine.scored import go_live, person, refresh_all, version_of, visit

DAY = timedelta(days=1)
PHONE = 390
# What a person who sees nothing, or has no mouse, would not find out.
LOOK = """() => {
    const all = [...document.querySelectorAll('#content *')];
    const shown = all.filter(each => each.checkVisibility());
    const named = each => each.labels?.length || each.ariaLabel || each.title
        || each.getAttribute('aria-labelledby') || each.textContent.trim();
    // The search of a list is Unfold's, and named by its placeholder.
    const fields = 'input:not([type=hidden], [type=submit], #searchbar), select, textarea';
    const tags = each => each.outerHTML.slice(0, 120);
    const ids = [...document.querySelectorAll('#content [id]')].map(each => each.id);
    return {
        headings: document.querySelectorAll('h1').length,
        width: document.documentElement.scrollWidth,
        unlabelled: shown.filter(each => each.matches(fields)
            && !(each.labels?.length || each.ariaLabel || each.title
                || each.getAttribute('aria-labelledby'))).map(tags),
        nameless: shown.filter(each => each.matches('button, a[href], summary')
            && !named(each)).map(tags),
        twice: ids.filter((id, place) => ids.indexOf(id) !== place),
    };
}"""
# What is said of an answer that was still on its way when the next page was opened.
ABORTED = ("net::ERR_ABORTED", "Failed to fetch", "Load failed", "htmx:sendAbort")


@pytest.fixture
def model(transactional_db: None) -> ScoringModel:
    """Live, with a lead that has a history, and with a draft."""
    ana = person("ana", first_name="Ana", job_title="Director", owner="marta")
    track = go_live(as_of=timezone.now() - 3 * DAY)
    visit(ana, 2 * DAY)
    refresh_all()
    version = version_of(track)
    Draft.objects.begin(version.document_value, version)
    return track.model


@pytest.fixture
def wrong(page: Page) -> Iterator[list[str]]:
    """What the browser complains of while these pages are open."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda said: found.append(said.text) if is_fault(said) else None)
    page.on("response", lambda got: found.append(got.url) if got.status >= 500 else None)
    yield found
    assert found == []


def is_fault(said: ConsoleMessage) -> bool:
    return said.type == "error" and not any(each in said.text for each in ABORTED)


def log_in(page: Page, base_url: str, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])


def faults(page: Page, address: str) -> dict[str, Any]:
    """What is wrong with a page once all of it is there."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    settled(page)
    seen = page.evaluate(LOOK)
    seen["headings"] = [] if seen["headings"] == 1 else seen["headings"]
    seen["width"] = [] if seen["width"] <= PHONE else seen["width"]
    seen |= violations(page)
    return {what: found for what, found in seen.items() if found}


def test_the_pages_of_both_teams(
    page: Page, base_url: str, model: ScoringModel, marta: User, wrong: list[str]
) -> None:
    log_in(page, base_url, marta)
    page.set_viewport_size({"width": PHONE, "height": 844})
    lead = Contact.objects.get().pk
    addresses = [
        reverse("admin:index"),
        reverse("admin:scoring_lead_change", args=[lead]) + "?under=draft",
        reverse("admin:scoring_segment_changelist"),
        reverse("admin:scoring_segment_add"),
        *(address_of(slug, model) for slug, tab in PAGES.items() if tab.is_tab),
    ]
    found = {address: faults(page, base_url + address) for address in addresses}
    assert {address: each for address, each in found.items() if each} == {}


def test_the_first_steps_and_the_pages_of_the_sidebar(
    page: Page, base_url: str, model: ScoringModel, ada: User, wrong: list[str]
) -> None:
    log_in(page, base_url, ada)
    page.set_viewport_size({"width": PHONE, "height": 844})
    groups = [group for _title, group in [*GROUPS, *LATER_GROUPS]]
    places = [name for group in groups for name, it in group.items() if isinstance(it, Place)]
    # The first of them only goes on to the steps, which are looked at one by one.
    addresses = [reverse(name) for name in places if name != "first_run_next"]
    addresses += [step.url for step in STEPS]
    found = {address: faults(page, base_url + address) for address in addresses}
    assert {address: each for address, each in found.items() if each} == {}


def test_what_axe_finds_is_told(page: Page) -> None:
    pale = "<p style='color: #ddd; background: #fff'>pale</p>"
    page.set_content(f"<html lang=en><title>Faults</title><main><img src=''>{pale}</main></html>")
    assert list(violations(page)) == [
        "color-contrast, light",
        "image-alt, light",
        "color-contrast, dark",
    ]

"""A version is proposed, signed by both sides and brought live in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from scoring.automations.models import Crossing
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.models import Recompute
from scoring.engine.recompute import work
from tests.agreement.agreed import begin
from tests.browser.conftest import PATIENCE


@pytest.fixture
def model(transactional_db: None) -> ScoringModel:
    """With a draft in which a director counts more."""
    return begin()


@pytest.fixture
def wrong() -> Iterator[list[str]]:
    """What JavaScript could not do, and pages that failed."""
    found: list[str] = []
    yield found
    assert found == []


def page_of(
    new_context: Callable[[], BrowserContext], base_url: str, user: User, wrong: list[str]
) -> Page:
    """A browser of one's own, in which this person is logged in."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context = new_context()
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 500 else None)
    return page


def test_marta_proposes_saul_signs_and_it_goes_live_quietly(
    new_context: Callable[[], BrowserContext],
    base_url: str,
    model: ScoringModel,
    marta: User,
    saul: User,
    wrong: list[str],
) -> None:
    address = f"/admin/scoring/scoringmodel/{model.pk}/agreement/"
    hers = page_of(new_context, base_url, marta, wrong)
    hers.goto(address)
    hers.get_by_role("link", name="Propose", exact=True).click()
    expect(hers.get_by_role("region", name="Differences")).to_contain_text("+35")
    hers.get_by_label("What changes and why").fill("Directors buy more")
    hers.get_by_role("button", name="Propose", exact=True).click()
    hers.get_by_role("link", name="Read and sign").click()
    expect(hers.get_by_role("button", name="Sign for Sales")).to_have_count(0)
    hers.get_by_role("button", name="Sign for Marketing").click()
    expect(hers.get_by_role("list", name="The way of a version")).to_contain_text("Waits for saul")

    his = page_of(new_context, base_url, saul, wrong)
    his.goto(address)
    his.get_by_role("link", name="Read and sign").click()
    expect(his.get_by_role("button", name="Sign for Marketing")).to_have_count(0)
    his.get_by_label("Comment").first.fill("As agreed on Monday")
    his.get_by_role("button", name="Sign for Sales").click()
    expect(his.get_by_text("You have signed version 2 for Sales.")).to_be_visible()
    expect(his.get_by_role("link", name="Bring live")).to_have_count(0)

    hers.goto(address)
    hers.get_by_role("link", name="Bring live").click()
    hers.get_by_role("button", name="Bring live").click()
    expect(hers.get_by_text("Version 2 is live.")).to_be_visible()
    for recompute in Recompute.objects.filter(finished_at=None):
        list(work(recompute))
    assert Version.objects.live().get().number == 2
    assert not Crossing.objects.exclude(suppressed=Crossing.Suppressed.QUIET).exists()

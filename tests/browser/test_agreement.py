"""A whole agreement in a real browser, in both languages: written, tried, signed, live."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from scoring.agreement.impact import Impact
from scoring.agreement.impact_work import go_on_with_impacts
from scoring.automations.models import Crossing
from scoring.criteria.models import Version
from scoring.engine.models import Recompute, Score
from scoring.engine.recompute import work
from tests.agreement.agreed import AGREED
from tests.agreement.test_impact import leads
from tests.browser.conftest import PATIENCE
from tests.browser.words import LANGUAGES, Words


@pytest.fixture(params=LANGUAGES)
def say(request: pytest.FixtureRequest) -> Words:
    return Words(request.param)


@pytest.fixture
def wrong() -> Iterator[list[str]]:
    """What JavaScript could not do, and pages that failed."""
    found: list[str] = []
    yield found
    assert found == []


Open = Callable[[User], Page]


@pytest.fixture
def page_of(
    new_context: Callable[[], BrowserContext], base_url: str, say: Words, wrong: list[str]
) -> Open:
    """A browser of one's own, in which this person is logged in."""

    def opened(user: User) -> Page:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context = new_context()
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
        say.speak(context, base_url)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("response", lambda got: wrong.append(got.url) if got.status >= 500 else None)
        return page

    return opened


def shy_people_count(page: Page, say: Words) -> None:
    """A draft of what is live, and in it one rule more: whose job nobody knows is warm."""
    page.get_by_role("button", name=say("Start from the live version")).click()
    place = page.get_by_role("group", name=say("Add a rule to %(name)s", name="Who"))
    place.get_by_role("button", name=say("Who they are"), exact=True).click()
    form = page.get_by_role("form", name=say("Who they are"))
    form.get_by_role("button", name=say("Condition")).click()
    form.locator("select[name$=op]").select_option("is_empty")
    sentence = say("%(field)s is empty", field=say("job title"))
    expect(form.locator(".auto-sentence")).to_contain_text(sentence)
    form.get_by_label(say("Name")).fill("Shy")
    form.get_by_label(say("Points"), exact=True).fill("35")
    form.get_by_role("button", name=say("Save"), exact=True).last.click()
    expect(page.get_by_role("status")).to_contain_text(say("“%(name)s” is added.", name="Shy"))


def impact_is_asked_for(page: Page, say: Words) -> None:
    page.get_by_role("link", name=say("See the impact")).click()
    page.get_by_role("button", name=say("Work out the impact")).click()
    while go_on_with_impacts():
        pass
    moved = say("%(count)s from %(old)s to %(new)s", count=1, old="cold", new="warm")
    expect(page.get_by_role("link", name=moved)).to_be_visible()


def is_refused_for_the_other_side(page: Page, say: Words) -> None:
    """There is no button for it; a form that says so nevertheless is told no."""
    expect(page.get_by_role("button", name=sign_for(say, "Sales"))).to_have_count(0)
    button = page.get_by_role("button", name=sign_for(say, "Marketing"))
    button.evaluate("each => each.value = 'sales'")
    with page.expect_response(lambda got: got.request.method == "POST") as refused:
        button.click()
    assert refused.value.status == 403


def sign_for(say: Words, side: str) -> str:
    return say("Sign for %(side)s", side=say(side))


def test_marta_writes_saul_signs_and_it_goes_live_quietly_as_was_foretold(
    transactional_db: None, page_of: Open, base_url: str, marta: User, saul: User, say: Words
) -> None:
    track = leads(AGREED)
    address = f"{base_url}/admin/scoring/scoringmodel/{track.model_id}"
    hers = page_of(marta)
    hers.goto(f"{address}/criteria/")
    shy_people_count(hers, say)
    impact_is_asked_for(hers, say)

    hers.goto(f"{address}/agreement/")
    hers.get_by_role("link", name=say("Propose"), exact=True).click()
    expect(hers.get_by_role("region", name=say("Differences"))).to_contain_text("+35")
    hers.get_by_label(say("What changes and why")).fill("The shy buy more")
    hers.get_by_role("button", name=say("Propose"), exact=True).click()
    hers.get_by_role("link", name=say("Read and sign")).click()
    is_refused_for_the_other_side(hers, say)
    hers.go_back()
    hers.reload()
    hers.get_by_role("button", name=sign_for(say, "Marketing")).click()
    waits = say("Waits for %(names)s.", names="saul")
    expect(hers.get_by_role("list", name=say("The way of a version"))).to_contain_text(waits)

    his = page_of(saul)
    his.goto(f"{address}/agreement/")
    his.get_by_role("link", name=say("Read and sign")).click()
    expect(his.get_by_role("button", name=sign_for(say, "Marketing"))).to_have_count(0)
    his.get_by_label(say("Comment")).first.fill("As agreed on Monday")
    his.get_by_role("button", name=sign_for(say, "Sales")).click()
    signed = say("You have signed version %(number)d for %(side)s.", number=2, side=say("Sales"))
    expect(his.get_by_text(signed)).to_be_visible()
    expect(his.get_by_role("link", name=say("Bring live"))).to_have_count(0)

    hers.goto(f"{address}/agreement/")
    hers.get_by_role("link", name=say("Bring live")).click()
    hers.get_by_role("button", name=say("Bring live")).click()
    live = say("Version %(number)d is live. The scores are being made anew.", number=2)
    expect(hers.get_by_text(live)).to_be_visible()

    before = dict(Score.objects.values_list("contact", "band"))
    for recompute in Recompute.objects.filter(finished_at=None):
        list(work(recompute))
    after = dict(Score.objects.values_list("contact", "band"))
    moves = Impact.objects.get().moves.exclude(band_before=F("band"))
    foretold = {
        pk: (old, new) for pk, old, new in moves.values_list("contact", "band_before", "band")
    }
    assert foretold == {pk: (before[pk], now) for pk, now in after.items() if before[pk] != now}
    assert len(foretold) == 1
    assert Version.objects.live().get().number == 2
    assert not Crossing.objects.exclude(suppressed=Crossing.Suppressed.QUIET).exists()

"""What the page says before a version goes live is what then happens, seen in a real browser."""

import re

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from contacts.models import Contact
from scoring.agreement.impact import Impact
from scoring.agreement.impact_work import go_on_with_impacts
from scoring.criteria.drafts import Draft
from scoring.criteria.loading import load
from scoring.engine.models import Score
from scoring.engine.publish import publish
from scoring.engine.recompute import work
from tests.agreement.test_impact import STRICTER, leads


def test_the_impact_of_a_draft_is_asked_for_comes_and_proves_right(
    transactional_db: None, ada: User, page_of_ada: Page, base_url: str
) -> None:
    page = page_of_ada
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    track = leads()
    Draft.objects.begin(STRICTER)
    page.goto(f"{base_url}/admin/scoring/scoringmodel/{track.model_id}/impact/")
    page.get_by_role("button", name="Work out the impact").click()
    expect(page.locator("#impact-progress")).to_contain_text("Waiting for a worker")
    while go_on_with_impacts():
        pass
    # The page looks for itself.
    expect(page.locator("#impact-headline")).to_contain_text("2 contacts would be “hot” no longer")
    page.get_by_role("link", name=re.compile("2 from hot to warm")).click()
    listed = page.locator(".impact-movers tbody tr")
    expect(listed).to_have_count(2)
    told = {each.strip() for each in page.locator(".impact-movers td a").all_inner_texts()}
    list(work(publish(load(STRICTER).version, Impact.objects.get().as_of)))
    warm = Score.objects.filter(track=track, band="warm").values("contact")
    assert told == set(Contact.objects.filter(pk__in=warm).values_list("email", flat=True))
    assert wrong == []

"""The weekly meeting in a real browser: from a figure to its leads, notes, decisions, and axe."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from contacts.models import Contact, Task
from scoring.reports.jobs import work_out_reports
from scoring.reports.report import REPORTS
from scoring.reports.review.models import Decision, Meeting
from tests.browser.axe import violations
from tests.browser.conftest import settled
from tests.browser.words import LANGUAGES, Words
from tests.engine.scored import go_live, person, refresh_all, visit

DAY = timedelta(days=1)
PHONE = 390
LOST = (
    "Not saved: the connection or the session has ended. The text stays here and is sent with the "
    "next change."
)


@pytest.fixture
def hot(transactional_db: None) -> Contact:
    """A lead of Saul's that has become hot in these days, by a model that is live."""
    ana = person("ana", first_name="Ana", job_title="Director", owner="saul")
    go_live(as_of=timezone.now() - 3 * DAY)
    visit(ana, 2 * DAY)
    refresh_all()
    return ana


def open_as(page: Page, base_url: str, user: User, words: Words) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
    words.speak(page.context, base_url)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_figure_opens_into_its_leads_and_out_into_a_file(
    language: str, page: Page, base_url: str, hot: Contact, marta: User
) -> None:
    words = Words(language)
    open_as(page, base_url, marta, words)
    page.goto(f"{base_url}/admin/reports/")
    page.get_by_role("link", name=words("Bands over time")).first.click()
    page.get_by_label(words("Steps")).select_option("day")
    page.get_by_role("button", name=words("Show"), exact=True).click()
    assert "grain=day" in page.url
    page.locator(".report-figures a").first.click()
    page.get_by_role("link", name="Ana", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ana")
    page.go_back()
    page.get_by_role("link", name=words("Back to the report")).click()
    assert "grain=day" in page.url
    with page.expect_download() as kept:
        page.get_by_role("link", name="CSV").click()
    assert kept.value.suggested_filename.endswith(".csv")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_meeting_from_its_beginning_to_its_decisions(
    language: str, page: Page, base_url: str, hot: Contact, ada: User, saul: User
) -> None:
    words = Words(language)
    open_as(page, base_url, ada, words)
    page.goto(f"{base_url}/admin/review/")
    page.get_by_role("button", name=words("New meeting")).click()
    page.get_by_role("button", name=words("Begin"), exact=True).click()
    expect(page.get_by_role("timer")).not_to_be_empty()
    meeting = Meeting.objects.get()
    first = meeting.items.first()
    assert first is not None
    page.get_by_placeholder(words("Notes")).first.fill("Sales like the new band.")
    expect(page.locator(".review-said p:visible").first).to_be_visible()
    first.refresh_from_db()
    assert (first.text, first.changed_by) == ("Sales like the new band.", ada)
    addresses = re.compile(r"/review/\d+/items/")
    page.route(addresses, lambda route: route.abort())
    page.get_by_placeholder(words("Notes")).first.fill("Sales like it.")
    expect(page.locator(".review-said [role=alert]")).to_contain_text(words(LOST))
    page.unroute(addresses)
    # Nothing is waited for: what is typed is stored before the page is left.
    page.get_by_placeholder(words("Notes")).first.fill("Sales like it much.")
    for text in ("Prices count twice.", "Call Ana."):
        page.locator("#decide_text").fill(text)
        page.get_by_role("button", name=words("Note the decision")).click()
        expect(page.get_by_text(text).locator("visible=true")).to_be_visible()
    page.get_by_role("button", name=words("Put into the draft")).first.click()
    expect(page.locator(".draft-note")).to_contain_text("Prices count twice.")
    page.goto(f"{base_url}/admin/review/{meeting.pk}/")
    page.get_by_text(words("Make it a task")).last.click()
    page.locator("[name=assignee]").last.select_option(str(saul.pk))
    page.locator(".select2-selection").last.click()
    page.locator(".select2-search__field").last.fill("ana")
    page.locator(".select2-results__option").filter(has_text="ana").first.click()
    page.get_by_role("button", name=words("Make the task")).last.click()
    expect(page.get_by_role("link", name="Call Ana.")).to_be_visible()
    page.get_by_role("button", name=words("End the meeting")).click()
    expect(page.get_by_role("timer")).to_have_count(0)
    first.refresh_from_db()
    assert first.text == "Sales like it much."
    task = Task.objects.get(contact=hot, assignee=saul)
    assert list(Decision.objects.values_list("text", "task").order_by("pk")) == [
        ("Prices count twice.", None),
        ("Call Ana.", task.pk),
    ]
    assert Decision.objects.get(text="Prices count twice.").draft is not None


def test_no_report_has_a_fault_on_a_phone_nor_for_who_cannot_see(
    page: Page, base_url: str, hot: Contact, ada: User
) -> None:
    open_as(page, base_url, ada, Words("es"))
    page.set_viewport_size({"width": PHONE, "height": 844})
    found = {}
    for slug in REPORTS:
        address = base_url + reverse("admin:report", args=[slug])
        page.goto(address)
        while work_out_reports():
            pass
        page.goto(address)
        settled(page)
        wide = page.evaluate("document.documentElement.scrollWidth") > PHONE
        found[slug] = {**violations(page), **({"wide": True} if wide else {})}
    assert {slug: each for slug, each in found.items() if each} == {}


def test_a_phone_folds_up_what_is_long_and_paper_does_not(
    page: Page, base_url: str, hot: Contact, ada: User
) -> None:
    open_as(page, base_url, ada, Words("en"))
    page.set_viewport_size({"width": PHONE, "height": 844})
    address = base_url + reverse("admin:report", args=["forecast"])
    page.goto(f"{address}?volume=150")
    folds = page.locator("details[data-report-fold]")
    parts = page.locator("details.report-part")
    assert [part.get_attribute("open") is not None for part in parts.all()] == [False, True]
    parts.first.locator("summary").click()
    expect(page.get_by_label("Source")).to_be_visible()
    parts.first.locator("summary").click()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert all(fold.get_attribute("open") is not None for fold in folds.all())
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.get_by_label("Source")).to_be_hidden()
    page.set_viewport_size({"width": 1280, "height": 844})
    expect(page.get_by_label("Source")).to_be_visible()

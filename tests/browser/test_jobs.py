"""The Jobs page in a browser: it renews itself, and asks before it does anything."""

import os
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from contacts.models import Contact, Pending, WorkerProcess
from scoring.engine.troubled import Troubled


def test_it_renews_itself_and_tries_a_parked_contact_again(
    page_of_ada: Page, base_url: str
) -> None:
    ana = Contact.objects.create(email="ana@x.example", first_name="Ana")
    Pending.objects.update(since=timezone.now() - timedelta(minutes=7))
    page = page_of_ada
    page.goto(f"{base_url}/admin/contacts/workerprocess/")
    expect(page.get_by_text("No worker runs:")).to_be_visible()
    take_picture(page, "at-rest")

    now = timezone.now()
    WorkerProcess.objects.beat(WorkerProcess.Kind.LOOP, 4711)
    error = "DataError: numeric field overflow"
    Troubled.objects.create(contact=ana, attempts=3, error=error, next_at=now, parked_at=now)
    expect(page.get_by_text("4711")).to_be_visible()
    expect(page.get_by_text("No worker runs:")).to_be_hidden()
    expect(page.get_by_text(error)).to_be_visible()
    take_picture(page, "parked")

    # Not pressed and let go: the page renews itself, and may do so in between.
    page.get_by_role("link", name="Try again", exact=True).dispatch_event("click")
    take_picture(page, "asking")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("1 contact is tried again.")).to_be_visible()
    assert not Troubled.objects.parked().exists()


def take_picture(page: Page, name: str) -> None:
    """For people who look at the page; only where they say where to put it."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=str(Path(folder) / f"jobs-{name}.png"), full_page=True)

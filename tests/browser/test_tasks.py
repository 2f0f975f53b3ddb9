"""A salesperson takes and finishes a task without touching the mouse, in a real browser."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from contacts.models import Activity, Contact, Task


@pytest.fixture
def page_of_saul(page: Page, base_url: str, saul: User, client: Client) -> Page:
    client.force_login(saul)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
    return page


def tab_to(page: Page, name: str) -> None:
    """Press the tabulator key until the button of this name has the focus."""
    for _step in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == name:
            return
    raise AssertionError(f"{name} is not reached by the keyboard")


@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
def test_a_task_is_taken_and_finished_by_keyboard(
    width: int, page_of_saul: Page, saul: User, base_url: str
) -> None:
    page = page_of_saul
    page.set_viewport_size({"width": width, "height": 800})
    lea = Contact.objects.create(email="lea@example.com", first_name="Lea")
    due = timezone.now() - timedelta(hours=1)
    call = Task.objects.create(contact=lea, title="Call Lea & ask", due_at=due)
    page.goto(f"{base_url}/admin/contacts/task/?state__exact=open")
    expect(page.get_by_text("· overdue")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    tab_to(page, "Take: Call Lea & ask")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Call Lea & ask”: yours now.")).to_be_visible()
    call.refresh_from_db()
    assert call.assignee == saul
    tab_to(page, "Done: Call Lea & ask")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Call Lea & ask”: done.")).to_be_visible()
    assert page.url.endswith("?state__exact=open")
    call.refresh_from_db()
    assert not call.is_open


def test_the_buttons_of_a_page_do_what_they_say(
    page_of_saul: Page, saul: User, base_url: str
) -> None:
    page = page_of_saul
    lea = Contact.objects.create(email="lea@example.com", first_name="Lea", phone="600 000")
    call = Task.objects.create(contact=lea, title="Call", assignee=saul)
    page.goto(f"{base_url}/admin/contacts/task/{call.pk}/change/")
    expect(page.get_by_role("region", name="Contact")).to_contain_text("600 000")
    page.get_by_role("button", name="Cancel the task").click()
    expect(page.get_by_text("“Call”: cancelled.")).to_be_visible()
    expect(page.get_by_role("button", name="Done")).to_have_count(0)
    page.get_by_role("button", name="Reopen").click()
    expect(page.get_by_text("“Call”: open again.")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "language", "told"),
    [
        (1280, "en", ("put off until", "Reached", "1 task is as it was.")),
        (390, "es", ("aplazada hasta", "Contactado", "1 tarea está como estaba.")),
    ],
    ids=["desk", "phone"],
)
def test_a_morning_by_keys(
    width: int, language: str, told: tuple[str, str, str],
    page_of_saul: Page, saul: User, base_url: str,
) -> None:  # fmt: skip
    """Puts one task off, closes the next with its result as a call, and takes that back."""
    page = page_of_saul
    name = settings.LANGUAGE_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": language, "url": base_url}])
    page.set_viewport_size({"width": width, "height": 800})
    lea = Contact.objects.create(email="lea@example.com", first_name="Lea")
    due = timezone.now() - timedelta(hours=1)
    first = Task.objects.create(contact=lea, title="First", assignee=saul, due_at=due)
    second = Task.objects.create(contact=lea, title="Second", assignee=saul)
    page.goto(f"{base_url}/admin/contacts/task/?whose=mine&state__exact=open")
    page.keyboard.press("?")
    expect(page.locator("#task-help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#task-help")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("s")
    dialog = page.locator("#task-dialog")
    expect(dialog.locator("[name=choice]").first).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Enter")
    expect(page.get_by_text(told[0]).first).to_be_visible()
    first.refresh_from_db()
    assert first.snoozed_until is not None
    expect(page.locator("#result_list")).not_to_contain_text("First")
    page.keyboard.press("j")
    page.keyboard.press("d")
    dialog.locator("[name=as_call]").check()
    dialog.locator("[name=result][value=reached]").click()
    expect(page.get_by_text(f"“Second”: {told[1]}.").or_(
        page.get_by_text(f"«Second»: {told[1]}."))
    .first).to_be_visible()  # fmt: skip
    assert Activity.objects.get().properties == {"result": "reached", "answered": True}
    page.keyboard.press("u")
    expect(page.get_by_text(told[2])).to_be_visible()
    second.refresh_from_db()
    assert second.is_open
    assert not Activity.objects.exists()

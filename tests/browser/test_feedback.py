"""A salesperson rejects a lead with a reason by keyboard alone, in Spanish, in a real browser."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from contacts.models import Activity, Contact
from scoring.criteria.models import ScoringModel
from scoring.pipeline.feedback.handing import Handing
from scoring.pipeline.feedback.models import Handover
from tests.browser.axe import violations


def handed(name: str, model: ScoringModel) -> Handover:
    contact = Contact.objects.create(
        email=f"{name}@example.com", first_name=name.title(), owner="saul"
    )
    return Handing(contact, model, "hot", 80, timezone.now(), f"test:{name}").do()[0]


@pytest.mark.parametrize("width", [1360, 390], ids=["desk", "phone"])
def test_a_lead_is_rejected_with_a_reason_by_keyboard(
    width: int, page: Page, base_url: str, saul: User, client: Client
) -> None:
    model = ScoringModel.objects.create(name="B2B")
    ana, ben = handed("ana", model), handed("ben", model)
    client.force_login(saul)
    values = {
        settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
        settings.LANGUAGE_COOKIE_NAME: "es",
    }
    page.context.add_cookies(
        [{"name": name, "value": value, "url": base_url} for name, value in values.items()]
    )
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{base_url}/admin/feedback/")
    expect(page.locator(".fb-due").first).to_contain_text("quedan")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == {}
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.get_by_role("radio", name="Rechazado")).to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == {}
    page.keyboard.press("5")
    expect(page.get_by_role("radio", name="Ahora no")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_text("«Ben» está rechazado: Ahora no.")).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.get_by_text("«Ana» está aceptado.")).to_be_visible()
    ben.refresh_from_db()
    ana.refresh_from_db()
    assert (ana.verdict, ben.verdict, str(ben.reason)) == ("accepted", "rejected", "Not now")
    found = Activity.objects.values_list("type__slug", "target__text").order_by("pk")
    assert list(found) == [("lead_rejected", "not_now"), ("lead_accepted", "")]

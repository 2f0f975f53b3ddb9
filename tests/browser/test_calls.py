"""Ten calls by keys, in Spanish, on a screen as wide as a phone's and as a desk's."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from contacts.models import Activity, Contact, Task
from scoring.engine.models import Score, Track
from scoring.pipeline.calls.models import CallEntry, CallSession
from scoring.pipeline.feedback.models import Handover
from tests.browser.test_pages_are_accessible import LOOK
from tests.engine.scored import go_live
from tests.pipeline.calls.sessions import director

NAMES = ("ana", "bea", "cid", "dora", "eva", "fran", "gil", "hugo", "ines", "jon")
# What is pressed for each lead, and what comes of it.
PRESSED = [
    (["1", "Enter"], "reached"),
    (["2"], "voicemail"),
    (["3"], "meeting_booked"),
    (["4", "Enter"], "not_interested"),
    (["5"], "wrong_person"),
    (["6", "1"], "later"),
    (["6", "Escape", "2"], "voicemail"),
    (["6", "3"], "later"),
    (["2", "u", "4"], "not_interested"),
    (["1", "Enter"], "reached"),
]


@pytest.fixture
def page_of_saul(page: Page, base_url: str, saul: User, client: Client) -> Page:
    for name in NAMES:
        director(name, owner="saul", company={"name": f"Talleres {name.title()} e Hijos"})
    go_live()
    client.force_login(saul)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    cookies = {session.key: session.value, settings.LANGUAGE_COOKIE_NAME: "es"}
    for name, value in cookies.items():
        page.context.add_cookies([{"name": name, "value": value, "url": base_url}])
    page.goto(f"{base_url}/admin/calls/")
    return page


def press(page: Page, key: str) -> None:
    """A key whose page is there; those that open a panel or close it stay on it."""
    asks = page.locator(f"[data-key='{key}'][data-opens]").count()
    is_open = page.locator(".calls-more:visible").count()
    if key == "Escape" or (asks and not is_open):
        page.keyboard.press(key)
        return
    with page.expect_navigation():
        page.keyboard.press(key)


def test_ten_calls_are_worked_by_keys(page_of_saul: Page, saul: User) -> None:
    page = page_of_saul
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_text("10 leads por llamar")).to_be_visible()
    page.get_by_role("button", name="Empezar a llamar").click()
    dora = Contact.objects.get(email_key="dora@x.example")
    now = timezone.now()
    Handover.objects.create(
        contact=dora, model=Track.objects.get().model, band="warm", handed_at=now, respond_by=now
    )
    for name, (keys, _result) in zip(NAMES, PRESSED, strict=True):
        expect(page.get_by_role("heading", name=name.title(), level=2)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        for key in keys:
            if page.locator("#call-reason:visible").count():
                page.locator("#call-reason").select_option(label="Sin presupuesto")
            press(page, key)
    expect(page.get_by_text("La sesión ha terminado")).to_be_visible()
    results = CallEntry.objects.order_by("position").values_list("result", flat=True)
    assert list(results) == [result for _keys, result in PRESSED]
    assert Activity.objects.filter(type__slug="call").count() == 10
    titles = Task.objects.order_by("pk").values_list("title", flat=True)
    assert [title.removeprefix("Volver a llamar a ") for title in titles] == [
        *("Bea", "Fran", "Gil", "Hugo"),
    ]
    assert CallSession.objects.get().ended_at is not None
    handover = Handover.objects.get()
    assert (handover.verdict, handover.reason and handover.reason.slug) == ("rejected", "no_budget")


def test_typing_is_typing_and_an_answer_moves_the_score(page_of_saul: Page) -> None:
    page = page_of_saul
    page.get_by_role("button", name="Empezar a llamar").click()
    note = page.get_by_label("Nota")
    note.fill("")
    note.press_sequentially("Hay 2 o 3 sedes, sin prisa")
    answer = page.get_by_label("Cargo")
    answer.fill("Ayudante 2")
    answer.press("Tab")
    expect(page.get_by_text("Acaba de cambiar: Director −30")).to_be_visible()
    expect(page.locator("#calls-now .calls-total")).to_contain_text("0 cold")
    expect(note).to_have_value("Hay 2 o 3 sedes, sin prisa")
    ana = Contact.objects.get(email_key="ana@x.example")
    assert Score.objects.get(contact=ana).total == 0
    assert not Activity.objects.exists()
    found = page.evaluate(LOOK)
    del found["width"]
    assert found == {"headings": 1, "unlabelled": [], "nameless": [], "twice": []}
    page.evaluate("document.activeElement.blur()")
    press(page, "4")
    expect(page.get_by_role("heading", name="Bea", level=2)).to_be_visible()
    assert ana.notes.get().text == "Hay 2 o 3 sedes, sin prisa"

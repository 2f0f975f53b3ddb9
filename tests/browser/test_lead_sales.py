"""A salesperson works with a lead on its page, and types one in at a fair, in a real browser."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from contacts.models import Contact, Note
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import OwnerCard
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.manual import ManualBand
from scoring.pipeline.leads.models import EmailTemplate
from tests.browser.axe import violations
from tests.engine.scored import go_live, person, refresh_all, visit

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
WORDS = {
    "en": {
        "call": "Log a call", "note": "Add a note", "mail": "Write an e-mail", "save": "Save",
        "band": "Qualify by hand", "give": "Give this band", "undo": "Undo", "send": "Send",
        "delete": "Delete the note", "noted": "Noted.", "outbox": "in the outbox",
        "time": "Timeline", "hand": "by hand, saul", "why": "Why", "text": "Text",
        "link": "Insert the meeting link", "next": "Save, and the next one", "back": "Take it back",
        "mail_field": "E-mail", "gone": "was taken back",
    },
    "es": {
        "call": "Anotar una llamada", "note": "Añadir una nota", "mail": "Escribir un correo",
        "save": "Guardar", "band": "Calificar a mano", "give": "Dar este nivel",
        "undo": "Deshacer", "send": "Enviar", "delete": "Borrar la nota", "noted": "Anotado.",
        "outbox": "en la bandeja de salida", "time": "Cronología", "hand": "a mano, saul",
        "why": "Por qué", "text": "Texto", "link": "Insertar el enlace para reuniones",
        "next": "Guardar y el siguiente", "back": "Deshacer", "mail_field": "Correo",
        "gone": "Se ha deshecho",
    },
}  # fmt: skip


@pytest.fixture
def ana(transactional_db: None, saul: User) -> Contact:
    """Hot, Saul's, and handed over to him."""
    OwnerCard.objects.create(user=saul, meeting_link="https://meet.example/saul")
    EmailTemplate.objects.create(name="First", subject="Hello {{ contact.first_name }}", text="Hi")
    lead = person("ana", first_name="Ana", job_title="Director", owner="saul")
    track = go_live()
    visit(lead, timedelta(days=1))
    refresh_all()
    now = timezone.now()
    Handover.objects.create(
        contact=lead, model=track.model, band="hot", owner="saul", handed_at=now,
        respond_by=now + timedelta(hours=3), feedback_by=now + timedelta(days=2),
    )  # fmt: skip
    return lead


@pytest.fixture
def watched(ana: Contact, page: Page, base_url: str, saul: User) -> Iterator[Page]:
    """Saul's browser; a JavaScript error or a failing page fails the test."""
    client = Client()
    client.force_login(saul)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
    yield page
    assert wrong == []


def speak(page: Page, language: str, base_url: str) -> dict[str, Any]:
    page.context.add_cookies([{"name": "django_language", "value": language, "url": base_url}])
    return WORDS[language]


@pytest.mark.parametrize(
    ("language", "size"), [("en", DESK), ("es", PHONE)], ids=["en, desk", "es, phone"]
)
def test_a_lead_is_worked_with_on_its_page(
    language: str, size: dict[str, int], watched: Page, ana: Contact, base_url: str
) -> None:
    words = speak(watched, language, base_url)
    watched.set_viewport_size(size)  # type: ignore[arg-type]
    watched.goto(f"{base_url}/admin/scoring/lead/{ana.pk}/change/")
    expect(watched.locator(".sales-clock")).to_have_text(re.compile(r"2 h \d+ min"))
    timeline = watched.get_by_role("region", name=words["time"])
    form = watched.locator("#lead-form")

    # By the keyboard: opened, left by Escape, opened again and sent.
    button = watched.get_by_role("button", name=words["call"])
    button.focus()
    watched.keyboard.press("Enter")
    expect(form.locator("select[name=result]")).to_be_focused()
    watched.keyboard.press("Escape")
    expect(button).to_be_focused()
    watched.keyboard.press("Enter")
    expect(form.locator("select[name=result]")).to_be_focused()
    form.locator("textarea").fill("Wants a quote")
    watched.keyboard.press("Control+Enter")
    expect(form).to_contain_text(words["noted"])
    expect(timeline).to_contain_text("Wants a quote")

    note = timeline.get_by_role("button", name=f"{words['delete']}: Wants a quote")
    note.click()
    expect(timeline).not_to_contain_text("Wants a quote")
    form.get_by_role("button", name=words["undo"]).click()
    expect(timeline).to_contain_text("Wants a quote")
    assert Note.objects.count() == 1

    watched.get_by_role("button", name=words["band"]).click()
    form.get_by_label("warm").check()
    form.get_by_label(words["why"]).fill("Budget in May")
    form.get_by_role("button", name=words["give"]).click()
    expect(watched.locator("#lead-facts")).to_contain_text(words["hand"])
    expect(timeline).to_contain_text("Budget in May")
    assert ManualBand.objects.get().band == "warm"

    watched.get_by_role("button", name=words["mail"]).click()
    form.locator("#lead-template").select_option(label="First")
    expect(form.locator("[name=subject]")).to_have_value("Hello {{ contact.first_name }}")
    form.get_by_role("button", name=words["link"]).click()
    expect(form.locator("#lead-preview")).to_contain_text("Hello Ana")
    expect(form.locator("#lead-preview")).to_contain_text("https://meet.example/saul")
    assert violations(watched) == {}
    form.get_by_role("button", name=words["send"], exact=True).click()
    expect(form).to_contain_text(words["outbox"])
    expect(timeline).to_contain_text("Hello Ana")
    assert Message.objects.filter(channel="email", contact=ana).count() == 1

    timeline.locator("label", has=watched.locator("input[value=emails]")).click()
    expect(timeline).not_to_contain_text("Budget in May")
    width = watched.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_cards_of_a_fair_are_typed_in_one_after_another(
    language: str, watched: Page, base_url: str
) -> None:
    words = speak(watched, language, base_url)
    watched.set_viewport_size(PHONE)  # type: ignore[arg-type]
    watched.goto(f"{base_url}/admin/scoring/capture/")
    address = watched.locator("#id_email")
    address.fill("eva@x.example")
    watched.locator("#id_job_title").fill("Director")
    watched.locator("#id_tags").fill("fair")
    watched.keyboard.press("Control+Enter")
    expect(watched.locator(".capture-last")).to_contain_text("Director")
    expect(watched.locator("#id_tags")).to_have_value("fair")
    expect(address).to_be_focused()
    watched.keyboard.type("ana@x.example")
    watched.keyboard.press("Tab")
    expect(watched.locator("#capture-known")).to_contain_text("Ana")
    assert violations(watched) == {}
    watched.locator(".capture-last").get_by_role("button", name=words["back"]).click()
    expect(watched.get_by_text(words["gone"])).to_be_visible()
    assert not Contact.objects.filter(email="eva@x.example").exists()

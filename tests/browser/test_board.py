"""A salesperson's board in a real browser: cards are dragged and moved by keys, and come in."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from contacts.models import Contact, Deal
from scoring.pipeline.board import page as pages
from scoring.pipeline.feedback.models import Handover
from tests.automations.set_up import HOT, go_live, hot, person, refresh_all, visit
from tests.browser.axe import violations
from tests.browser.words import LANGUAGES, Words
from tests.pipeline.board.set_up import BOARD, deal, stage


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Words:
    return Words(getattr(request, "param", "en"))


@pytest.fixture
def ana(transactional_db: None) -> Contact:
    """A director who has not been at the prices yet; hot leads are handed over."""
    go_live()
    hot(HOT, {"kind": "hand_over"})
    for name in ("Acme", "Norte"):
        deal(name, owner="saul", amount=1000)
    lead = person("ana", first_name="Ana", job_title="Director", owner="saul")
    refresh_all()
    return lead


@pytest.fixture
def board(
    ana: Contact,
    saul: User,
    page: Page,
    base_url: str,
    say: Words,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Page]:
    """An open one, which asks twice a second; what fails there fails the test."""
    monkeypatch.setattr(pages, "EVERY", 500)
    wrong: list[str] = []
    client = Client()
    client.force_login(saul)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
    say.speak(page.context, base_url)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda got: wrong.append(got.url) if got.status >= 500 else None)
    page.goto(base_url + BOARD)
    yield page
    assert wrong == []


def column(page: Page, name: str) -> str:
    return f"#column-{stage(name).pk}"


@pytest.mark.parametrize("say", LANGUAGES, indirect=True)
def test_cards_are_dragged_moved_by_keys_and_come_in_by_themselves(
    board: Page, say: Words, ana: Contact
) -> None:
    acme = board.locator(".board-card", has_text="Acme")
    said = board.locator("#board-said")
    acme.drag_to(board.locator(column(board, "Meeting")))
    expect(said).to_contain_text(
        say("“%(deal)s” is in “%(stage)s” now.", deal="Acme", stage="Meeting")
    )
    expect(board.locator(column(board, "Meeting"))).to_contain_text("Acme")
    expect(board.locator(f"{column(board, 'Meeting')} [data-number=weighted]")).to_have_text("400")
    assert Deal.objects.get(name="Acme").stage == stage("Meeting")

    said.get_by_role("button", name=say("Undo")).click()
    expect(said).to_contain_text(say("Taken back."))
    expect(board.locator(column(board, "Hot Leads"))).to_contain_text("Acme")

    # By keys alone: to the card below, its menu, and down to the stage; the reason, and Enter.
    acme.get_by_role("link", name="Acme").focus()
    board.keyboard.press("ArrowDown")
    expect(board.get_by_role("link", name="Norte", exact=True)).to_be_focused()
    board.keyboard.press("m")
    for _each in range(4):
        board.keyboard.press("ArrowDown")
    expect(board.locator(":focus")).to_have_text("Lost")
    board.keyboard.press("Enter")
    expect(board.get_by_role("dialog")).to_contain_text("Norte: Lost")
    board.keyboard.type("Too dear")
    board.keyboard.press("Enter")
    expect(board.locator(".board-card", has_text="Norte")).to_have_count(0)
    expect(said).to_contain_text("Norte")
    lost = Deal.objects.get(name="Norte")
    assert (lost.stage, lost.reason) == (stage("Lost"), "Too dear")

    # What the worker does when she looks at the prices; the page is not touched.
    visit(ana, timedelta())
    refresh_all()
    card = board.locator(f"{column(board, 'Hot Leads')} .board-card", has_text="Ana")
    expect(card).to_contain_text("70")
    clock = card.locator("[data-due] [data-words]")
    expect(clock).to_contain_text(say("Respond within {time}").replace("{time}", ""))
    Handover.objects.update(respond_by=timezone.now() + timedelta(minutes=50))
    expect(clock).to_contain_text("49 min")
    first = clock.inner_text()
    expect(clock).not_to_have_text(first)
    Handover.objects.update(respond_by=timezone.now() - timedelta(minutes=10))
    expect(clock).to_contain_text(say("Overdue by {time}").replace("{time}", ""))
    assert violations(board) == {}


def test_on_a_phone_one_column_is_shown_and_cards_are_moved_by_their_menu(
    board: Page, base_url: str, mona: User
) -> None:
    board.set_viewport_size({"width": 390, "height": 844})
    board.reload()
    acme = board.locator(".board-card", has_text="Acme")
    # Somebody else is faster: the card goes where it stands, and the person is told.
    Deal.objects.get(name="Acme").move_to(stage("Proposal"), timezone.now())
    tab = board.get_by_role("button", name="Proposal")
    expect(tab).to_contain_text("1")
    tab.click()
    expect(acme).to_be_visible()
    expect(board.locator(".board-card", has_text="Norte")).to_be_hidden()
    acme.get_by_title("Move to").click()
    acme.get_by_role("button", name="Contacted").click()
    expect(board.locator("#board-said")).to_contain_text("“Acme” is in “Contacted” now.")
    board.get_by_role("button", name="Hot Leads").click()
    board.get_by_label("Tick Norte").check()
    bar = board.get_by_role("form", name="Ticked cards")
    bar.get_by_label("What is to be done").first.select_option(label="Give a task")
    bar.get_by_label("What is to be done").last.fill("Call them")
    bar.get_by_role("button", name="Do it").click()
    expect(board.locator(".board-card", has_text="Norte")).to_contain_text("Call them")
    assert board.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(board) == {}

"""A marketer writes a whole model in the editor, with labels and keys, and without any code."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from scoring.criteria import templates
from scoring.criteria.drafts import Draft, DraftScenario

HALF_A_YEAR = ("6", "months")


@pytest.fixture
def watched(page_of_ada: Page, base_url: str) -> Iterator[Page]:
    """A JavaScript error or a failing page fails the test."""
    wrong: list[str] = []
    page_of_ada.on("pageerror", lambda error: wrong.append(str(error)))
    page_of_ada.on(
        "response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None
    )
    page_of_ada.goto(f"{base_url}/admin/scoring/scoringmodel/add/")
    yield page_of_ada
    assert wrong == []


def add_group(page: Page, name: str) -> None:
    page.get_by_role("button", name="Add a group").click()
    form = page.get_by_role("form", name="Group")
    form.get_by_label("Name").fill(name)
    form.get_by_label("It says").select_option(label="what they do (interest)")
    page.keyboard.press("Tab")
    form.get_by_label("Name").press("Enter")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def begin_rule(page: Page, group: str, kind: str) -> Locator:
    place = page.get_by_role("group", name=f"Add a rule to {group}")
    place.get_by_role("button", name=kind, exact=True).press("Enter")
    form = page.get_by_role("form", name=kind)
    expect(form.get_by_label("Name")).to_be_focused()
    return form


def choose_types(form: Locator, *types: str) -> None:
    form.get_by_label("What they did", exact=True).select_option(label=types[0])
    for each in types[1:]:
        form.get_by_label("or", exact=True).last.select_option(label=each)


def fill_duration(form: Locator, label: str, length: tuple[str, str]) -> None:
    field = form.locator("[data-field]", has_text=label)
    field.locator("input").fill(length[0])
    field.locator("select").select_option(label=length[1])


def save(page: Page, form: Locator, name: str, points: str) -> None:
    form.get_by_label("Name").fill(name)
    form.get_by_label("Points", exact=True).fill(points)
    form.get_by_label("Name").press("Enter")
    expect(page.get_by_role("status")).to_contain_text(f"“{name}” is added.")


def add_activity(
    page: Page, group: str, name: str, points: str, kind: str, target: str = ""
) -> None:
    form = begin_rule(page, group, "What they did")
    choose_types(form, kind)
    if target:
        form.get_by_label("Its target").select_option(label="starts with")
        form.get_by_label("Target", exact=True).fill(target)
    if kind == "Purchase":
        form.get_by_label("Counts").select_option(label="once, however often")
    else:
        fill_duration(form, "Forgotten after", HALF_A_YEAR)
    save(page, form, name, points)


def test_the_email_scale_is_written_from_nothing(watched: Page, ada: User) -> None:
    page = watched
    page.get_by_label("Name").fill("E-mail scale")
    page.get_by_label("What counts as success").select_option(label="decide later")
    page.get_by_role("button", name="Make the model").click()

    add_group(page, "Messages")
    add_activity(page, "Messages", "Clicks", "5", "E-mail link clicked")
    add_activity(page, "Messages", "Opens", "1", "E-mail opened")
    add_activity(page, "Messages", "Replies", "10", "E-mail answered")
    # By keys: the button keeps the focus while its rule moves.
    page.get_by_role("button", name="Move up: Opens").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("“Opens” is now number 1")
    expect(page.get_by_role("button", name="Move up: Opens")).to_be_focused()

    add_group(page, "Pages")
    add_activity(page, "Pages", "Visits the sales page", "20", "Page view", "/sales")
    expect(page.get_by_text('whose target starts with "/sales"')).to_be_visible()
    add_activity(page, "Pages", "Visits the checkout page", "20", "Page view", "/checkout")
    add_group(page, "Purchases")
    add_activity(page, "Purchases", "Is a customer", "100", "Purchase")

    add_group(page, "Warning signs")
    form = begin_rule(page, "Warning signs", "Who they are")
    form.get_by_role("button", name="Condition").click()
    form.locator("select[name$=field]").select_option(label="Unsubscribed")
    expect(form.locator("select[name$=op] option", has_text="is true")).to_be_attached()
    form.locator("select[name$=op]").select_option(label="is true")
    expect(form.locator(".auto-sentence")).to_contain_text("unsubscribed is true")
    save(page, form, "Unsubscribed", "-50")
    form = begin_rule(page, "Warning signs", "What they did not do")
    choose_types(
        form,
        "E-mail opened",
        "E-mail link clicked",
        "E-mail answered",
        "Page view",
        "Purchase",
    )
    fill_duration(form, "For", HALF_A_YEAR)
    save(page, form, "Long absence", "-10")
    taking = page.get_by_role("region", name="Takes points away")
    expect(taking.get_by_role("link", name="Long absence")).to_be_visible()

    # What is deleted comes back with one click.
    page.get_by_role("button", name="Delete: Replies").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("“Replies” is back.")

    draft = Draft.objects.get()
    wanted = templates.template("email_scale")
    # Scenarios have a page of their own.
    DraftScenario.objects.bulk_create(
        DraftScenario(draft=draft, position=place, **scenario.data())
        for place, scenario in enumerate(wanted.scenarios)
    )
    assert draft.document().hash == wanted.hash

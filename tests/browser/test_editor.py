"""A marketer writes a whole model in the editor, with labels and keys, and without any code.

In both languages: only the bands, which a new model has already, are named in the reader's.
"""

import json
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from scoring.criteria import templates
from scoring.criteria.document import ModelDocument, parse
from scoring.criteria.drafts import Draft, DraftScenario
from tests.browser.conftest import settled
from tests.browser.words import LANGUAGES, Words

HALF_A_YEAR = ("6", "months")


@pytest.fixture(params=LANGUAGES)
def say(request: pytest.FixtureRequest) -> Words:
    return Words(request.param)


@pytest.fixture
def watched(page_of_ada: Page, base_url: str, say: Words) -> Iterator[Page]:
    """A JavaScript error or a failing page fails the test."""
    wrong: list[str] = []
    page_of_ada.on("pageerror", lambda error: wrong.append(str(error)))
    page_of_ada.on(
        "response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None
    )
    say.speak(page_of_ada.context, base_url)
    page_of_ada.goto(f"{base_url}/admin/scoring/scoringmodel/add/")
    yield page_of_ada
    assert wrong == []


def add_group(page: Page, say: Words, name: str) -> None:
    settled(page)
    page.get_by_role("button", name=say("Add a group")).click()
    form = page.get_by_role("form", name=say("Group"))
    form.get_by_label(say("Name")).fill(name)
    form.get_by_label(say("It says")).select_option(label=say("what they do (interest)"))
    page.keyboard.press("Tab")
    form.get_by_label(say("Name")).press("Enter")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def begin_rule(page: Page, say: Words, group: str, kind: str) -> Locator:
    settled(page)
    place = page.get_by_role("group", name=say("Add a rule to %(name)s", name=group))
    place.get_by_role("button", name=say(kind), exact=True).press("Enter")
    form = page.get_by_role("form", name=say(kind))
    expect(form.get_by_label(say("Name"))).to_be_focused()
    return form


def choose_types(form: Locator, say: Words, *types: str) -> None:
    form.get_by_label(say("What they did"), exact=True).select_option(label=say(types[0]))
    for each in types[1:]:
        form.get_by_label(say("or"), exact=True).last.select_option(label=say(each))


def fill_duration(form: Locator, say: Words, label: str, length: tuple[str, str]) -> None:
    field = form.locator("[data-field]", has_text=say(label))
    field.locator("input").fill(length[0])
    field.locator("select").select_option(label=say(length[1]))


def save(page: Page, say: Words, form: Locator, name: str, points: str) -> None:
    form.get_by_label(say("Name")).fill(name)
    form.get_by_label(say("Points"), exact=True).fill(points)
    form.get_by_label(say("Name")).press("Enter")
    expect(page.get_by_role("status")).to_contain_text(say("“%(name)s” is added.", name=name))


def add_activity(
    page: Page, say: Words, group: str, name: str, points: str, kind: str, target: str = ""
) -> None:
    form = begin_rule(page, say, group, "What they did")
    choose_types(form, say, kind)
    if target:
        form.get_by_label(say("Its target")).select_option("starts_with")
        form.get_by_label(say("Target"), exact=True).fill(target)
    if kind == "Purchase":
        form.get_by_label(say("Counts")).select_option(label=say("once, however often"))
    else:
        fill_duration(form, say, "Forgotten after", HALF_A_YEAR)
    save(page, say, form, name, points)


def as_begun(document: ModelDocument, say: Words) -> ModelDocument:
    """With the bands named as a new model of this reader names them."""
    text = json.dumps(document.as_data())
    for name in ("cold", "warm", "hot"):
        text = text.replace(f'"{name}"', json.dumps(say(name)))
    return parse(json.loads(text))


def test_the_email_scale_is_written_from_nothing(watched: Page, ada: User, say: Words) -> None:
    page = watched
    page.get_by_label(say("Name")).fill("E-mail scale")
    page.get_by_label(say("What counts as success")).select_option(label=say("decide later"))
    page.get_by_role("button", name=say("Make the model")).click()
    page.wait_for_url("**/criteria/")

    add_group(page, say, "Messages")
    add_activity(page, say, "Messages", "Clicks", "5", "E-mail link clicked")
    add_activity(page, say, "Messages", "Opens", "1", "E-mail opened")
    add_activity(page, say, "Messages", "Replies", "10", "E-mail answered")
    settled(page)
    # By keys: the button keeps the focus while its rule moves.
    page.get_by_role("button", name=f"{say('Move up')}: Opens").press("Enter")
    moved = say(
        "“%(name)s” is now number %(place)d of “%(group)s”.",
        name="Opens",
        place=1,
        group="Messages",
    )
    expect(page.get_by_role("status")).to_contain_text(moved)
    expect(page.get_by_role("button", name=f"{say('Move up')}: Opens")).to_be_focused()

    add_group(page, say, "Pages")
    add_activity(page, say, "Pages", "Visits the sales page", "20", "Page view", "/sales")
    expect(page.get_by_text('"/sales"')).to_be_visible()
    add_activity(page, say, "Pages", "Visits the checkout page", "20", "Page view", "/checkout")
    add_group(page, say, "Purchases")
    add_activity(page, say, "Purchases", "Is a customer", "100", "Purchase")

    add_group(page, say, "Warning signs")
    form = begin_rule(page, say, "Warning signs", "Who they are")
    form.get_by_role("button", name=say("Condition")).click()
    form.locator("select[name$=field]").select_option(label=say("Unsubscribed"))
    expect(form.locator("select[name$=op] option[value=is_true]")).to_be_attached()
    form.locator("select[name$=op]").select_option("is_true")
    expect(form.locator(".auto-sentence")).to_contain_text(
        say("%(field)s is true", field=say("unsubscribed"))
    )
    save(page, say, form, "Unsubscribed", "-50")
    form = begin_rule(page, say, "Warning signs", "What they did not do")
    choose_types(
        form,
        say,
        "E-mail opened",
        "E-mail link clicked",
        "E-mail answered",
        "Page view",
        "Purchase",
    )
    fill_duration(form, say, "For", HALF_A_YEAR)
    save(page, say, form, "Long absence", "-10")
    taking = page.get_by_role("region", name=say("Takes points away"))
    expect(taking.get_by_role("link", name="Long absence")).to_be_visible()

    # What is deleted comes back with one click.
    settled(page)
    page.get_by_role("button", name=f"{say('Delete')}: Replies").click()
    settled(page)
    page.get_by_role("button", name=say("Undo")).click()
    expect(page.get_by_role("status")).to_contain_text(say("“%(name)s” is back.", name="Replies"))

    draft = Draft.objects.get()
    wanted = as_begun(templates.template("email_scale"), say)
    # Scenarios have a page of their own.
    DraftScenario.objects.bulk_create(
        DraftScenario(draft=draft, position=place, **scenario.data())
        for place, scenario in enumerate(wanted.scenarios)
    )
    assert draft.document().hash == wanted.hash

"""An automation is built from nothing in a real browser: with the mouse, and by keys alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, Request, Route, expect

from contacts.models import Contact, Task
from scoring.automations.models import Automation, Crossing
from tests.automations.set_up import go_live, person, refresh_all, visit

DOCUMENT = {
    "trigger": {"kind": "band_entered", "band": "hot"},
    "conditions": [{"when": {"field": "country", "op": "equals", "value": "ES"}}],
    "actions": [{"kind": "task", "title": "Call {{ contact.first_name }}", "within_hours": 4}],
}


@pytest.fixture
def ana(transactional_db: None, ada: User) -> Contact:
    """Of Spain, Ada's, and one visit away from hot."""
    go_live()
    found = person("ana", first_name="Ana", job_title="Director", country="ES", owner="ada")
    refresh_all()
    return found


@pytest.fixture
def watched(ana: Contact, page_of_ada: Page, base_url: str) -> Iterator[Page]:
    """A JavaScript error or a failing page fails the test."""
    wrong: list[str] = []
    page_of_ada.on("pageerror", lambda error: wrong.append(str(error)))
    page_of_ada.on(
        "response", lambda answer: wrong.append(answer.url) if answer.status >= 500 else None
    )
    page_of_ada.goto(f"{base_url}/admin/scoring/automation/")
    yield page_of_ada
    assert wrong == []


def check_built() -> None:
    automation = Automation.objects.get()
    assert automation.name == "Hot lead"
    assert automation.version is not None
    assert automation.version.data == DOCUMENT
    assert not automation.live


def check_it_works(ana: Contact) -> None:
    visit(ana, timedelta(minutes=1))
    refresh_all()
    task = Task.objects.get()
    assert task.title == "Call Ana"
    assert task.assignee is not None
    assert task.assignee.username == "ada"
    assert Crossing.objects.get().runs.get().state == "done"


def test_an_automation_is_built_with_the_mouse_and_makes_a_task(
    watched: Page, ana: Contact
) -> None:
    watched.get_by_role("link", name="Add automation").first.click()
    watched.get_by_label("Name", exact=False).first.fill("Hot lead")
    watched.locator("#id_trigger-band").select_option("hot")
    sentence = watched.locator("#sentence")
    expect(sentence).to_contain_text("When the total rises into the band “hot”")

    watched.get_by_role("button", name="What is known of the contact").click()
    condition = watched.get_by_role("group", name="1. What is known of the contact")
    condition.locator("select[name$=field]").select_option("company.employees")
    expect(condition.locator("select[name$=op] option", has_text="is at least")).to_be_attached()
    condition.locator("select[name$=field]").select_option("country")
    expect(condition.locator("select[name$=op] option", has_text="starts with")).to_be_attached()
    condition.locator("select[name$=op]").select_option("equals")
    value = condition.locator("[name$=value]")
    value.press_sequentially("ES")
    expect(sentence).to_contain_text('if country is "ES"')

    watched.get_by_role("button", name="Create a task").click()
    task = watched.get_by_role("group", name="1. Create a task")
    task.locator("[name$=title]").fill("Call {{ contact.first_nam }}")
    task.locator("[name$=within_hours]").fill("4")
    watched.get_by_role("button", name="Save", exact=True).click()
    expect(watched.get_by_text("“contact.first_nam” is no variable")).to_be_visible()
    assert not Automation.objects.exists()
    watched.locator("[name$=title]").fill("Call {{ contact.first_name }}")
    watched.locator("[name=try_contact]").fill("ana@x.example")
    watched.get_by_role("button", name="Test run", exact=True).last.click()
    expect(watched.locator("#trial")).to_contain_text("would be done")
    assert not Task.objects.exists()
    watched.get_by_role("button", name="Save", exact=True).click()
    expect(watched.get_by_text("is saved as version 1")).to_be_visible()
    check_built()

    watched.get_by_role("link", name="Switch on…").click()
    expect(watched.get_by_text("No contact is past the level now.")).to_be_visible()
    watched.get_by_role("button", name="Switch on").click()
    expect(watched.get_by_text("“Hot lead” is on.")).to_be_visible()
    check_it_works(ana)
    watched.get_by_role("link", name="Crossings").last.click()
    expect(watched.locator("#result_list")).to_contain_text("✓ 1 action")


def tab_to(page: Page, wanted: str, most: int = 120) -> None:
    """Press Tab until the element has the focus."""
    for _press in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{wanted} is not reached by Tab")


def test_an_automation_is_built_by_keys_alone(watched: Page, ana: Contact) -> None:
    """As fast as the keys can be pressed: it never waits for an answer but for what it adds."""
    keys = watched.keyboard
    tab_to(watched, "a[href$='/automation/add/']")
    keys.press("Enter")
    expect(watched.locator("#id_name")).to_be_visible()
    tab_to(watched, "#id_name")
    keys.type("Hot lead")
    tab_to(watched, "#id_trigger-band")
    keys.type("hot")

    tab_to(watched, "button[value='add:when']")
    keys.press("Enter")
    expect(watched.locator("#part-c0")).to_be_focused()
    tab_to(watched, "[name=c0-field]")
    keys.type("country")
    tab_to(watched, "[name=c0-op]")
    keys.press("Home")
    tab_to(watched, "[name=c0-value]")
    keys.type("ES")

    tab_to(watched, "button[value='add:task']")
    keys.press("Enter")
    expect(watched.locator("#part-a0")).to_be_focused()
    tab_to(watched, "[name=a0-title]")
    keys.press("Control+A")
    keys.type("Call {{ contact.first_name }}")
    tab_to(watched, "[name=a0-within_hours]")
    keys.type("4")
    tab_to(watched, "button[name=_save]")
    keys.press("Enter")
    expect(watched.get_by_text("is saved as version 1")).to_be_visible()
    check_built()


def is_reshaping(request: Request) -> bool:
    return request.method == "POST" and "_say" not in (request.post_data or "")


@contextmanager
def answer_on_its_way(page: Page) -> Iterator[None]:
    """Choose a field whose answer comes only after what is done meanwhile."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if is_reshaping(route.request) and not held:
            held.append(route)
        else:
            route.continue_()

    page.locator("button[value='add:when']").click()
    page.locator("#part-c0").wait_for()
    page.route("**/automation/add/", hold)
    with page.expect_request(is_reshaping):
        page.locator("[name=c0-field]").select_option("country")
    yield
    held[0].continue_()


def test_what_is_typed_chosen_and_pressed_during_an_answer_is_kept(
    watched: Page, base_url: str
) -> None:
    watched.goto(f"{base_url}/admin/scoring/automation/add/")
    with answer_on_its_way(watched):
        watched.locator("[name=c0-op]").select_option("equals")
        watched.locator("[name=c0-value]").fill("ES")
        watched.locator("[name=c0-negated]").set_checked(True, force=True)
        watched.locator("#id_name").fill("Kept")
        watched.locator("button[value='add:task']").click()
        watched.locator("button[value='add:email']").click()
    expect(watched.locator("[name=actions]")).to_have_count(2)
    expect(watched.locator("[name=c0-field]")).to_have_value("country")
    expect(watched.locator("[name=c0-op]")).to_have_value("equals")
    expect(watched.locator("[name=c0-value]")).to_have_value("ES")
    expect(watched.locator("[name=c0-negated]")).to_be_checked()
    expect(watched.locator("#id_name")).to_have_value("Kept")


def test_a_choice_made_during_an_answer_is_asked_about_next(watched: Page, base_url: str) -> None:
    watched.goto(f"{base_url}/admin/scoring/automation/add/")
    with answer_on_its_way(watched):
        watched.locator("[name=c0-field]").select_option("company.employees")
    at_least = watched.locator("[name=c0-op] option", has_text="is at least")
    expect(at_least).to_be_attached()
    expect(watched.locator("[name=c0-field]")).to_have_value("company.employees")


def test_actions_are_moved_and_the_focus_stays_with_the_one_that_moves(
    watched: Page, base_url: str
) -> None:
    watched.goto(f"{base_url}/admin/scoring/automation/add/")
    for kind in ("task", "email"):
        watched.locator(f"button[value='add:{kind}']").click()
        expect(watched.locator("[name=actions]")).to_have_count(1 if kind == "task" else 2)
    watched.locator("#up-a1").focus()
    watched.keyboard.press("Enter")
    expect(watched.locator("[name=actions]").first).to_have_value("a1:email")
    assert watched.evaluate("document.activeElement.id") == "up-a1"
    watched.locator("button[value='remove:a0']").click()
    expect(watched.locator("[name=actions]")).to_have_count(1)


def test_the_builder_fits_a_phone(watched: Page, base_url: str) -> None:
    watched.set_viewport_size({"width": 390, "height": 844})
    watched.goto(f"{base_url}/admin/scoring/automation/add/")
    for kind in ("when", "activity", "absent", "task", "notify"):
        watched.locator(f"button[value='add:{kind}']").click()
        expect(watched.locator(f"input[value$=':{kind}']")).to_be_attached()
    assert watched.evaluate("document.documentElement.scrollWidth") <= 390

"""Who may do what on every address, and that looking changes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.roles import ADMINISTRATOR, MARKETING, SALES, SALES_MANAGER
from scoring.automations.models import ActionRun, Automation, Crossing, TriggerState
from scoring.automations.present import hold_present
from tests.automations.admin.pages import ADD, CROSSINGS, HELD, LIST, RELEASE, logged_in, page
from tests.automations.set_up import go_live, hot, person, refresh_all

pytestmark = pytest.mark.django_db
PEOPLE = {MARKETING: "marta", SALES: "saul", SALES_MANAGER: "mona", ADMINISTRATOR: "ada"}
ALL = frozenset(PEOPLE)
WRITERS = frozenset({MARKETING, ADMINISTRATOR})
NOBODY: frozenset[str] = frozenset()


@pytest.fixture
def rows(db: None) -> tuple[Automation, Crossing, Crossing]:
    """An automation that is on, a crossing with an action that failed, one that is held back."""
    go_live()
    automation = hot({"kind": "band_entered", "band": "warm"},
                     {"kind": "trace", "tag": "impossible"})  # fmt: skip
    person("ana", job_title="Director")
    refresh_all()
    automation.switch_off()
    person("bo", job_title="Director")
    refresh_all()
    hold_present(automation)
    return (
        automation,
        Crossing.objects.get(suppressed=""),
        Crossing.objects.get(suppressed="quiet"),
    )


def routes(
    automation: Automation, failed: Crossing, held: Crossing
) -> Iterator[tuple[str, frozenset[str], frozenset[str]]]:
    """Address, who may look (GET), who may act (POST)."""
    yield LIST, ALL, ALL
    yield ADD, WRITERS, WRITERS
    yield reverse("admin:scoring_automation_people"), WRITERS, WRITERS
    yield reverse("admin:scoring_automation_import"), WRITERS, WRITERS
    yield reverse("admin:scoring_automation_ready_made"), NOBODY, WRITERS
    yield page("change", automation), ALL, WRITERS
    yield page("text", automation), WRITERS, WRITERS
    yield page("versions", automation), ALL, ALL
    yield page("export", automation), ALL, ALL
    yield page("switch_on", automation), WRITERS, WRITERS
    yield page("switch_off", automation), NOBODY, WRITERS
    yield page("back", automation, 1), NOBODY, WRITERS
    yield page("delete", automation), frozenset({ADMINISTRATOR}), frozenset({ADMINISTRATOR})
    yield page("history", automation), ALL, ALL
    yield CROSSINGS, ALL, ALL
    yield HELD, ALL, ALL
    yield RELEASE, WRITERS, WRITERS
    yield page("change", failed), ALL, NOBODY
    yield page("retry", failed, 0), NOBODY, WRITERS
    yield page("rearm", failed), NOBODY, WRITERS
    yield page("delete", failed), NOBODY, NOBODY
    yield reverse("admin:scoring_crossing_add"), NOBODY, NOBODY


@pytest.mark.parametrize("role", PEOPLE)
def test_looking_and_acting_are_for_whom_the_table_says(
    role: str, rows: Any, request: pytest.FixtureRequest
) -> None:
    client = logged_in(request.getfixturevalue(PEOPLE[role]))
    for address, lookers, actors in routes(*rows):
        looked = client.get(address).status_code
        assert (looked == 200) == (role in lookers), f"GET {address}: {looked}"
        assert looked in (200, 403, 405), f"GET {address}: {looked}"
        if role not in actors:
            acted = client.post(address, {"_save": "1", "post": "yes"}).status_code
            assert acted in (403, 405), f"POST {address}: {acted}"


@pytest.mark.parametrize("role", sorted(ALL - WRITERS))
def test_who_may_only_look_is_offered_nothing_to_act_with(
    role: str, rows: Any, request: pytest.FixtureRequest
) -> None:
    client = logged_in(request.getfixturevalue(PEOPLE[role]))
    automation, failed, held = rows
    for address in (page("change", automation), page("versions", automation),
                    page("change", failed), page("change", held), HELD):  # fmt: skip
        content = client.get(address).content.decode()
        main = content[content.index('id="content"') :]
        assert "<form" not in main, address
        assert RELEASE not in main, address


def everything() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (Automation, Crossing, ActionRun, TriggerState)
    ]


def test_looking_changes_nothing(ada: User, rows: Any) -> None:
    client = logged_in(ada)
    before = everything()
    for address, _lookers, _actors in routes(*rows):
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
            client.head(address)
        written = [
            query["sql"]
            for query in captured
            if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))
        ]
        assert written == [], address
    assert everything() == before


def test_nothing_is_done_without_the_token_of_the_form(ada: User, rows: Any) -> None:
    client = logged_in(ada, enforce_csrf_checks=True)
    before = everything()
    for address, _lookers, _actors in routes(*rows):
        assert client.post(address, {"_save": "1", "count": "1"}).status_code == 403, address
    assert everything() == before


def test_what_is_not_there_is_not_found(ada: User, rows: Any) -> None:
    client = logged_in(ada)
    for name in ("switch_on", "switch_off", "versions", "text", "export"):
        address = reverse(f"admin:scoring_automation_{name}", args=[987654])
        assert client.post(address).status_code == 404
    assert client.get(reverse("admin:scoring_automation_change", args=["x"])).status_code == 404
    assert client.get(reverse("admin:scoring_crossing_change", args=["x"])).status_code == 404

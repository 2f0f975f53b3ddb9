"""Reports by the API: the same numbers as on the page, for whoever may see them."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client

from scoring.api.models import Scope
from scoring.reports.models import KeptReport
from scoring.reports.report import REPORTS
from tests.api.calls import PROBLEM, Caller
from tests.engine.scored import go_live, person, visit
from tests.reports.test_pages import Slow

pytestmark = pytest.mark.django_db

REPORTS_URL = "/api/v1/reports"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    found = Slow()
    monkeypatch.setitem(REPORTS, "slow", found)
    return found


@pytest.fixture
def leads(db: None) -> None:
    visit(person("ana", job_title="Director", owner="peter"), timedelta(days=1))
    go_live()


def get(client: Client, path: str = "", **query: str) -> Any:
    return client.get(f"{REPORTS_URL}{path}", query)


def test_a_key_and_a_person_read_which_reports_there_are(
    shop: Caller, client: Client, mona: User
) -> None:
    by_key = {each["report"] for each in shop.get(REPORTS_URL).json()["results"]}
    client.force_login(mona)
    by_mona = get(client).json()["results"]
    assert "movement" in by_key <= {each["report"] for each in by_mona}
    assert all(measure["definition"] for each in by_mona for measure in each["measures"])


def test_the_figures_are_those_of_the_page(leads: None, client: Client, mona: User) -> None:
    client.force_login(mona)
    answer = get(client, "/movement", span="7", grain="week")
    assert answer.status_code == 200
    data = answer.json()
    assert (data["report"], data["time_zone"], data["is_updating"]) == ("movement", "UTC", False)
    figures = data["sections"][0]["blocks"][0]["items"]
    assert figures[0]["value"] == {"kind": "count", "raw": 1, "behind": "now:hot"}


def test_a_slow_report_is_accepted_and_comes_later(
    slow: Slow, leads: None, client: Client, saul: User
) -> None:
    client.force_login(saul)
    answer = get(client, "/slow")
    assert (answer.status_code, answer.json()["sections"]) == (202, [])
    assert answer.json()["is_updating"]


WRONG = [
    ({"span": "yesterday"}, 422, "span"),
    ({"first": "2026-02-30"}, 422, "first"),
    ({"first": "2026-03-31", "last": "2026-03-01"}, 422, "last"),
    ({"grain": "century"}, 422, "grain"),
    ({"nonsense": "1"}, 400, "nonsense"),
    ({"owner": ""}, 400, "owner"),
]


@pytest.mark.parametrize(("query", "status", "field"), WRONG, ids=str)
def test_a_wrong_question_is_refused_with_its_place(
    query: dict[str, str], status: int, field: str, client: Client, mona: User
) -> None:
    client.force_login(mona)
    answer = get(client, "/movement", **query)
    assert (answer.status_code, answer.json()["field"]) == (status, field)
    assert answer["Content-Type"] == PROBLEM


def test_a_report_is_not_narrowed_by_what_it_does_not_heed(client: Client, mona: User) -> None:
    client.force_login(mona)
    assert get(client, "/quality", grain="week").json()["field"] == "grain"


def test_whoever_may_not_see_reports_reads_none(client: Client, shop: Caller) -> None:
    assert get(client).status_code == 401
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    assert get(client).status_code == 403
    assert get(client, "/movement").status_code == 403
    assert shop.get(f"{REPORTS_URL}/nothing").status_code == 404


def test_a_key_without_the_scope_reads_none(shop: Caller) -> None:
    shop.key.scopes = [Scope.ACTIVITIES_WRITE]
    shop.key.save()
    assert shop.get(f"{REPORTS_URL}/movement").status_code == 403


NUMBERS = [
    ("forecast", {"volume": "120", "rates": "0"}, 202, None),
    ("forecast", {"volume": "1001"}, 422, "volume"),
    ("forecast", {"rates": "-1"}, 422, "rates"),
    ("forecast", {"rates": "many"}, 422, "rates"),
    ("movement", {"volume": "120"}, 422, "volume"),
]


@pytest.mark.parametrize(("report", "query", "status", "field"), NUMBERS, ids=str)
def test_what_if_is_asked_by_whole_numbers_within_their_bounds(
    report: str, query: dict[str, str], status: int, field: str | None, client: Client, mona: User
) -> None:
    client.force_login(mona)
    answer = get(client, f"/{report}", **query)
    assert (answer.status_code, answer.json().get("field")) == (status, field)
    if status == 202:
        asked = QueryDict(KeptReport.objects.get().query)
        assert (asked["volume"], asked["rates"]) == ("120", "0")
        assert any(fact.endswith(": 120") for fact in answer.json()["facts"])


def test_the_list_says_which_numbers_a_report_asks_for(client: Client, mona: User) -> None:
    client.force_login(mona)
    asked = {each["report"]: each["numbers"] for each in get(client).json()["results"]}
    assert asked["movement"] == []
    assert [
        (one["name"], one["usual"], one["least"], one["most"]) for one in asked["forecast"]
    ] == [(each.name, each.usual, each.least, each.most) for each in REPORTS["forecast"].numbers]

"""What is read: contacts, scores and reasons, filtered, in order and in pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact
from scoring.criteria.document import parse
from scoring.criteria.loading import load
from scoring.engine.models import Score, Track
from scoring.engine.publish import publish
from tests.api.calls import CONTACTS, PROBLEM, SCORES, Caller, Data
from tests.engine.scored import MODEL, go_live, person, refresh_all, visit

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def ana(shop: Caller) -> Contact:
    """Hot: a director who was at the prices twice."""
    found = person(
        "ana",
        job_title="Director",
        country="ES",
        owner="saul",
        tags=["VIP"],
        lifecycle="lead",
        company={"name": "Acme", "domain": "acme.example", "employees": 200},
    )
    visit(found, DAY)
    visit(found, 2 * DAY)
    return found


@pytest.fixture
def bea(shop: Caller) -> Contact:
    """Cold, and nobody's."""
    return person("bea", country="FR")


@pytest.fixture
def rival(shop: Caller) -> Contact:
    return person("rival", tags=["competitor"], owner="peter")


@pytest.fixture
def track(ana: Contact, bea: Contact, rival: Contact) -> Track:
    return go_live()


def emails(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    rows = answer.json()["results"]
    found = [(row["contact"]["email"] if "contact" in row else row["email"]) for row in rows]
    return [email.partition("@")[0] for email in found]


def test_a_contact_comes_with_score_and_reasons_in_words(
    shop: Caller, ana: Contact, track: Track
) -> None:
    data = shop.get(f"{CONTACTS}/{ana.pk}").json()
    assert (data["email"], data["owner"], data["tags"]) == ("ana@x.example", "saul", ["VIP"])
    assert data["company"] == {
        "name": "Acme", "domain": "acme.example", "industry": "", "country": "",
        "employees": 200.0, "annual_revenue": None,
    }  # fmt: skip
    [score] = data["scores"]
    assert (score["model"], score["version"]) == ("Small model", 1)
    assert (score["total"], score["band"], score["grade"]) == (80, "hot", "A1")
    assert (score["fit"], score["interest"], score["excluded"]) == (30, 55, False)
    assert score["groups"] == [
        {"name": "Who", "dimension": "fit", "total": 30},
        {"name": "What", "dimension": "interest", "total": 55},
    ]
    assert [(one["rule"], one["points"]) for one in score["reasons"]] == [
        ("Visits the prices", 60),
        ("Director", 30),
    ]
    assert all(one["sentence"] for one in score["reasons"])


def test_the_excluded_are_told_what_excludes_them(
    shop: Caller, rival: Contact, track: Track
) -> None:
    [score] = shop.get(f"{CONTACTS}/{rival.pk}").json()["scores"]
    assert (score["excluded"], score["band"]) == (True, "excluded")
    assert score["reasons"][0]["rule"] == "Competitor"
    assert (score["reasons"][0]["points"], score["reasons"][0]["excludes"]) == (None, True)


def test_reasons_are_in_the_language_of_who_asks(shop: Caller, ana: Contact, track: Track) -> None:
    path = f"{CONTACTS}/{ana.pk}"
    there, here = (
        shop.get(path, None, **{"Accept-Language": language}).json()["scores"][0]["reasons"]
        for language in ("es", "en")
    )
    assert there[0]["sentence"] != here[0]["sentence"]


def test_scores_that_a_recompute_has_to_reach_have_no_reasons_yet(
    shop: Caller, ana: Contact, track: Track
) -> None:
    other = {**MODEL, "groups": [*reversed(MODEL["groups"])]}
    publish(load(parse(other)).version)
    [score] = shop.get(f"{CONTACTS}/{ana.pk}").json()["scores"]
    assert (score["is_updating"], score["reasons"], score["total"]) == (True, [], 80)


FILTERS: list[tuple[Data, list[str]]] = [
    ({}, ["rival", "bea", "ana"]),
    ({"order": "id"}, ["ana", "bea", "rival"]),
    ({"order": "email"}, ["ana", "bea", "rival"]),
    ({"email": " ANA@x.example"}, ["ana"]),
    ({"owner": "SAÚL"}, ["ana"]),
    ({"owner": "-"}, ["bea"]),
    ({"country": "fr"}, ["bea"]),
    ({"lifecycle": "lead"}, ["ana"]),
    ({"tag": "vip"}, ["ana"]),
    ({"tag": "nobody has it"}, []),
    ({"company": "ACME"}, ["ana"]),
    ({"company": "acme.example"}, ["ana"]),
    ({"unsubscribed": "true"}, []),
    ({"unsubscribed": "1"}, []),
    ({"unsubscribed": "0"}, ["rival", "bea", "ana"]),
    ({"bounced": "True"}, []),
    ({"bounced": "false", "country": "ES"}, ["ana"]),
    ({"stored_since": "2020-01-01T00:00:00Z", "country": "ES"}, ["ana"]),
    ({"stored_since": "2100-01-01T00:00:00Z"}, []),
    ({"changed_since": "2100-01-01T00:00:00Z"}, []),
    ({"band": "hot"}, ["ana"]),
    ({"band": "cold"}, ["bea"]),
    ({"band": "excluded"}, ["rival"]),
    ({"grade": "A1"}, ["ana"]),
    ({"model": "Small model", "total_min": "80"}, ["ana"]),
    ({"model": "Another"}, []),
    ({"total_min": "81"}, []),
    ({"total_max": "79"}, ["rival", "bea"]),
]
SCORE_FILTERS: list[tuple[Data, list[str]]] = [
    ({}, ["ana", "bea", "rival"]),
    ({"order": "-total"}, ["ana", "bea", "rival"]),
    ({"order": "total"}, ["bea", "rival", "ana"]),
    ({"band": "hot", "model": "Small model"}, ["ana"]),
    ({"total_min": "1"}, ["ana"]),
    ({"changed_since": "2100-01-01T00:00:00Z"}, []),
    ({"tag": "vip"}, ["ana"]),
    ({"owner": "peter"}, ["rival"]),
    ({"email": "bea@x.example"}, ["bea"]),
    ({"company": "acme"}, ["ana"]),
    ({"country": "ES", "lifecycle": "lead"}, ["ana"]),
]


@pytest.mark.parametrize(("query", "found"), FILTERS)
def test_contacts_are_filtered(query: Data, found: list[str], shop: Caller, track: Track) -> None:
    assert emails(shop.get(CONTACTS, query)) == found


@pytest.mark.parametrize(("query", "found"), SCORE_FILTERS)
def test_scores_are_filtered(query: Data, found: list[str], shop: Caller, track: Track) -> None:
    assert emails(shop.get(SCORES, query)) == found


def test_a_change_is_found_by_when_it_was(shop: Caller, bea: Contact) -> None:
    later = timezone.now() + timedelta(seconds=1)
    assert emails(shop.get(CONTACTS, {"changed_since": later.isoformat()})) == []
    bea.changes.create(field="city", before="", after="Vigo", changed_at=later)
    assert emails(shop.get(CONTACTS, {"changed_since": later.isoformat()})) == ["bea"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"totl_min": "1"}, "totl_min"),
        ({"total_min": "many"}, "total_min"),
        ({"total_min": "9" * 30}, "total_min"),
        ({"email": "a\0b"}, "email"),
        ({"country": "Spain"}, "country"),
        ({"changed_since": "2026-03-31"}, "changed_since"),
        ({"changed_since": "2026-03-31T10:00:00"}, "changed_since"),
        ({"lifecycle": "friend"}, "lifecycle"),
        ({"unsubscribed": "yes"}, "unsubscribed"),
        ({"unsubscribed": "unknown"}, "unsubscribed"),
        ({"bounced": "maybe"}, "bounced"),
        ({"bounced": "2"}, "bounced"),
        ({"bounced": ""}, "bounced"),
        ({"email": ""}, "email"),
        ({"tag": " "}, "tag"),
        ({"total_min": ""}, "total_min"),
        ({"cursor": ""}, "cursor"),
        ({"unsubscribed": ["true", "false"]}, "unsubscribed"),
        ({"tag": ["vip", "vip"]}, "tag"),
        ({"order": "password"}, "order"),
        ({"order": "-total,owner__password"}, "order"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "W10:abc"}, "cursor"),
    ],
)
def test_what_is_no_filter_is_refused(query: Data, field: str, shop: Caller) -> None:
    for path in (CONTACTS, SCORES):
        answer = shop.get(path, query)
        assert (answer.status_code, answer.json()["field"]) == (400, field)
        assert answer.headers["Content-Type"] == PROBLEM


@pytest.mark.parametrize("order", ["-total", "total", "-changed_at", "changed_at"])
def test_pages_have_every_score_once_also_where_all_are_equal(
    order: str, shop: Caller, track: Track
) -> None:
    for number in range(20):
        person(f"p{number}")
    refresh_all()
    whole = emails(shop.get(SCORES, {"order": order}))
    assert len(whole) == 23
    assert paged(shop, SCORES, order) == whole


@pytest.mark.parametrize("order", ["id", "-id", "email", "-email", "stored_at", "-stored_at"])
def test_pages_have_every_contact_once(order: str, shop: Caller) -> None:
    for number in range(13):
        person(f"p{number}")
    whole = emails(shop.get(CONTACTS, {"order": order}))
    assert paged(shop, CONTACTS, order) == whole
    assert len(set(whole)) == 13


def paged(shop: Caller, path: str, order: str) -> list[str]:
    """All rows, page by page, each by the link of the one before."""
    found: list[str] = []
    link: str | None = f"{path}?limit=3&order={order}"
    while link:
        answer = Client().get(link, headers=shop.headers)
        found += emails(answer)
        link = answer.json()["next"]
    return found


def test_a_page_stays_in_its_place_when_rows_come_before_it(shop: Caller) -> None:
    for number in range(4):
        person(f"p{number}")
    first = shop.get(CONTACTS, {"limit": 2})
    person("new")
    rest = Client().get(first.json()["next"], headers=shop.headers)
    assert emails(first) + emails(rest) == ["p3", "p2", "p1", "p0"]


def test_a_cursor_is_of_one_order(shop: Caller) -> None:
    for number in range(3):
        person(f"p{number}")
    link = shop.get(CONTACTS, {"limit": 2}).json()["next"]
    answer = Client().get(f"{link}&order=id", headers=shop.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


def test_the_number_of_queries_does_not_grow_with_the_rows(shop: Caller, track: Track) -> None:
    counted = {}
    for path in (CONTACTS, SCORES):
        shop.get(path)
        with CaptureQueriesContext(connection) as few:
            shop.get(path)
        counted[path] = len(few)
    for number in range(15):
        found = person(f"p{number}", tags=["a", "b"], company={"name": f"C{number}"})
        visit(found, DAY)
    refresh_all()
    for path in (CONTACTS, SCORES):
        with CaptureQueriesContext(connection) as many:
            shop.get(path)
        assert len(many) == counted[path] <= 9


def test_only_live_models_are_shown(shop: Caller, track: Track) -> None:
    Track.objects.update(role=Track.Role.PILOT)
    assert emails(shop.get(SCORES)) == []
    assert shop.get(CONTACTS, {"email": "ana@x.example"}).json()["results"][0]["scores"] == []


class TestExplanations:
    def test_a_score_is_explained_as_it_is_and_as_it_was(
        self, shop: Caller, ana: Contact, track: Track
    ) -> None:
        path = f"{CONTACTS}/{ana.pk}/explanation"
        data = shop.get(path).json()
        assert (data["contact"], data["model"], data["version"]) == (
            "ana@x.example",
            "Small model",
            1,
        )
        assert data["result"]["total"] == 80
        assert {rule["rule"]: rule["worth"] for rule in data["rules"]} == {
            "Visits the prices": 60,
            "Director": 30,
        }
        assert len(data["rules"][1]["activities"]) == 2
        assert data["next_change"]["result"]["total"] <= 80
        past = shop.get(path, {"as_of": (timezone.now() - 1.5 * DAY).isoformat()}).json()
        assert past["result"]["total"] == 70
        later = shop.get(path, {"as_of": (timezone.now() + 300 * DAY).isoformat()}).json()
        assert later["result"]["total"] == 30

    @pytest.mark.parametrize("as_of", ["2000-01-01T00:00:00Z", "2030-12-31T23:59:59.999999-12:00"])
    def test_it_reaches_far(self, as_of: str, shop: Caller, ana: Contact, track: Track) -> None:
        answer = shop.get(f"{CONTACTS}/{ana.pk}/explanation", {"as_of": as_of})
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        ("query", "status", "field"),
        [
            ({"as_of": "yesterday"}, 400, "as_of"),
            ({"as_of": ""}, 400, "as_of"),
            ({"as_of": "1999-12-31T23:59:59Z"}, 422, "as_of"),
            ({"as_of": "9999-12-31T23:59:59Z"}, 422, "as_of"),
            ({"model": "Another"}, 404, "model"),
            ({"versoin": "1"}, 400, "versoin"),
        ],
    )
    def test_what_cannot_be_asked_is_refused(
        self, query: Data, status: int, field: str, shop: Caller, ana: Contact, track: Track
    ) -> None:
        answer = shop.get(f"{CONTACTS}/{ana.pk}/explanation", query)
        assert (answer.status_code, answer.json()["field"]) == (status, field)

    @pytest.mark.parametrize("pk", ["0", "999999999"])
    def test_who_is_not_there_is_not_found(self, pk: str, shop: Caller, track: Track) -> None:
        for path in (f"{CONTACTS}/{pk}", f"{CONTACTS}/{pk}/explanation"):
            assert shop.get(path).status_code == 404

    def test_without_a_live_model_there_is_none(self, shop: Caller, bea: Contact) -> None:
        answer = shop.get(f"{CONTACTS}/{bea.pk}/explanation")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_model")


def test_people_see_the_scores_of_whom_they_see(saul: User, track: Track) -> None:
    client = Client()
    client.force_login(saul)
    assert emails(client.get(SCORES)) == ["ana", "bea"]
    assert emails(client.get(SCORES, {"owner": "peter"})) == []
    assert Score.objects.count() == 3

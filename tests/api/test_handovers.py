"""Handovers by the API: what sales said of which lead, for who may see that lead."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from scoring.api.models import Scope
from scoring.engine.doubts import ScoreDoubt
from scoring.pipeline.feedback.answering import Answer, Said
from scoring.pipeline.feedback.models import Handover, RejectionReason, VerdictKind
from tests.api.calls import PROBLEM, Caller, Data, caller
from tests.pipeline.feedback.handed import handed

pytestmark = pytest.mark.django_db
HANDOVERS = "/api/v1/handovers"
DAY = timedelta(days=1)
NOW = timezone.now()


def ago(days: float) -> datetime:
    return NOW - days * DAY


def say(handover: Handover, user: User, verdict: VerdictKind, reason: str = "") -> None:
    why = RejectionReason.objects.filter(slug=reason).first()
    Answer(handover, user, Said(verdict, why, f"about {reason}"), "").execute()


@pytest.fixture
def world(shop: Caller, mona: User) -> dict[str, Handover]:
    """Ana was reached and accepted, Bea rejected; nobody has answered of Carl, and of Dora late."""
    owners = {"ana": "saul", "bea": "saul", "carl": "", "dora": "peter"}
    days = {"ana": 40, "bea": 30, "carl": 0, "dora": 20}
    found = {name: handed(name, owner, ago(days[name])) for name, owner in owners.items()}
    Handover.objects.respond([found["ana"].contact_id], ago(39))
    found["ana"].refresh_from_db()
    say(found["ana"], mona, VerdictKind.ACCEPTED)
    say(found["bea"], mona, VerdictKind.REJECTED, "no_budget")
    Handover.objects.filter(contact__email="bea@x.example").update(answered_at=ago(29))
    return found


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["contact"]["email"].partition("@")[0] for row in answer.json()["results"]]


def test_a_handover_tells_whose_it_was_what_was_due_and_what_came_of_it(
    shop: Caller, world: dict[str, Handover], saul: User
) -> None:
    handover = Handover.objects.get(pk=world["bea"].pk)
    doubt = {"contact": handover.contact, "version_hash": "x", "direction": "too_much"}
    for model in (handover.model, type(handover.model).objects.create(name="Another")):
        ScoreDoubt.objects.create(model=model, rule="Visits", text="A robot", **doubt)
    handover.contact.owner = "saul"
    handover.contact.save()
    [data] = shop.get(HANDOVERS, {"email": "bea@x.example"}).json()["results"]
    instants = {name: data.pop(name) for name in ("handed_at", "respond_by", "feedback_by")}
    assert all(datetime.fromisoformat(text) == getattr(handover, name)
               for name, text in instants.items())  # fmt: skip
    assert datetime.fromisoformat(data.pop("answered_at")) == ago(29)
    contact = data.pop("contact")
    assert (contact["id"], contact["owner"]) == (handover.contact_id, "saul")
    assert data.pop("doubts")[0].items() >= {
        "rule": "Visits", "direction": "too_much", "reason": "A robot", "state": "open",
    }.items()  # fmt: skip
    assert data == {
        "id": handover.pk,
        "model": "B2B",
        "band": "hot",
        "total": 80,
        "handed_to": "saul",
        "responded_at": None,
        "response_seconds": None,
        "verdict": "rejected",
        "reason": "no_budget",
        "comment": "about no_budget",
        "answered_by": "mona",
    }


FILTERS: list[tuple[Data, list[str]]] = [
    ({}, ["dora", "carl", "bea", "ana"]),
    ({"order": "id", "limit": 4}, ["ana", "bea", "carl", "dora"]),
    ({"verdict": "accepted"}, ["ana"]),
    ({"verdict": "rejected"}, ["bea"]),
    ({"verdict": "waiting"}, ["dora", "carl"]),
    ({"reason": "no_budget"}, ["bea"]),
    ({"overdue": "true"}, ["dora"]),
    ({"overdue": "false"}, ["carl", "bea", "ana"]),
    ({"handed_to": "SAUL"}, ["bea", "ana"]),
    ({"handed_to": " sául "}, ["bea", "ana"]),
    ({"owner": "-"}, ["carl"]),
    ({"model": "B2B", "band": "hot", "total_min": 80, "total_max": 80, "limit": 1}, ["dora"]),
    ({"model": "Another"}, []),
    ({"total_min": 81}, []),
    ({"handed_since": ago(30).isoformat()}, ["dora", "carl", "bea"]),
    ({"handed_before": ago(30).isoformat()}, ["ana"]),
    ({"changed_since": ago(28).isoformat()}, ["dora", "carl", "ana"]),
]  # fmt: skip


def test_handovers_are_filtered(shop: Caller, world: dict[str, Handover]) -> None:
    for query, found in FILTERS:
        assert names(shop.get(HANDOVERS, query)) == found, query


def test_pages_have_every_handover_once_in_as_many_queries(
    shop: Caller, world: dict[str, Handover]
) -> None:
    found: list[str] = []
    counted = set()
    link: str | None = f"{HANDOVERS}?limit=2"
    shop.get(HANDOVERS)
    while link:
        with CaptureQueriesContext(connection) as queries:
            answer = Client().get(link, headers=shop.headers)
        counted.add(len(queries))
        found += names(answer)
        link = answer.json()["next"]
    assert found == ["dora", "carl", "bea", "ana"]
    assert len(counted) == 1


def test_people_see_those_of_whom_they_see(
    world: dict[str, Handover], saul: User, mona: User, client: Client
) -> None:
    for user, found in ((saul, ["carl", "bea", "ana"]), (mona, ["dora", "carl", "bea", "ana"])):
        client.force_login(user)
        assert names(client.get(HANDOVERS)) == found


def test_it_takes_a_scope_of_its_own_or_both_rights(world: dict[str, Handover]) -> None:
    others = [scope for scope in Scope.values if scope != Scope.HANDOVERS_READ]
    answer = caller(scopes=others).get(HANDOVERS)
    assert (answer.status_code, answer.json()["code"]) == (403, "missing_scope")
    assert answer.headers["Content-Type"] == PROBLEM
    assert len(names(caller(scopes=[Scope.HANDOVERS_READ]).get(HANDOVERS))) == 4
    assert Client().get(HANDOVERS).status_code == 401
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_contact"))
    client = Client()
    client.force_login(reader)
    assert client.get(HANDOVERS).status_code == 403


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"verdict": "perhaps"}, "verdict"),
        ({"overdue": "maybe"}, "overdue"),
        ({"handed_since": "yesterday"}, "handed_since"),
        ({"grade": "A1"}, "grade"),
        ({"order": "-total"}, "order"),
    ],
)
def test_what_is_no_filter_is_refused(query: Data, field: str, shop: Caller) -> None:
    answer = shop.get(HANDOVERS, query)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert answer.headers["Content-Type"] == PROBLEM

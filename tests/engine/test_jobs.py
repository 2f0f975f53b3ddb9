"""What the worker does for the engine, chore by chore."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from contacts.chores import CHORES, PENDING, drain
from contacts.models import Contact, Pending
from scoring.criteria.document import parse
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.models import Recompute, Score, Track
from scoring.engine.publish import publish

pytestmark = pytest.mark.django_db

RULE = {
    "name": "Long here",
    "points": 5,
    "when": {"field": "created_at", "op": "older_than", "value": "1 month"},
}
MODEL = {
    "format": 1,
    "name": "Seniority",
    "groups": [{"name": "Profile", "dimension": "fit", "rules": [RULE]}],
    "bands": [{"name": "cold"}, {"name": "hot", "from": 5}],
}


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chore closes connections that are not as it left them; this one holds the test's rows."""
    monkeypatch.setattr("contacts.chores.close_old_connections", lambda: None)


def go_live() -> Recompute:
    model = ScoringModel.objects.create(name="Seniority")
    return publish(Version.objects.freeze(model, parse(MODEL)))


def total(contact: Contact) -> int:
    return Score.objects.get(contact=contact).total


def test_the_worker_knows_the_chores_of_the_engine() -> None:
    assert {PENDING, "recompute", "sweep"} <= CHORES.keys()


def test_it_finishes_what_publishing_began() -> None:
    ana = Contact.objects.create(email="ana@acme.example")
    recompute = go_live()
    drain()
    recompute.refresh_from_db()
    assert recompute.finished_at is not None
    assert total(ana) == 0
    assert not Pending.objects.exists()


def test_it_refreshes_a_contact_that_changed() -> None:
    ana = Contact.objects.create(email="ana@acme.example")
    go_live()
    drain()
    ana.created_at = datetime(2020, 1, 1, tzinfo=UTC)
    ana.save()
    drain()
    assert total(ana) == 5


def test_it_sweeps_a_track_once_an_hour() -> None:
    now = timezone.now()
    ana = Contact.objects.create(email="ana@acme.example", created_at=now - timedelta(days=35))
    go_live()
    drain()
    Track.objects.update(swept_at=now - timedelta(minutes=50))
    assert CHORES["sweep"].run() == 0
    Track.objects.update(swept_at=now - timedelta(days=40))
    assert CHORES["sweep"].run() == 1
    assert CHORES["sweep"].run() == 0
    assert list(Pending.objects.values_list("contact_id", "cause")) == [
        (ana.pk, Pending.Cause.TIME)
    ]


def test_a_contact_that_is_marked_wakes_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    monkeypatch.setattr("contacts.models.history.wake", woken.append)
    Contact.objects.create(email="ana@acme.example")
    assert woken == [PENDING]

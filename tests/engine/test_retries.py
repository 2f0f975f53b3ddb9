"""One contact whose score cannot be made never stops the others."""

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connections
from django.db.models import Exists
from django.utils import timezone

from contacts.models import Contact, Pending, WorkerProcess
from scoring.engine import retries
from scoring.engine.followers import FOLLOWERS, Refreshed
from scoring.engine.models import Score, Track
from scoring.engine.retries import refresh_pending, release, retry_troubled
from scoring.engine.troubled import Troubled, waiting
from tests.engine.stored import live, model, person, store
from tests.engine.test_refresh import AS_OF

pytestmark = pytest.mark.django_db
HERE = {"points": 5, "when": {"field": "email", "op": "is_not_empty"}}


class Poison:
    """A follower over which this contact stumbles."""

    def __init__(self, contact: Contact, happens: Callable[[], None]) -> None:
        self.contact = contact
        self.happens = happens

    def wants(self) -> Exists:
        return Exists(Track.objects.all())

    def follow(self, refreshed: Refreshed) -> None:
        if self.contact.pk in refreshed.contact_ids:
            self.happens()


def fail() -> None:
    raise RuntimeError("this one is poison")


def poisoned(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None] = fail) -> Contact:
    """A hundred contacts that wait, the 70th of whom is poison."""
    live(model(HERE), AS_OF)
    store([person(f"p{number}") for number in range(100)])
    contact = Contact.objects.get(email_key="p70@x.example")
    monkeypatch.setitem(FOLLOWERS, "poison", Poison(contact, happens))
    return contact


def work(rounds: int = 60) -> None:
    """What a worker does in some minutes: every attempt is due at once."""
    for _ in range(rounds):
        Troubled.objects.update(next_at=timezone.now())
        if not refresh_pending(AS_OF) + retry_troubled(AS_OF):
            return


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR]


def test_the_others_are_done_and_it_is_parked_with_one_alert(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    poison = poisoned(monkeypatch)
    work()
    assert Score.objects.filter(total=5).count() == 99
    (parked,) = Troubled.objects.parked()
    assert (parked.contact, parked.attempts) == (poison, 3)
    assert parked.error == "RuntimeError: this one is poison"
    assert list(Pending.objects.values_list("contact", flat=True)) == [poison.pk]
    assert len(errors(caplog)) == 1
    assert f"Contact {poison.pk} is parked" in errors(caplog)[0]
    work()
    assert len(errors(caplog)) == 1


def test_a_contact_is_given_time_between_its_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    poisoned(monkeypatch)
    while refresh_pending(AS_OF) + retry_troubled(AS_OF):
        pass
    (troubled,) = Troubled.objects.all()
    assert (troubled.attempts, troubled.parked_at) == (1, None)
    assert troubled.next_at > timezone.now()


def test_a_parked_contact_stays_so_until_it_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    poison = poisoned(monkeypatch)
    work()
    poison.refresh_from_db()
    poison.city = "Jaca"
    poison.save()
    work()
    assert not Score.objects.filter(contact=poison).exists()
    monkeypatch.delitem(FOLLOWERS, "poison")
    assert release(Troubled.objects.all()) == 1
    work()
    assert Score.objects.get(contact=poison).total == 5
    assert not Pending.objects.exists()
    assert not Troubled.objects.exists()


def test_a_released_contact_that_fails_again_is_parked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    poisoned(monkeypatch)
    work()
    release(Troubled.objects.all())
    work()
    assert Troubled.objects.parked().count() == 1


@pytest.mark.parametrize("what", ["the server is away", "deadlock detected"])
def test_what_the_database_suffers_is_no_contacts_fault(
    monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def away() -> None:
        raise OperationalError(what)

    poisoned(monkeypatch, away)
    with pytest.raises(OperationalError):
        refresh_pending(AS_OF)
    assert not Troubled.objects.exists()
    assert waiting().count() == 100


def test_an_attempt_during_an_outage_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    poison = poisoned(monkeypatch)
    while refresh_pending(AS_OF) + retry_troubled(AS_OF):
        pass

    def away() -> None:
        raise OperationalError("the server is away")

    monkeypatch.setitem(FOLLOWERS, "poison", Poison(poison, away))
    for _ in range(5):
        Troubled.objects.update(next_at=timezone.now())
        with pytest.raises(OperationalError):
            retry_troubled(AS_OF)
    assert Troubled.objects.get().attempts == 1


def test_a_contact_deleted_meanwhile_troubles_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    poison = poisoned(monkeypatch)
    refresh_pending(AS_OF)
    poison.delete()
    work()
    assert not Troubled.objects.exists()
    assert not Pending.objects.exists()


def test_a_batch_that_goes_well_is_not_noted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    poisoned(monkeypatch, lambda: None)
    monkeypatch.setattr(retries, "set_apart", fail)
    assert refresh_pending(AS_OF) == 100


def test_after_a_death_a_batch_is_noted_and_done_with(monkeypatch: pytest.MonkeyPatch) -> None:
    poisoned(monkeypatch, lambda: None)
    WorkerProcess.objects.note_death(WorkerProcess.Kind.JOB, 1)
    noted: list[int] = []
    kept = retries.try_again

    def watched(ids: list[int], as_of: datetime) -> None:
        noted.append(Troubled.objects.count())
        kept(ids, as_of)

    monkeypatch.setattr(retries, "try_again", watched)
    assert refresh_pending(AS_OF) == 100
    assert noted == [100]
    assert Score.objects.count() == 100
    assert not Troubled.objects.exists()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def one_life() -> None:
    """A worker process: works until nothing is due, or until it dies."""
    connections.close_all()
    if WorkerProcess.objects.lost(timezone.now()).exists():
        Troubled.objects.filter(attempts__lte=3).update(next_at=timezone.now())
    for _ in range(60):
        if not refresh_pending(AS_OF) + retry_troubled(AS_OF):
            break
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_a_contact_that_kills_whoever_tries_it_is_parked_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    poison = poisoned(monkeypatch, die)
    connections.close_all()
    deaths = 0
    for _ in range(12):
        worker = multiprocessing.get_context("fork").Process(target=one_life)
        worker.start()
        worker.join(300)
        if worker.exitcode == 0:
            break
        assert worker.exitcode == -signal.SIGKILL
        deaths += 1
        WorkerProcess.objects.note_death(WorkerProcess.Kind.LOOP, worker.pid or 0)
        connections.close_all()
    assert Score.objects.filter(total=5).count() == 99
    (parked,) = Troubled.objects.parked()
    assert parked.contact == poison
    # Unnoticed, among a hundred, among five, and three times alone.
    assert deaths == 6


def test_a_process_that_was_not_heard_of_makes_everybody_wary() -> None:
    now = timezone.now()
    WorkerProcess.objects.beat(WorkerProcess.Kind.LOOP, 1)
    assert not WorkerProcess.objects.lost(now).exists()
    WorkerProcess.objects.update(beat_at=now - timedelta(minutes=1))
    assert WorkerProcess.objects.lost(now).exists()
    WorkerProcess.objects.update(beat_at=now - timedelta(hours=1))
    assert not WorkerProcess.objects.lost(now).exists()

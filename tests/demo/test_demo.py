"""The command itself: in one process on what a test has, and as a newcomer runs it."""

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management.base import CommandError
from django.db.models import F
from pytest_django.fixtures import Settings

from contacts.models import Contact
from scoring.agreement.qualification.grids import read_grid, typed_of
from scoring.automations.models import Automation, Crossing
from scoring.automations.outbox.personal import Notification
from scoring.automations.texts import faults_of
from scoring.criteria.faults import Node
from scoring.criteria.installed import installed_catalogue
from scoring.demo import loading, replaying, serving, sorting
from scoring.engine.models import Score, ScoreChange, Track
from scoring.engine.pilots.models import Pilot
from scoring.engine.verify import differences
from scoring.pipeline.calls.models import CallScript
from scoring.pipeline.feedback.models import Handover
from scoring.reports.ahead import turned_out
from scoring.reports.ahead.models import ForecastMade
from scoring.reports.asking import ask
from scoring.reports.kinds.closed_loop import ClosedLoop
from scoring.reports.review.models import Meeting
from scoring.reports.terms.models import Terms
from tests.commands.offices import ana, process, run
from tests.reports.reporting import raws, table


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty people, and six weeks of their past, are enough to see what the command does."""
    load = loading.load
    monkeypatch.setattr(loading, "load", lambda running: load(running, 60))
    monkeypatch.setattr(replaying, "WEEKS", 6)


@pytest.mark.django_db
def test_it_goes_from_nothing_to_scored_leads(few: None) -> None:
    said = run("demo", "--no-serve")
    assert Score.objects.count() == 60
    assert "The hottest leads by B2B starter:" in said
    assert re.search(r"marta +Marketing +\S{12}\n", said)
    assert "The passwords are shown this once." in said
    track = Score.objects.all()[0].track
    assert list(differences(track)) == []
    assert Automation.objects.filter(live=True).count() == 7
    assert Handover.objects.waiting().exists()
    [script] = CallScript.objects.all()
    assert faults_of(script.text_en) == faults_of(script.text_es) == []
    assert not Crossing.objects.exists()
    assert_that_the_past_explains_the_present()
    terms = Terms.objects.get()
    assert (terms.missing_sides(), terms.ended_at, terms.goals.count()) == ([], None, 5)
    held, planned = Meeting.objects.order_by("held_at")
    assert (held.state, planned.state) == ("held", "planned")
    assert set(held.figures["seen"]) == {"en", "es"}
    assert {one.kind for one in held.decisions.all()} == {"note", "change", "task"}
    pilot = Pilot.objects.get()
    assert (pilot.state, pilot.track, pilot.control_id) == ("ended", None, track.version_id)
    assert pilot.version_id != track.version_id
    assert {one.contact.owner for one in pilot.members.all()} == {"saul"}
    assert all(look.taken_at == look.at for look in pilot.looks.all())
    assert not Notification.objects.exists()
    assert_that_reports_tell_contacts_apart(track)


def assert_that_reports_tell_contacts_apart(track: Track) -> None:
    """By persona and by segment, in either language; what was foretold is kept once a week."""
    question = ask({"grain": "month"}, ClosedLoop.asks, ClosedLoop.days).question()
    made = ClosedLoop().make(question)
    for kind, known in (("persona", sorting.PERSONAS), ("segment", sorting.SEGMENTS)):
        leads = [row[1] for row in raws(table(made, f"{kind}-reached"))]
        assert len(leads) >= len(known), kind
        assert all(leads), kind
    for sought in sorting.PERSONAS:
        node = Node(None)
        read_grid(typed_of(sorting.grid_of(sought)), installed_catalogue(), node)
        assert node.faults == []
    mondays = list(ForecastMade.objects.values_list("as_of", flat=True))
    assert mondays
    assert {before - after for before, after in pairwise(mondays)} <= {timedelta(weeks=1)}
    assert len(turned_out.kept_looks(question)) == len(mondays)


def assert_that_the_past_explains_the_present() -> None:
    """Scores of every week, at the end of each day, each change going on from the one before."""
    changes = ScoreChange.objects.order_by("contact", "revision")
    instants = sorted(set(changes.values_list("as_of", flat=True)))
    assert len(instants) >= 10
    days = {last - first for first, last in pairwise(instants[-4:])}
    assert max(days) <= timedelta(days=3)
    assert not changes.filter(as_of__lt=F("contact__created_at")).exists()
    last: dict[int, int | None] = {}
    for contact, before, total in changes.values_list("contact_id", "total_before", "total"):
        assert last.get(contact) == before
        last[contact] = total
    assert last == dict(Score.objects.values_list("contact", "total"))
    answered = Handover.objects.exclude(origin__startswith="demo:")
    assert answered.exists()
    for one in answered:
        assert one.answered_at
        assert one.handed_at <= (one.responded_at or one.handed_at) <= one.answered_at
        assert one.response_seconds in (None, one.worked_until(one.responded_at or one.handed_at))


@pytest.mark.django_db
def test_running_it_twice_does_no_harm(few: None) -> None:
    run("demo", "--no-serve")
    before = list(Score.objects.order_by("contact").values_list("contact", "total", "revision"))
    Contact.objects.filter(pk=before[0][0]).update(first_name="Changed by somebody")
    said = run("demo", "--no-serve")
    assert list(Score.objects.order_by("contact").values_list("contact", "total", "revision")) == (
        before
    )
    assert Contact.objects.filter(first_name="Changed by somebody").exists()
    assert said.count("(the password is as it was)") == 4
    assert "--reset-passwords" in said


@pytest.mark.django_db
def test_it_leaves_a_database_with_other_contacts_alone() -> None:
    ana()
    with pytest.raises(CommandError, match="holds contacts that are not the demo's"):
        run("demo", "--no-serve")
    assert Contact.objects.count() == 1


@pytest.mark.django_db
def test_it_can_be_forced_beside_other_contacts(few: None) -> None:
    ana()
    run("demo", "--no-serve", "--force")
    assert Contact.objects.count() == 61


def test_it_refuses_a_production_system(settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        run("demo", "--no-serve")


@pytest.mark.parametrize("port", ["0", "70000"])
def test_it_refuses_a_port_that_is_none(port: str) -> None:
    with pytest.raises(CommandError, match="from 1 to 65535"):
        run("demo", "--port", port)


def test_it_says_at_once_that_a_port_is_taken() -> None:
    said = pytest.raises(CommandError, match="is taken; choose another with --port")
    with socket.create_server((serving.HOST, 0)) as taken, said:
        run("demo", "--port", str(taken.getsockname()[1]))


@pytest.mark.django_db
def test_it_fails_where_the_site_ends_by_itself(few: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "commands", lambda _port: [[sys.executable, "-c", "exit(3)"]])
    monkeypatch.setattr("scoring.demo.serving.connections.close_all", lambda: None)
    with pytest.raises(CommandError, match="has ended"):
        run("demo", "--port", str(free_port()))


def free_port() -> int:
    with socket.create_server((serving.HOST, 0)) as probe:
        return int(probe.getsockname()[1])


def test_a_process_that_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "STOP_SECONDS", 0.5)
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    with serving.running([[sys.executable, "-c", stubborn]], 8000) as [running]:
        time.sleep(0.5)
    assert running.returncode in (-signal.SIGKILL, -signal.SIGTERM)


@contextlib.contextmanager
def served(folder: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    hidden = {"DATABASE_URL", "REDIS_URL", "TEST_DATABASE_NAME"}
    clean = {name: value for name, value in os.environ.items() if name not in hidden}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo", "--port", str(port)]
    running = subprocess.Popen(
        command, env=clean | {"VAR_DIR": str(folder)}, stdout=subprocess.PIPE, text=True
    )
    try:
        yield running
    finally:
        # Killed at once it would leave the site and the worker, which keep the pipe open.
        if running.poll() is None:
            running.send_signal(signal.SIGINT)
        running.communicate(timeout=180)


def sent(printed: str) -> list[str]:
    """The call that the demo printed, made; what became of each activity."""
    address = re.search(r"^curl (\S+)", printed, re.MULTILINE)
    key = re.search(r"Authorization: (Bearer \S+)'", printed)
    body = re.search(r"-d '(\[.*?\])'", printed, re.DOTALL)
    assert address and key and body
    headers = {"Authorization": key[1], "Content-Type": "application/json"}
    asked = urllib.request.Request(address[1], body[1].encode(), headers)  # noqa: S310
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        return [each["status"] for each in json.load(answer)["results"]]


def handed_over(folder: Path) -> dict[str, Any]:
    """What the automations have made, as another process sees it."""
    with contextlib.closing(sqlite3.connect(folder / "db.sqlite3")) as database:

        def rows(query: str) -> list[Any]:
            return [row[0] for row in database.execute(query)]

        return {
            "waiting": rows("SELECT count(*) FROM contacts_pending")[0]
            + rows("SELECT count(*) FROM scoring_message WHERE state = 'pending'")[0],
            "tasks": rows("SELECT count(*) FROM contacts_task WHERE origin LIKE 'x:%'")[0],
            "deals": rows("SELECT count(*) FROM contacts_deal WHERE source = 'automation'")[0],
            "channels": set(rows("SELECT channel FROM scoring_message WHERE state = 'sent'")),
            "messages": rows("SELECT count(*) FROM scoring_message")[0],
        }


CHANNELS = {"inbox", "staff", "notify", "webhook"}


def wait_for_delivery(folder: Path) -> None:
    """Until all is done that the activities have set off."""
    until = time.monotonic() + 180
    while (made := handed_over(folder))["waiting"] or not made["channels"] >= CHANNELS:
        assert time.monotonic() < until, made
        time.sleep(0.3)


@pytest.mark.long
@pytest.mark.once
@pytest.mark.skipif(sys.platform == "win32", reason="about signals")
def test_a_newcomer_sees_the_site_makes_somebody_hot_once_and_stops_it(tmp_path: Path) -> None:
    port = free_port()
    with served(tmp_path, port) as running:
        assert running.stdout
        printed = ""
        while f"Open http://{serving.HOST}:{port}/" not in printed:
            line = running.stdout.readline()
            assert line, printed
            printed += line
        with urllib.request.urlopen(f"http://{serving.HOST}:{port}/") as answer:  # noqa: S310
            assert "csrfmiddlewaretoken" in answer.read().decode()
        assert sent(printed) == ["created"] * 3
        wait_for_delivery(tmp_path)
        made = handed_over(tmp_path)
        assert made["tasks"] == made["deals"] == 1
        assert sent(printed) == ["duplicate"] * 3
        time.sleep(4)
        assert handed_over(tmp_path) == made
        running.send_signal(signal.SIGINT)
        assert running.wait(180) == 0
    assert serving.port_is_free(port)
    again = process("verify_scores", VAR_DIR=str(tmp_path))
    assert again.out == '"B2B starter": 2000 scores are right.\n'

"""recompute, refresh, sweep and verify_scores keep what is stored right, and say so."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db import connection

from contacts.models import Contact, Pending
from scoring.engine import crew
from scoring.engine.models import Cause, Recompute, Score, ScoreChange, Track
from scoring.engine.recompute import start, work_one
from scoring.engine.verify import differences
from tests.commands.offices import EXPIRED, MODEL, NOON, ana, contact, did, go_live, process, run

pytestmark = pytest.mark.django_db

AT_NOON = "--as-of=2024-03-10T12:00:00Z"
COMMANDS = [
    ["recompute"],
    ["refresh", "--pending"],
    ["refresh", "ana@acme.example"],
    ["sweep"],
    ["verify_scores"],
    ["leads"],
    ["explain", "ana@acme.example"],
]
by_command = pytest.mark.parametrize("words", COMMANDS, ids=" ".join)


def total(who: Contact) -> int:
    return Score.objects.get(contact=who).total


@by_command
def test_without_a_live_model_it_says_how_to_get_one(words: list[str]) -> None:
    ana()
    with pytest.raises(CommandError, match="load_model --template b2b_starter --activate"):
        run(*words)


@pytest.mark.parametrize("command", ["recompute", "verify_scores", "leads"])
def test_a_model_that_is_not_live_is_refused_with_those_that_are(command: str) -> None:
    go_live()
    with pytest.raises(CommandError, match='No live model is called "Stranger".*"Starter"'):
        run(command, "--model", "Stranger")


@pytest.mark.parametrize("command", ["recompute", "sweep", "verify_scores"])
def test_an_instant_without_offset_is_refused(command: str) -> None:
    go_live()
    with pytest.raises(CommandError, match="--as-of 2024-03-10T12:00:00: "):
        run(command, "--as-of", "2024-03-10T12:00:00")


@pytest.mark.parametrize("command", ["recompute", "sweep"])
def test_the_future_is_not_stored(command: str) -> None:
    ana()
    go_live()
    with pytest.raises(CommandError, match="is in the future; manage.py explain"):
        run(command, "--as-of", "9000-01-01T00:00:00Z")


@pytest.mark.parametrize("words", [["sweep"], ["refresh", "--pending"]], ids=" ".join)
def test_only_a_recompute_goes_back_before_the_last_sweep(words: list[str]) -> None:
    ana()
    go_live()
    run("sweep", "--as-of", EXPIRED)
    with pytest.raises(CommandError, match="before the last sweep.*recompute --as-of goes back"):
        run(*words, AT_NOON)
    run("recompute", AT_NOON)
    assert "right" in run("verify_scores", AT_NOON)


def test_verify_tells_a_history_that_something_else_changed_from_a_wrong_score() -> None:
    ana()
    go_live()
    ScoreChange.objects.update(total=99)
    with pytest.raises(CommandError, match="1 score is right, but something else has changed"):
        run("verify_scores", AT_NOON)


def test_recompute_makes_everybody_s_score() -> None:
    go_live()
    person = ana()
    assert run("recompute", AT_NOON) == '"Starter": 1 score changed.\n'
    assert total(person) == 35
    assert run("recompute", AT_NOON) == '"Starter": 0 scores changed.\n'


def test_recompute_goes_on_with_what_was_cut_short() -> None:
    track = go_live()
    person = ana()
    halfway = start(track, Cause.RECOMPUTE, NOON)
    said = run("recompute")
    assert said.startswith("A recompute was cut short; this goes on with it.\n")
    assert Recompute.objects.latest("pk") == halfway
    assert total(person) == 35


def test_recompute_starts_over_where_another_instant_was_asked_for() -> None:
    track = go_live()
    person = ana()
    halfway = start(track, Cause.RECOMPUTE, NOON)
    assert "cut short" not in run("recompute", "--as-of", EXPIRED)
    assert Recompute.objects.latest("pk") != halfway
    assert total(person) == 20


def test_recompute_of_one_model_leaves_the_others() -> None:
    ana()
    go_live()
    other = go_live({**MODEL, "name": "Other"})
    before = Recompute.objects.count()
    run("recompute", "--model", "Other")
    assert Recompute.objects.count() == before + 1
    assert Recompute.objects.latest("pk").track == other


@pytest.mark.parametrize("workers", ["0", "-1", "65"])
def test_recompute_refuses_an_odd_number_of_workers(workers: str) -> None:
    go_live()
    with pytest.raises(CommandError, match="from 1 to 64"):
        run("recompute", "--workers", workers)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite")
def test_recompute_on_sqlite_uses_one_worker() -> None:
    person = ana()
    go_live()
    assert run("recompute", "--workers", "4") == '"Starter": 1 score changed.\n'
    assert total(person) == 20


def test_a_process_that_joins_does_what_is_left() -> None:
    ana()
    track = go_live()
    unfinished = start(track, Cause.RECOMPUTE, NOON)
    assert run("recompute", "--join", str(unfinished.pk)) == ""
    unfinished.refresh_from_db()
    assert unfinished.finished_at is not None


def test_several_processes_share_a_recompute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The helpers themselves are other processes, which do not see a test's transaction."""
    ana()
    unfinished = start(go_live(), Cause.RECOMPUTE, NOON)
    started: list[list[str]] = []

    class Helper:
        def __init__(self, command: list[str]) -> None:
            started.append(command)

        def wait(self) -> None:
            """It has ended without doing anything."""

        terminate = wait

    monkeypatch.setattr("scoring.engine.crew.subprocess.Popen", Helper)
    assert list(crew.work_together(unfinished, 3)) == [1]
    assert [command[-3:] for command in started] == [
        ["recompute", "--join", str(unfinished.pk)]
    ] * 2


def test_refresh_makes_given_contacts_right() -> None:
    go_live()
    person, other = ana(), contact("bo@acme.example")
    assert run("refresh", " ANA@acme.example", AT_NOON) == "1 score changed.\n"
    assert total(person) == 35
    assert not Score.objects.filter(contact=other).exists()


def test_refresh_of_the_pending_does_all_that_wait() -> None:
    go_live()
    person = ana()
    waiting = Pending.objects.count()
    assert waiting > 0
    said = run("refresh", "--pending", AT_NOON)
    assert said == f"{waiting} changes that waited are in the scores now.\n"
    assert total(person) == 35
    assert not Pending.objects.exists()


def test_refresh_names_who_is_unknown_and_does_nobody() -> None:
    go_live()
    ana()
    with pytest.raises(CommandError, match=r"no contact with this address: bo@x\.example, zoe@x"):
        run("refresh", "bo@x.example", "ana@acme.example", "zoe@x.example")
    assert not Score.objects.exists()


@pytest.mark.parametrize("words", [[], ["--pending", "ana@acme.example"]])
def test_refresh_wants_either_addresses_or_the_pending(words: list[str]) -> None:
    go_live()
    with pytest.raises(CommandError, match="either e-mail addresses or --pending"):
        run("refresh", *words)


def test_sweep_takes_away_what_has_expired() -> None:
    person = ana()
    go_live()
    Pending.objects.all().delete()
    assert total(person) == 35
    said = run("sweep", "--as-of", EXPIRED)
    assert said == "Time has reached 1 contact.\nAll scores are up to date.\n"
    assert total(person) == 20
    assert ScoreChange.objects.latest("revision").cause == Cause.TIME
    assert "Time has reached 0 contacts." in run("sweep", "--as-of", EXPIRED)


def test_verify_says_how_many_scores_are_right() -> None:
    ana()
    go_live()
    Pending.objects.all().delete()
    assert run("verify_scores", AT_NOON) == '"Starter": 1 score is right.\n'


def test_verify_names_a_score_that_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    ana()
    go_live()
    Pending.objects.all().delete()
    Score.objects.update(total=36, band="cold")
    track = Track.objects.get()
    [wrong] = differences(track, datetime(2024, 3, 10, 12, tzinfo=UTC))
    assert (wrong.stored, wrong.stored_band) == (36, "cold")
    assert (wrong.computed, wrong.computed_band) == (35, "hot")
    with pytest.raises(CommandError, match="manage.py recompute"):
        run("verify_scores", AT_NOON)


def test_verify_names_an_activity_that_nobody_scored() -> None:
    person = ana()
    go_live()
    did(person, "call", at=NOON - timedelta(days=1))
    Pending.objects.all().delete()
    with pytest.raises(CommandError, match="1 stored score is wrong"):
        run("verify_scores", AT_NOON)


def test_a_block_that_was_done_is_not_done_again() -> None:
    ana()
    unfinished = start(go_live(), Cause.RECOMPUTE, NOON)
    work_one(unfinished)
    assert list(crew.work_together(unfinished, 1)) == []
    unfinished.refresh_from_db()
    assert unfinished.finished_at is not None


@pytest.mark.once
def test_the_exit_codes_and_streams_of_a_new_installation(tmp_path: Path) -> None:
    model: dict[str, Any] = {**MODEL}
    (tmp_path / "model.json").write_text(json.dumps(model))
    (tmp_path / "c.jsonl").write_text('{"email": "ana@acme.example", "job_title": "Directora"}\n')

    def manage(*words: str) -> tuple[int, str, str]:
        ended = process(*words, VAR_DIR=str(tmp_path))
        return ended.code, ended.out, ended.err

    assert manage("migrate", "--verbosity=0")[0] == 0
    code, out, err = manage("leads")
    assert (code, out) == (1, "")
    assert "load_model --template b2b_starter --activate" in err
    assert manage("load_model", str(tmp_path / "model.json"), "--activate")[0] == 0
    assert "import_contacts FILE" in manage("leads")[1]
    assert manage("import_contacts", str(tmp_path / "c.jsonl"))[0] == 0
    assert "manage.py recompute" in manage("leads")[1]
    assert manage("refresh", "--pending")[0] == 0
    assert "ana@acme.example" in manage("leads")[1]
    assert manage("verify_scores")[:2] == (0, '"Starter": 1 score is right.\n')

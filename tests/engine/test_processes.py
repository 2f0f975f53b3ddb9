"""Several processes at once on one database, and one that is killed in the middle."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pytest
from django.db import connection

from scoring.engine.models import Recompute, ScoreChange, Track
from scoring.engine.publish import publish
from scoring.engine.recompute import work
from scoring.engine.retries import refresh_pending
from scoring.engine.verify import differences, without_history
from tests.engine.reference import instant
from tests.engine.stored import Data, act, live, model, person, store, totals, version

pytestmark = pytest.mark.django_db(transaction=True)

AS_OF = instant("2026-03-31T00:00:00Z")
VIEWED: Data = {"points": 10, "activity": {"type": "page_view"}}
SPANISH: Data = {"points": 1, "when": {"field": "country", "op": "equals", "value": "ES"}}
WHO = ["ana", "bea", "carl", "dora", "emil", "fay"]
TIMES = 12
# Until it is killed.
FOR_EVER = 600


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("locks", "recompute", "verify"):
        monkeypatch.setattr(f"scoring.engine.{module}.BLOCK_BITS", 1)
        monkeypatch.setattr(f"scoring.engine.{module}.BLOCK", 2)


# The test's own database takes the place of the configured one before anything is imported.
START = """
import os, sys, django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE"]
django.setup()
from tests.engine.deeds import run
run(*sys.argv[1:])
"""


@contextmanager
def process(deed: str, *arguments: object) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", START, deed, *map(str, arguments)]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "leadscoring.settings",
        "TEST_DATABASE": str(connection.settings_dict["NAME"]),
    }
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            yield child
        finally:
            child.kill()


def finished(*children: "subprocess.Popen[str]") -> list[str]:
    """What each said, once all have ended well."""
    said = []
    for child in children:
        out, errors = child.communicate(timeout=300)
        assert child.returncode == 0, errors
        said.append(out)
    return said


def lines(child: "subprocess.Popen[str]") -> "IO[str]":
    assert child.stdout is not None
    return child.stdout


def people() -> None:
    acts = [act(who, "2026-03-01T00:00:00Z") for who in WHO]
    store([person(who, country="ES") for who in WHO], acts)
    while refresh_pending(AS_OF):
        pass


def everything_is_right() -> None:
    while refresh_pending(AS_OF):
        pass
    for track in Track.objects.select_related("version"):
        assert list(differences(track, AS_OF)) == []
        assert list(without_history(track)) == []
    revisions: dict[tuple[int, int], list[int]] = {}
    changes = ScoreChange.objects.order_by("revision")
    for track_id, contact_id, revision in changes.values_list("track", "contact", "revision"):
        revisions.setdefault((track_id, contact_id), []).append(revision)
    assert all(found == list(range(1, len(found) + 1)) for found in revisions.values())


def test_a_recompute_that_is_killed_loses_one_block_and_goes_on() -> None:
    people()
    recompute = publish(version(model(VIEWED)), AS_OF)
    with process("do_blocks", recompute.pk, 0, FOR_EVER) as child:
        said = [lines(child).readline().split()[0] for _line in range(3)]
        assert said == ["wrote", "done", "wrote"]
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=60)
    assert recompute.ranges.exclude(done_at=None).count() == 1
    kept = ScoreChange.objects.count()
    assert len(totals()) == kept == recompute.ranges.exclude(done_at=None).get().changed
    assert sum(work(Recompute.objects.get(pk=recompute.pk))) == len(WHO) - kept
    assert totals() == dict.fromkeys(WHO, 10)
    everything_is_right()


def test_a_patch_that_is_killed_patches_no_block_twice() -> None:
    people()
    live(model(VIEWED, SPANISH), AS_OF)
    recompute = publish(version(model(VIEWED, SPANISH | {"points": 5})), AS_OF)
    assert recompute.base is not None
    with process("do_blocks", recompute.pk, 0, FOR_EVER) as child:
        for _line in range(3):
            lines(child).readline()
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=60)
    list(work(Recompute.objects.get(pk=recompute.pk)))
    assert totals() == dict.fromkeys(WHO, 15)
    everything_is_right()


def test_several_processes_share_the_blocks_of_a_recompute() -> None:
    people()
    recompute = publish(version(model(VIEWED)), AS_OF)
    with (
        process("do_blocks", recompute.pk, 0.2) as one,
        process("do_blocks", recompute.pk, 0.2) as other,
    ):
        said = "".join(finished(one, other)).split("\n")
    changed = sum(int(line.split()[1]) for line in said if line.startswith("done"))
    assert changed == len(WHO)
    recompute.refresh_from_db()
    assert recompute.finished_at is not None
    assert recompute.ranges.filter(done_at=None).count() == 0
    everything_is_right()


def test_two_processes_refresh_one_contact_at_once() -> None:
    people()
    live(model(VIEWED), AS_OF)
    with (
        process("act_and_refresh", "one", "ana@x.example", TIMES) as one,
        process("act_and_refresh", "other", "ANA@x.example", TIMES) as other,
        process("refresh_only", "ana@x.example", TIMES) as third,
    ):
        finished(one, other, third)
    everything_is_right()
    assert totals()["ana"] == 10 + 20 * TIMES


def test_refreshes_and_recomputes_at_once_end_in_the_truth() -> None:
    people()
    live(model(VIEWED), AS_OF)
    with (
        process("act_and_refresh", "one", "ana@x.example", TIMES) as one,
        process("act_and_refresh", "other", "bea@x.example", TIMES) as other,
        process("recompute_again_and_again", 4) as third,
    ):
        finished(one, other, third)
    everything_is_right()
    assert (totals()["ana"], totals()["bea"]) == (10 + 10 * TIMES, 10 + 10 * TIMES)


def test_versions_that_go_live_amid_refreshes_end_in_the_last_of_them() -> None:
    people()
    live(model(VIEWED, SPANISH), AS_OF)
    versions = [version(model(VIEWED, SPANISH | {"points": points})).pk for points in range(4, 8)]
    with (
        process("act_and_refresh", "one", "ana@x.example", TIMES) as one,
        process("refresh_only", "bea@x.example", TIMES) as other,
        process("publish_again_and_again", *versions) as third,
    ):
        finished(one, other, third)
    everything_is_right()
    assert totals() == dict.fromkeys(WHO, 17) | {"ana": 17 + 10 * TIMES}

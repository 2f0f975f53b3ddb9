"""Failpoints: what arms them, what they do, and that a misspelt one arms nothing unnoticed."""

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from leadscoring import failpoints
from leadscoring.failpoints import FailpointHit, Fault, failpoint, read_failpoints

ROOT = Path(settings.BASE_DIR)
SOURCES = [path for folder in ("contacts", "scoring") for path in (ROOT / folder).rglob("*.py")]


def read(text: str) -> dict[str, Fault]:
    return dict(read_failpoints(text, production=False, permitted=False))


def arm(settings: Settings, text: str) -> None:
    settings.CHAOS_FAILPOINTS = read(text)


def test_nothing_is_armed_without_the_variable() -> None:
    assert read("") == {}
    failpoint("refresh.after_lock")


def test_it_reads_several() -> None:
    assert read(
        "refresh.after_lock=kill:0.1, dispatch.after_claim=sleep:5,"
        "ingest.before_commit=sleep:0.5:0.2,import.row_n=raise:1"
    ) == {
        "refresh.after_lock": Fault("kill", chance=0.1),
        "dispatch.after_claim": Fault("sleep", seconds=5),
        "ingest.before_commit": Fault("sleep", seconds=0.5, chance=0.2),
        "import.row_n": Fault("raise", chance=1),
    }


@pytest.mark.parametrize(
    "text",
    [
        "refresh.after_lok=kill:0.1",
        "refresh.after_lock",
        "refresh.after_lock=kill",
        "refresh.after_lock=kill:often",
        "refresh.after_lock=kill:1.5",
        "refresh.after_lock=kill:-1",
        "refresh.after_lock=kill:nan",
        "refresh.after_lock=kill:0.1:2",
        "refresh.after_lock=sleep",
        "refresh.after_lock=sleep:1:2",
        "refresh.after_lock=sleep:inf",
        "refresh.after_lock=stop:1",
        "refresh.after_lock=kill:1,",
    ],
)
def test_what_it_does_not_know_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="CHAOS_FAILPOINTS holds"):
        read(text)


def test_production_refuses_them_unless_permitted() -> None:
    text = "refresh.after_lock=kill:1"
    with pytest.raises(ImproperlyConfigured, match="CHAOS_OK"):
        read_failpoints(text, production=True, permitted=False)
    assert read_failpoints(text, production=True, permitted=True)
    assert read_failpoints("", production=True, permitted=False) == {}


def test_an_armed_one_raises(settings: Settings) -> None:
    arm(settings, "refresh.after_lock=raise:1")
    failpoint("refresh.before_commit")
    with pytest.raises(FailpointHit, match=r"refresh\.after_lock"):
        failpoint("refresh.after_lock")


def test_an_armed_one_sleeps(settings: Settings) -> None:
    arm(settings, "refresh.after_lock=sleep:0.05")
    began = time.monotonic()
    failpoint("refresh.after_lock")
    assert time.monotonic() - began >= 0.05


def test_a_probability_of_nothing_never_happens(settings: Settings) -> None:
    arm(settings, "refresh.after_lock=raise:0")
    for _ in range(1000):
        failpoint("refresh.after_lock")


def test_an_armed_one_kills_its_process() -> None:
    code = (
        "import django; django.setup();"
        "from leadscoring.failpoints import failpoint; failpoint('refresh.after_lock')"
    )
    environment = os.environ | {
        "CHAOS_FAILPOINTS": "refresh.after_lock=kill:1",
        "DJANGO_SETTINGS_MODULE": "leadscoring.settings",
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL


def test_every_name_in_the_code_is_one_that_can_be_armed() -> None:
    used = {
        node.args[0].value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "failpoint"
        and isinstance(node.args[0], ast.Constant)
    }
    assert used == failpoints.NAMES
    told = (ROOT / "docs" / "chaos.md").read_text(encoding="utf-8")
    assert [name for name in sorted(failpoints.NAMES) if f"| `{name}` |" not in told] == []

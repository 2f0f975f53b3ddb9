"""The benchmark still runs: at a tiny size, in a process and a database of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from benchmarks.mix import CYCLE, document
from scoring.engine.compile import kept_from

FIGURES = {
    *("base_seconds", "full_changed", "full_unchanged", "differential"),
    *("sweep", "sweep_of_full", "floor", "refresh", "peak_megabytes"),
}
COMMAND = ["--size", "tiny", "--rules", "20", "--rounds", "1", "--samples", "3"]


def run(url: str, output: Path) -> subprocess.CompletedProcess[str]:
    script = settings.BASE_DIR / "benchmarks" / "run.py"
    return subprocess.run(
        [sys.executable, script, *COMMAND, "--database-url", url, "--output", output],
        capture_output=True,
        text=True,
        timeout=900,
    )


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The address of an empty database beside the one of the tests."""
    given = connection.settings_dict
    name = f"benchmark_{os.getpid()}"
    server = f"{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT'] or 5432}"
    with psycopg.connect(f"postgres://{server}/postgres", autocommit=True) as raw:
        raw.execute(f"CREATE DATABASE {name}")
        yield f"postgres://{server}/{name}"
        raw.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.long
@pytest.mark.once
def test_it_measures_on_sqlite(tmp_path: Path) -> None:
    done = run(f"sqlite:///{tmp_path / 'benchmark.sqlite3'}", tmp_path / "results.json")
    assert done.returncode == 0, done.stderr
    [(key, figures)] = json.loads((tmp_path / "results.json").read_text()).items()
    assert key == "sqlite tiny 20 rules"
    assert figures.keys() >= FIGURES


@pytest.mark.postgresql
def test_it_measures_on_postgresql(tmp_path: Path, postgresql: str) -> None:
    done = run(postgresql, tmp_path / "results.json")
    assert done.returncode == 0, done.stderr
    [(key, figures)] = json.loads((tmp_path / "results.json").read_text()).items()
    assert key == "postgresql tiny 20 rules"
    assert figures.keys() >= FIGURES | {"full_changed_two", "refresh_planned_anew"}


@pytest.mark.long
@pytest.mark.once
def test_it_refuses_a_database_that_somebody_uses(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'used.sqlite3'}"
    program = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "from contacts.models import Contact\n"
        "call_command('migrate', verbosity=0)\n"
        "Contact(email='ana@acme.example').save()\n"
        "print(Contact.objects.count())"
    )
    named = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "leadscoring.settings"}
    subprocess.run(
        [sys.executable, "-c", program], env=os.environ | named, cwd=settings.BASE_DIR, check=True
    )
    done = run(url, tmp_path / "results.json")
    assert done.returncode == 1
    assert "contacts of its own" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("rules", [10, 50, 200])
def test_its_documents_have_every_kind_and_differ_in_one_rule(rules: int) -> None:
    one, other = document(rules), document(rules, changed_points=1)
    assert len(one.rules) == len(other.rules) == rules
    assert rules % len(CYCLE) == 0
    kept = kept_from(other, one)
    assert kept
    assert len(kept.places) == rules - 1

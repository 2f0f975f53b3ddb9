"""The benchmark of live counts and impacts still runs, at a tiny size."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

COMMAND = ["--size", "tiny", "--rules", "10", "--outcomes", "20"]


@pytest.mark.long
@pytest.mark.once
def test_it_measures_an_impact_by_a_recompute(tmp_path: Path) -> None:
    script = settings.BASE_DIR / "benchmarks" / "impact.py"
    url, output = f"sqlite:///{tmp_path / 'benchmark.sqlite3'}", tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, script, *COMMAND, "--database-url", url, "--output", output],
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    [(key, figures)] = json.loads(output.read_text()).items()
    assert key == "sqlite tiny impact"
    assert figures["known"] == 20
    assert figures["impact / recompute"] > 0

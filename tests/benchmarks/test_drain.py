"""The benchmark of draining still runs, at a tiny size."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

COMMAND = ["--size", "tiny", "--rules", "10", "--react", "0"]


@pytest.mark.long
@pytest.mark.once
def test_it_measures_how_fast_waiting_contacts_are_scored(tmp_path: Path) -> None:
    script = settings.BASE_DIR / "benchmarks" / "drain.py"
    url, output = f"sqlite:///{tmp_path / 'benchmark.sqlite3'}", tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, script, *COMMAND, "--database-url", url, "--output", output],
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    [(key, figures)] = json.loads(output.read_text()).items()
    assert key == "sqlite drain tiny 10 rules"
    assert figures["one_a_second"] > 0
    assert figures["contacts"] > 0

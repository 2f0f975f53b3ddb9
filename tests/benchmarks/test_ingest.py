"""The benchmark of the API still runs: at a tiny size, in a process and a database of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

FIGURES = {"raw_a_second", "api_a_second", "of_raw", "p50_ms", "p95_ms", "failures"}
COMMAND = ["--size", "tiny", "--rounds", "1", "--seconds", "0.5", "--batch", "10"]


@pytest.mark.long
@pytest.mark.once
def test_it_measures_beside_plain_sql(tmp_path: Path) -> None:
    script = settings.BASE_DIR / "benchmarks" / "ingest.py"
    url = f"sqlite:///{tmp_path / 'benchmark.sqlite3'}"
    output = tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, script, *COMMAND, "--database-url", url, "--output", output],
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    [(key, figures)] = json.loads(output.read_text()).items()
    assert key == "sqlite ingest 10 a batch"
    assert figures.keys() >= FIGURES
    assert figures["failures"] == 0
    assert figures["api_a_second"] > 0

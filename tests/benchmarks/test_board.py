"""The benchmark of the pipeline board still runs, at a tiny size."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

COMMAND = ["--contacts", "200", "--deals", "60", "--rounds", "1"]


@pytest.mark.long
@pytest.mark.once
def test_it_measures_the_first_paint_beside_a_bare_query(tmp_path: Path) -> None:
    script = settings.BASE_DIR / "benchmarks" / "board.py"
    url, output = f"sqlite:///{tmp_path / 'benchmark.sqlite3'}", tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, script, *COMMAND, "--database-url", url, "--output", output],
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    [(key, figures)] = json.loads(output.read_text()).items()
    assert key == "sqlite board 200 contacts 60 deals"
    assert figures["manager: page / bare"] > 0
    assert 0 < figures["manager: cards"] <= 80

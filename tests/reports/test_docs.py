"""No report is left out of the documentation."""

import re
from pathlib import Path

import pytest

from scoring.reports.report import REPORTS

pytestmark = pytest.mark.once


def test_every_report_has_its_heading() -> None:
    headings = re.findall(r"^### (\w+)$", Path("docs/reports.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted(REPORTS)

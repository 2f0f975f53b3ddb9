"""What the start of a process does without."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.once

# Each takes long to load, and only some pages or messages need it.
HEAVY = {"apprise", "docx", "lxml", "numpy", "openpyxl", "weasyprint"}
LOADED = """
import sys
import django
from django.urls import get_resolver
django.setup()
get_resolver().url_patterns
print(*sys.modules)
"""


def test_a_process_starts_without_what_few_of_them_need() -> None:
    command = [sys.executable, "-c", LOADED]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert not HEAVY & set(ended.stdout.split())

"""docs/commands.md knows every command, and no other."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)


def test_every_command_has_its_heading() -> None:
    modules = [
        path.stem
        for app in ("contacts", "scoring")
        for path in (ROOT / app / "management" / "commands").glob("*.py")
        if path.stem != "__init__"
    ]
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert sorted(re.findall(r"^## (\w+)$", text, re.MULTILINE)) == sorted(modules)


def test_every_command_has_an_example() -> None:
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    for section in text.split("\n## ")[1:]:
        name = section.partition("\n")[0]
        assert f"    python manage.py {name}" in section

"""The page on the API names every code that there is of a call."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from scoring.api.problems import CODES

API = Path(settings.BASE_DIR) / "scoring" / "api"
PAGE = Path(settings.BASE_DIR) / "docs" / "api.md"


def raised(tree: ast.AST) -> Iterator[str]:
    """The codes that stand in a call of Problem."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
            code = node.args[1]
            if isinstance(code, ast.Constant):
                yield str(code.value)


def listed(title: str) -> set[str]:
    text = PAGE.read_text()
    part = re.search(rf"\*\*{title}:\*\*(.*?)(?:\*\*|\n\n)", text, re.DOTALL)
    assert part
    return set(re.findall(r"`([a-z_]+)`", part[1]))


def test_every_code_of_a_call_is_listed() -> None:
    codes = {code for path in API.glob("*.py") for code in raised(ast.parse(path.read_text()))}
    assert codes | set(CODES.values()) | {"error"} <= listed("Codes of calls")

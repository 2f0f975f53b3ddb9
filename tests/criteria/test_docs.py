"""The reference of the model document: its examples work, and no field is forgotten."""

import re
from pathlib import Path
from typing import Any

import pytest

from scoring.criteria import yaml
from scoring.criteria.document import parse
from scoring.criteria.fields import FIELDS
from tests.criteria.documents import small

TEXT = Path("docs/model-document.md").read_text("utf-8")
EXAMPLES: list[Any] = [
    yaml.read(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_right(example: Any) -> None:
    if isinstance(example, list):
        parse(small(**{"groups[0].rules": example, "groups[1].rules": []}))
    elif "format" in example:
        parse(example)
    else:
        parse(small(**example))


def test_every_field_is_named() -> None:
    for field in FIELDS:
        assert f"`{field.id}`" in TEXT

"""Finds every text of the source that is to be translated, without the gettext programs.

They are not on every machine that runs the tests, and `makemessages` changes files.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

# Function -> which arguments are its texts and, first where there is one, its context.
CALLS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
STRING = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
# What templatize makes of the tags of a template.
TEMPLATE_CALL = re.compile(
    rf"\b(_|gettext|ngettext|pgettext|npgettext)\(\s*{STRING}(?:,\s*{STRING})?(?:,\s*{STRING})?"
)


@dataclass(frozen=True, slots=True)
class Text:
    """One entry of a catalogue; `plural` and `context` are empty where there is none."""

    single: str
    plural: str = ""
    context: str = ""


def texts_of_project(root: Path) -> dict[Text, str]:
    """Every text with a file that has it."""
    found: dict[Text, str] = {}
    for package in ("leadscoring", "contacts", "scoring", "templates"):
        for path in sorted((root / package).rglob("*.*")):
            for text in texts_of_file(path):
                found.setdefault(text, str(path.relative_to(root)))
    return found


def texts_of_file(path: Path) -> Iterator[Text]:
    if path.suffix == ".py":
        yield from texts_of_code(path.read_text(encoding="utf-8"))
    elif path.suffix in (".html", ".txt"):
        yield from texts_of_template(path.read_text(encoding="utf-8"), str(path))


def texts_of_code(code: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if name in CALLS:
            words = [each.value if isinstance(each, ast.Constant) else "" for each in node.args]
            yield from text_of_call(name, [str(word) for word in words])


def texts_of_template(source: str, origin: str) -> Iterator[Text]:
    for call in TEMPLATE_CALL.finditer(templatize(source, origin=origin)):
        name, *strings = call.groups()
        yield from text_of_call(name, [ast.literal_eval(each) for each in strings if each])


def text_of_call(name: str, words: list[str]) -> Iterator[Text]:
    context, single, plural = CALLS[name]
    # A call with a variable says nothing here: its text is marked where it is written.
    if len(words) > single and words[single]:
        yield Text(
            words[single],
            words[plural] if plural is not None else "",
            words[context] if context is not None else "",
        )

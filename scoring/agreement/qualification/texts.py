"""Several texts in one cell: with commas or one a line, in quotation marks what has a comma."""

import csv
from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext as _

from contacts.normalise import normalise
from contacts.values import Wrong
from scoring.criteria.values import clean_text

TEXT_MOST: Final = 200
CELL_MOST: Final = 10_000


def read_texts(cell: str) -> tuple[str, ...]:
    """The texts of a cell without outer blanks; raises Wrong."""
    found = [text for text in split(cell) if text]
    seen: dict[str, str] = {}
    for text in found:
        if len(text) > TEXT_MOST:
            said = {"text": text[:40], "most": TEXT_MOST}
            raise Wrong(_("“%(text)s…” is too long: at most %(most)d characters.") % said)
        if not (norm := normalise(text)):
            raise Wrong(_("“%(text)s” cannot be compared with anything.") % {"text": text})
        if norm in seen:
            raise Wrong(_("“%(text)s” stands here twice.") % {"text": text})
        seen[norm] = text
    return tuple(seen.values())


def split(cell: str) -> list[str]:
    if len(cell) > CELL_MOST:
        raise Wrong(_("This is too long: at most %(most)d characters.") % {"most": CELL_MOST})
    # Excel parts the lines of a cell by one sign, browsers by two.
    lines = clean_text(cell).splitlines()
    try:
        rows = list(csv.reader(lines, skipinitialspace=True))
    except csv.Error as error:
        raise Wrong(_("Close the quotation mark, or leave it out.")) from error
    return [" ".join(text.split()) for row in rows for text in row]


def written(texts: Iterable[str]) -> str:
    return ", ".join(map(quoted, texts))


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & {",", '"'} else text

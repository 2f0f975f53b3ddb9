"""One persona as somebody has typed it, on the page or in a workbook, and what is wrong with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.normalise import normalise
from contacts.values import Wrong
from scoring.agreement.qualification.grids import Grid, Typed, read_grid
from scoring.agreement.qualification.models import LINES_MOST, NAME_MOST, Persona
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue
from scoring.criteria.values import clean_text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Bytes of a workbook; no matrix has more.
FILE_MOST: Final = 2 * 1024 * 1024
LINES: "Final[Mapping[str, StrOrPromise]]" = {
    "who": gettext_lazy("Who they are"),
    "goals": gettext_lazy("What they want"),
    "pains": gettext_lazy("What troubles them"),
    "places": gettext_lazy("Where to meet them"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """``faults``: by place, ``name``, ``who`` or as in ``read_grid``. With any it is not stored."""

    for_all: bool
    lines: Mapping[str, str]
    typed: Typed
    grid: Grid
    faults: Mapping[str, list[str]]

    @property
    def name(self) -> str:
        return self.lines["name"]


def read_sheet(
    lines: Mapping[str, str],
    typed: Typed,
    catalogue: Catalogue,
    *,
    for_all: bool = False,
    taken: Collection[str] = (),
) -> Sheet:
    """``taken``: the normalised names of the other personas of the model."""
    root = Node(None)
    read = {"name": read_name(lines.get("name", ""), taken, root)}
    if not for_all:
        read |= {part: read_lines(lines.get(part, ""), part, root) for part in Persona.PARTS}
    grid = read_grid(typed, catalogue, root)
    faults: dict[str, list[str]] = {}
    for fault in root.faults:
        faults.setdefault(fault.path, []).append(fault.message)
    return Sheet(for_all, read, typed, grid, faults)


def read_name(text: str, taken: Collection[str], root: Node) -> str:
    name = " ".join(text.split())
    try:
        name = clean_text(name)
    except Wrong as wrong:
        root.fault(str(wrong), key="name")
        return name
    if not normalise(name):
        root.fault(_("Give it a name."), key="name")
    elif len(name) > NAME_MOST:
        root.fault(_("At most %(most)d characters.") % {"most": NAME_MOST}, key="name")
    elif normalise(name) in taken:
        root.fault(_("Another persona of this model has this name."), key="name")
    return name


def read_lines(text: str, part: str, root: Node) -> str:
    read = "\n".join(line.rstrip() for line in text.splitlines()).strip()
    try:
        read = clean_text(read)
    except Wrong as wrong:
        root.fault(str(wrong), key=part)
    if len(read) > LINES_MOST:
        root.fault(_("At most %(most)d characters.") % {"most": LINES_MOST}, key=part)
    return read


def sheet_of(persona: Persona, catalogue: Catalogue) -> Sheet:
    """As it is stored; with faults where a field has gone since."""
    names = ["name"] if persona.for_all else ["name", *Persona.PARTS]
    lines = {name: getattr(persona, name) for name in names}
    return read_sheet(lines, persona.typed, catalogue, for_all=persona.for_all)

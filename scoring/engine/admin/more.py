"""What other packages add to the leads: to the page of one, and to their list.

The engine knows none of them by name; each registers itself where it is imported.
"""

from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any

from django.http import HttpRequest

from contacts.admin.base import Section
from scoring.engine.leads import Lead
from scoring.engine.models import Track


class Place(StrEnum):
    """Where a part stands: above the score, or below it, wide or in the narrow column."""

    HEAD = "head"
    MAIN = "main"
    SIDE = "side"


# Each None or empty where this person may not see it.
MakesSection = Callable[[Lead, HttpRequest], Section | None]
MakesPart = Callable[[Lead, HttpRequest], str]
# Something beside the scores of the leads of one page of the list, by the id of each.
MakesMarks = Callable[[Collection[int], Track, HttpRequest], Mapping[int, str]]

SECTIONS: list[MakesSection] = []
PARTS: dict[Place, list[tuple[int, MakesPart]]] = {place: [] for place in Place}
MARKS: list[MakesMarks] = []
FILTERS: list[Any] = []
# Paths of static files that parts need.
SCRIPTS: list[str] = []


def lead_section(make: MakesSection) -> MakesSection:
    """Show a table on the page of every lead, in the order of registration."""
    SECTIONS.append(make)
    return make


def lead_part(place: Place, order: int) -> Callable[[MakesPart], MakesPart]:
    """Show what this makes, as HTML, on the page of every lead; of one place by ``order``."""

    def register(make: MakesPart) -> MakesPart:
        PARTS[place].append((order, make))
        PARTS[place].sort(key=lambda pair: pair[0])
        return make

    return register


def lead_marks(make: MakesMarks) -> MakesMarks:
    """Show what this makes beside the score of each lead in the list, asked once a page."""
    MARKS.append(make)
    return make


def lead_filter(filter_class: type[Any]) -> type[Any]:
    """Offer a filter in the list of leads."""
    FILTERS.append(filter_class)
    return filter_class


def sections_of(lead: Lead, request: HttpRequest) -> list[Section]:
    return [section for make in SECTIONS if (section := make(lead, request)) is not None]


def parts_of(lead: Lead, request: HttpRequest) -> dict[str, list[str]]:
    return {
        place.value: [part for _order, make in makers if (part := make(lead, request))]
        for place, makers in PARTS.items()
    }


def marks_of(leads: Collection[int], track: Track, request: HttpRequest) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for make in MARKS:
        for pk, mark in make(leads, track, request).items():
            found.setdefault(pk, []).append(mark)
    return found

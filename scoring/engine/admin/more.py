"""What other packages add to the page of a lead: tables below its score.

The engine knows none of them by name; each registers itself where it is imported.
"""

from collections.abc import Callable

from django.http import HttpRequest

from contacts.admin.base import Section
from scoring.engine.leads import Lead

# None where this person may not see it.
MakesSection = Callable[[Lead, HttpRequest], Section | None]
SECTIONS: list[MakesSection] = []


def lead_section(make: MakesSection) -> MakesSection:
    """Show a table on the page of every lead, in the order of registration."""
    SECTIONS.append(make)
    return make


def sections_of(lead: Lead, request: HttpRequest) -> list[Section]:
    return [section for make in SECTIONS if (section := make(lead, request)) is not None]

"""Leads by persona and by segment: whom a condition holds for now, asked of the one evaluator."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, ngettext

from scoring.agreement.qualification.models import Persona
from scoring.criteria.conditions import holds
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.fields import Catalogue
from scoring.criteria.installed import installed_catalogue
from scoring.criteria.moments import AsOf
from scoring.criteria.segments import Segment
from scoring.reports.asking import Question
from scoring.reports.loop.facts import Facts
from scoring.reports.loop.groups import Group

# A query each; so many at most, by name.
SEGMENTS_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class People:
    """``hint``: who is missing here, and why."""

    groups: list[Group]
    hint: str = ""


def by_persona(question: Question, facts: Facts) -> People:
    """Of the model that is asked for; whoever belongs to two counts with both."""
    found: list[Group] = []
    unknown: list[str] = []
    catalogue = installed_catalogue()
    for persona in Persona.objects.filter(model=question.model, for_all=False):
        mark = persona.mark(catalogue)
        if mark is None:
            unknown.append(persona.name)
            continue
        leads = those(question, holds(mark, catalogue))
        found.append(Group(f"persona:{persona.pk}", persona.name, leads, facts))
    if found:
        rest = everybody_else(facts, found)
        found.append(Group("persona:none", gettext("none of these"), rest, facts))
    said = gettext(
        "Not told apart, for their grids do not say for which contacts they count: %(names)s."
    )
    return People(found, said % {"names": ", ".join(unknown)} if unknown else "")


def by_segment(question: Question, facts: Facts) -> People:
    catalogue = installed_catalogue()
    rows = list(Segment.objects.all())
    found = []
    for segment in rows[:SEGMENTS_MOST]:
        leads = in_segment(question, segment, catalogue)
        if leads is not None:
            found.append(Group(f"segment:{segment.key}", segment.name, leads, facts))
    more = len(rows) - SEGMENTS_MOST
    said = ngettext(
        "%(count)d more segment is not shown; choose it above.",
        "%(count)d more segments are not shown; choose one above.",
        more,
    )
    return People(found, said % {"count": more} if more > 0 else "")


def in_segment(
    question: Question, segment: Segment, catalogue: Catalogue
) -> Mapping[int, datetime] | None:
    """None where what it asks for is there no more."""
    try:
        return those(question, holds(segment.read(catalogue), catalogue))
    except DocumentInvalid:
        return None


def those(question: Question, condition: Q) -> Mapping[int, datetime]:
    """Who came in the period and meets it now, and when."""
    rows = question.contacts().annotate(entry=Coalesce("created_at", "stored_at"))
    inside = rows.filter(AsOf(condition, question.now), **question.during("entry"))
    return dict(inside.order_by().values_list("pk", "entry"))


def everybody_else(facts: Facts, groups: list[Group]) -> Mapping[int, datetime]:
    inside = {pk for group in groups for pk in group.leads}
    return {pk: entry.at for pk, entry in facts.entries.items() if pk not in inside}

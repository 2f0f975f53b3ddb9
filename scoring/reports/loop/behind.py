"""The leads behind one figure of the closed loop: read of its group alone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from contacts.models import Campaign
from scoring.criteria.installed import installed_catalogue
from scoring.criteria.segments import Segment
from scoring.engine.models import Track
from scoring.reports.asking import Question
from scoring.reports.loop.attribution import OWED, ids_of_owed
from scoring.reports.loop.closing import DEALS, ids_of_closed
from scoring.reports.loop.cohorts import COHORT
from scoring.reports.loop.facts import Facts, entries_of, facts_behind, touches_of
from scoring.reports.loop.groups import Group, by_campaign, by_piece, by_source
from scoring.reports.loop.people import by_persona, in_segment
from scoring.reports.periods import Grain


def ids_behind(question: Question, track: Track | None, key: str) -> list[int] | None:
    """None for an unknown key."""
    if key.startswith(DEALS):
        return ids_of_closed(question, key.removeprefix(DEALS))
    if key.startswith(OWED):
        return ids_of_owed(question, key.removeprefix(OWED))
    name, _colon, what = key.rpartition(":")
    kind, _colon, named = name.partition(":")
    find = piece if kind == question.grain.value else FROM.get(kind)
    group = find(question, named) if find else None
    if group is None:
        return None
    # To read what became of everybody takes longer than to say whom it is about.
    return replace(group, facts=facts_behind(question, track, group.leads, what)).ids(what)


def campaign(question: Question, named: str) -> Group | None:
    pk = int(named) if named.isdecimal() and len(named) < 10 else 0
    found = Campaign.objects.filter(pk=pk).first()
    if found is None or (question.campaign is not None and question.campaign != found):
        return None
    facts = Facts(touches=touches_of(replace(question, campaign=found)))
    return by_campaign({pk: found}, facts)[0]


def source(question: Question, named: str) -> Group | None:
    groups = by_source(Facts(entries=entries_of(question, source_norm=named)))
    return groups[0] if groups else None


def piece(
    question: Question, named: str, grain: Grain | None = None, kind: str = ""
) -> Group | None:
    grain = grain or question.grain
    pieces = question.period.pieces(grain)
    found = next((each for each in pieces if each.first.isoformat() == named), None)
    if found is None:
        return None
    asked = replace(question, period=found)
    # One that has not begun has nobody.
    return next(by_piece(asked, Facts(entries=entries_of(asked)), grain, kind), None)


def cohort(question: Question, named: str) -> Group | None:
    return piece(question, named, Grain.MONTH, COHORT)


def persona(question: Question, named: str) -> Group | None:
    """Only whoever belongs to none of them is told by who else came."""
    entries = entries_of(question) if named == "none" else {}
    groups = by_persona(question, Facts(entries=entries)).groups
    return next((group for group in groups if group.key == f"persona:{named}"), None)


def segment(question: Question, named: str) -> Group | None:
    found = Segment.objects.filter(key=named).first()
    leads = in_segment(question, found, installed_catalogue()) if found else None
    return None if leads is None else Group(f"segment:{named}", "", leads, Facts())


FROM: Final[Mapping[str, Callable[[Question, str], Group | None]]] = {
    "campaign": campaign,
    COHORT: cohort,
    "source": source,
    "persona": persona,
    "segment": segment,
}

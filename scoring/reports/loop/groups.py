"""Leads that belong together, by campaign, source or month of entry, and what became of them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Final

from django.utils.translation import gettext

from contacts.models import Campaign
from scoring.engine.proportions import Proportion
from scoring.reports.asking import Question
from scoring.reports.loop.facts import NOT_YET, STAGES, Facts
from scoring.reports.periods import Grain

HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Group:
    """``leads``: from when on each contact counts. ``key``: what its figures are asked by."""

    key: str
    title: str
    leads: Mapping[int, datetime]
    facts: Facts

    def bands(self) -> Counter[str]:
        standing = self.facts.standing
        return Counter(standing[lead][0] for lead in self.leads if lead in standing)

    def grades(self) -> Counter[str]:
        found = (self.facts.standing.get(lead) for lead in self.leads)
        return Counter(one[1] for one in found if one and one[1])

    def hot(self) -> list[int]:
        """Who came into the highest band since."""
        rises = self.facts.rises
        return [
            lead
            for lead, since in self.leads.items()
            if any(at >= since for at in rises.get(lead, ()))
        ]

    def at(self, lead: int, stage: int) -> datetime | None:
        """When the lead reached it, -1 being the lead's coming; None if not, or before it came."""
        since = self.leads[lead]
        if stage < 0:
            return since
        reached = self.facts.reached.get(lead, NOT_YET)[stage]
        return reached if reached is not None and reached >= since else None

    def of_stage(self, stage: int) -> list[int]:
        return [lead for lead in self.leads if self.at(lead, stage) is not None]

    def rate(self, stage: int) -> Proportion:
        """Of those who reached the stage before, and this one not before they came."""
        before = self.of_stage(stage - 1)
        if stage == 0:
            known = self.facts.reached
            before = [
                lead
                for lead in before
                if (first := known.get(lead, NOT_YET)[0]) is None or first >= self.leads[lead]
            ]
        return Proportion(sum(self.at(lead, stage) is not None for lead in before), len(before))

    def hours(self, stage: int) -> float | None:
        """The median from the stage before to this one, of those who reached both."""
        spans = []
        for lead in self.leads:
            start, end = self.at(lead, stage - 1), self.at(lead, stage)
            if start is not None and end is not None:
                spans.append((end - start).total_seconds() / HOUR)
        return median(spans) if spans else None

    def feedback(self) -> Proportion:
        answers = [
            in_time
            for lead, since in self.leads.items()
            for handed, in_time in self.facts.answers.get(lead, ())
            if handed >= since
        ]
        return Proportion(sum(answers), len(answers))

    def won(self) -> Decimal:
        return sum(
            (
                amount
                for lead, since in self.leads.items()
                for at, amount in self.facts.sales.get(lead, ())
                if at >= since
            ),
            Decimal(0),
        )

    def ids(self, what: str) -> list[int] | None:
        """Of whom a figure is made; None for what there is not."""
        if what == "leads":
            return list(self.leads)
        if what == "hot":
            return self.hot()
        if what in STAGES:
            return self.of_stage([str(stage) for stage in STAGES].index(what))
        kind, _colon, named = what.partition("=")
        if kind == "band":
            standing = self.facts.standing
            return [lead for lead in self.leads if standing.get(lead, ("",))[0] == named]
        return None


def by_campaign(campaigns: Mapping[int, Campaign], facts: Facts) -> list[Group]:
    return [
        Group(f"campaign:{pk}", campaign.name, facts.touches.get(pk, {}), facts)
        for pk, campaign in campaigns.items()
    ]


def by_source(facts: Facts) -> list[Group]:
    """Sources that differ by case or accents alone are one, with the name that came first."""
    names: dict[str, str] = {}
    leads: dict[str, dict[int, datetime]] = {}
    for pk, entry in facts.entries.items():
        names.setdefault(entry.source_key, entry.source)
        leads.setdefault(entry.source_key, {})[pk] = entry.at
    return [
        Group(f"source:{key}", names[key] or gettext("not stated"), leads[key], facts)
        for key in sorted(leads, key=lambda key: (-len(leads[key]), key))
    ]


def by_month(question: Question, facts: Facts) -> Iterator[Group]:
    months: dict[str, dict[int, datetime]] = {}
    for pk, entry in facts.entries.items():
        month = question.period.piece_of(entry.at, Grain.MONTH).isoformat()
        months.setdefault(month, {})[pk] = entry.at
    for piece in question.period.pieces(Grain.MONTH):
        key = piece.first.isoformat()
        yield Group(f"month:{key}", piece.label(Grain.MONTH), months.get(key, {}), facts)


def everybody(facts: Facts) -> Group:
    entered = {pk: entry.at for pk, entry in facts.entries.items()}
    return Group("all:", gettext("all"), entered, facts)

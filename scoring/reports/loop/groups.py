"""Leads that belong together, by campaign, source or month of entry, and what became of them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext

from contacts.models import Campaign
from scoring.engine.proportions import Proportion
from scoring.reports.asking import Question
from scoring.reports.loop.facts import ANSWERS, NOT_YET, Facts
from scoring.reports.periods import Grain
from scoring.reports.stages import STAGES

HOUR: Final = 3600
# Of where a lead stands now, at which place what is asked for lies.
STANDING: Final = {"band": 0, "grade": 1}
NOWHERE: Final = (None, None)


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
        return Proportion(len(self.went_on(stage)), len(self.could_go_on(stage)))

    def went_on(self, stage: int) -> list[int]:
        return [lead for lead in self.could_go_on(stage) if self.at(lead, stage) is not None]

    def could_go_on(self, stage: int) -> list[int]:
        return self.not_before(stage) if stage == 0 else self.of_stage(stage - 1)

    def not_before(self, stage: int) -> list[int]:
        """Who had not reached it before they came."""
        known = self.facts.reached
        return [
            lead
            for lead, since in self.leads.items()
            if (first := known.get(lead, NOT_YET)[stage]) is None or first >= since
        ]

    def spans(self, stage: int) -> dict[int, float]:
        """The hours from the stage before to this one, of those who reached both."""
        found = {}
        for lead in self.leads:
            start, end = self.at(lead, stage - 1), self.at(lead, stage)
            if start is not None and end is not None:
                found[lead] = (end - start).total_seconds() / HOUR
        return found

    def of_both(self, stage: int) -> list[int]:
        return list(self.spans(stage))

    def answers(self) -> list[tuple[int, bool]]:
        """Of each handover since the lead came: whose it is, and whether it was in time."""
        return [
            (lead, in_time)
            for lead, since in self.leads.items()
            for handed, in_time in self.facts.answers.get(lead, ())
            if handed >= since
        ]

    def feedback(self) -> Proportion:
        answers = self.answers()
        return Proportion(sum(in_time for _lead, in_time in answers), len(answers))

    def answered(self, *, is_due: bool) -> list[int]:
        """Who was answered in time, or all whose answer was due; each once."""
        return list({lead: None for lead, in_time in self.answers() if in_time or is_due})

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

    def buyers(self) -> list[int]:
        """Of whom the won value is."""
        sales = self.facts.sales
        return [
            lead
            for lead, since in self.leads.items()
            if any(at >= since for at, _amount in sales.get(lead, ()))
        ]

    def ids(self, what: str) -> list[int] | None:
        """Of whom a figure is made; None for what there is not."""
        if what == "leads":
            return list(self.leads)
        if what == "hot":
            return self.hot()
        if what == "won":
            return self.buyers()
        if what in ANSWERS:
            return self.answered(is_due=what == "answer_due")
        kind, _equals, named = what.rpartition("=")
        if kind in OF_STAGES and named in STAGES:
            return OF_STAGES[kind](self, [str(stage) for stage in STAGES].index(named))
        if kind in STANDING:
            at, standing = STANDING[kind], self.facts.standing
            return [lead for lead in self.leads if standing.get(lead, NOWHERE)[at] == named]
        return None


# Of a stage: who came to it; who went on to it, and who of the stage before could; who had not
# been there before; who came to the stage before and to it.
OF_STAGES: Final[Mapping[str, Callable[[Group, int], list[int]]]] = {
    "": Group.of_stage,
    "rate": Group.went_on,
    "of": Group.could_go_on,
    "new": Group.not_before,
    "time": Group.of_both,
}


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


def by_piece(question: Question, facts: Facts, grain: Grain, kind: str = "") -> Iterator[Group]:
    """By when they came, in steps of the period; ``kind`` begins the keys, if not the step."""
    pieces: dict[str, dict[int, datetime]] = {}
    for pk, entry in facts.entries.items():
        first = question.period.piece_of(entry.at, grain).isoformat()
        pieces.setdefault(first, {})[pk] = entry.at
    for piece in question.pieces(grain):
        key = piece.first.isoformat()
        yield Group(f"{kind or grain.value}:{key}", piece.label(grain), pieces.get(key, {}), facts)

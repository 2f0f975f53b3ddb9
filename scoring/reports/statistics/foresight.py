"""What the coming weeks will bring, from how many came and how long each step took.

Simulated with a fixed seed, so that the same question has the same answer. A number of a week
is drawn as its pace says: wider where the weeks so far differ by more than chance, and where the
same, tried on earlier weeks, was off by more. Chances by week, about Kaplan and Meier's curves,
and the mean amount of a customer are drawn anew for each future, as far apart as the cases that
they rest on leave open. However large a number is, to draw it takes the same time: nothing is
drawn one by one that a what-if can multiply.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Final, Self

from scoring.reports.statistics.amounts import Amounts
from scoring.reports.statistics.pace import Pace, poisson
from scoring.reports.statistics.steps import Step

SEED: Final = 20_260_101
RUNS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Times:
    """What if there were so many times more: visits, leads of a visit, entries of a lead, and so
    on to the revenue of a customer.
    """

    visits: float = 1.0
    leads: float = 1.0
    entries: float = 1.0
    opportunities: float = 1.0
    customers: float = 1.0
    revenue: float = 1.0

    @property
    def most(self) -> float:
        """The greatest that one step makes of those before it."""
        steps: tuple[float, ...] = astuple(self)
        return max(math.prod(steps[:number]) for number in range(1, len(steps) + 1))


@dataclass(frozen=True, slots=True)
class Known:
    """What a forecast rests on.

    ``visits``, ``leads``, ``entries`` into each band and ``others``, deals that were opened
    without a band: of each past week. ``amounts``: of the deals that were won.
    """

    leads: Sequence[int]
    entries: Mapping[str, Sequence[int]]
    bands: Mapping[str, Step]
    deals: Step
    amounts: Sequence[float]
    visits: Sequence[int] = ()
    others: Sequence[int] = ()
    times: Times = Times()


@dataclass(frozen=True, slots=True)
class Paces:
    visits: Pace
    leads: Pace
    entries: Mapping[str, Pace]
    others: Pace

    @classmethod
    def of(cls, known: Known) -> Self:
        entries = {band: Pace.of(past) for band, past in known.entries.items()}
        return cls(Pace.of(known.visits), Pace.of(known.leads), entries, Pace.of(known.others))


@dataclass(frozen=True, slots=True)
class Run:
    """One possible future: numbers week by week."""

    visits: list[int] = field(default_factory=list)
    leads: list[int] = field(default_factory=list)
    entries: dict[str, list[int]] = field(default_factory=dict)
    opportunities: list[int] = field(default_factory=list)
    customers: list[int] = field(default_factory=list)
    revenue: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Band:
    """The middle of the runs, and where 80 and 95 of 100 lie."""

    middle: float
    low80: float
    high80: float
    low95: float
    high95: float


def simulated(known: Known, weeks: int, runs: int = RUNS) -> list[Run]:
    chance = random.Random(SEED)  # noqa: S311
    paces, amounts = Paces.of(known), Amounts.of(known.amounts)
    return [one_run(known, paces, amounts, weeks, chance) for _run in range(runs)]


def one_run(known: Known, paces: Paces, amounts: Amounts, weeks: int, chance: random.Random) -> Run:
    run, times = Run(), known.times
    volume = times.visits * times.leads
    run.visits.extend(paces.visits.drawn(times.visits, weeks, chance))
    run.leads.extend(paces.leads.drawn(volume, weeks, chance))
    expected = [0.0] * weeks
    for band, step in known.bands.items():
        entering = paces.entries[band].drawn(volume * times.entries, weeks, chance)
        run.entries[band] = entering
        flowing = step.drawn(chance).flowing(entering)
        add(expected, [times.opportunities * each for each in flowing])
    run.opportunities.extend(poisson(each, chance) for each in expected)
    others = paces.others.drawn(volume * times.opportunities, weeks, chance)
    opened = [one + other for one, other in zip(run.opportunities, others, strict=True)]
    bought = known.deals.drawn(chance).flowing(opened)
    run.customers.extend(poisson(times.customers * each, chance) for each in bought)
    factor = times.revenue * amounts.unsure(chance)
    run.revenue.extend(factor * amounts.total(number, chance) for number in run.customers)
    return run


def add(numbers: list[float], more: Sequence[float]) -> None:
    for place, number in enumerate(more):
        numbers[place] += number


def band_of(numbers: Sequence[float]) -> Band:
    ordered = sorted(numbers)

    def at(share: float) -> float:
        return ordered[round(share * (len(ordered) - 1))]

    return Band(at(0.5), at(0.1), at(0.9), at(0.025), at(0.975))

"""What the coming weeks will bring, from how many came and how long each step took.

Simulated with a fixed seed, so that the same question has the same answer. A number of a week
is drawn from Poisson's distribution, and the rate itself, known from few, from a gamma
distribution (Jeffreys' prior); chances by week come from Kaplan and Meier's curves.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from scoring.reports.statistics.survival import Curve

DAYS: Final = 7
SEED: Final = 20_260_101
RUNS: Final = 2_000
# Above that the normal distribution is as good, and quicker.
MANY: Final = 50


def by_week(reached: Curve, gone: Curve | None, age: float, weeks: int) -> list[float]:
    """The chance of each coming week, of one who waits since ``age`` days.

    ``reached`` counts those who got there, ``gone`` those who got there or gave up: of them
    all it is known until when they were watched, so whoever gave up never gets there.
    """
    left = 1 - (gone.reached(age) if gone and age > 0 else 0.0)
    if left <= 0:
        return [0.0] * weeks
    marks = [reached.reached(age + DAYS * week) if age + week else 0.0 for week in range(weeks + 1)]
    return [(marks[week + 1] - marks[week]) / left for week in range(weeks)]


@dataclass(frozen=True, slots=True)
class Step:
    """From one place to the next: the chance by week of one who comes now, and how many events
    that rests on. ``waiting``: what those who wait already will bring in each week.
    """

    fresh: Sequence[float]
    waiting: Sequence[float]
    events: int


@dataclass(frozen=True, slots=True)
class Known:
    """What a forecast rests on.

    ``leads``: of each past week. ``entries``: how many entered each band in all these weeks.
    ``amounts``: of the deals that were won. ``leads_times`` and ``rates_times``: what if there
    were so many times more leads, and opportunities and customers of them.
    """

    leads: Sequence[int]
    entries: Mapping[str, int]
    bands: Mapping[str, Step]
    deals: Step
    amounts: Sequence[float]
    leads_times: float = 1.0
    rates_times: float = 1.0


@dataclass(frozen=True, slots=True)
class Run:
    """One possible future: numbers week by week."""

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
    return [one_run(known, weeks, chance) for _run in range(runs)]


def one_run(known: Known, weeks: int, chance: random.Random) -> Run:
    run = Run()
    past = len(known.leads)
    rate = known.leads_times * chance.gammavariate(sum(known.leads) + 0.5, 1 / past)
    run.leads.extend(poisson(rate, chance) for _week in range(weeks))
    expected = [0.0] * weeks
    for band, step in known.bands.items():
        entering = chance.gammavariate(known.entries[band] + 0.5, 1 / past)
        drawn = [poisson(known.leads_times * entering, chance) for _week in range(weeks)]
        run.entries[band] = drawn
        times = known.rates_times * spread(step.events, chance)
        add(expected, [times * each for each in flowing(step, drawn)])
    run.opportunities.extend(poisson(each, chance) for each in expected)
    times = known.rates_times * spread(known.deals.events, chance)
    bought = [times * each for each in flowing(known.deals, run.opportunities)]
    run.customers.extend(poisson(each, chance) for each in bought)
    amounts = list(known.amounts)
    for number in run.customers:
        bring: list[float] = chance.choices(amounts, k=number) if amounts else []
        run.revenue.append(sum(bring))
    return run


def flowing(step: Step, entering: Sequence[float]) -> list[float]:
    """What is expected of each week: of those who wait, and of those who came before or in it."""
    return [
        step.waiting[week]
        + sum(entering[come] * step.fresh[week - come] for come in range(week + 1))
        for week in range(len(entering))
    ]


def add(numbers: list[float], more: Sequence[float]) -> None:
    for place, number in enumerate(more):
        numbers[place] += number


def spread(events: int, chance: random.Random) -> float:
    """A factor about 1: how far a rate that rests on so many events may be off."""
    shape = events + 0.5
    return chance.gammavariate(shape, 1 / shape)


def poisson(mean: float, chance: random.Random) -> int:
    if mean > MANY:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    limit, number, product = math.exp(-mean), 0, chance.random()
    while product > limit:
        number += 1
        product *= chance.random()
    return number


def band_of(numbers: Sequence[float]) -> Band:
    ordered = sorted(numbers)

    def at(share: float) -> float:
        return ordered[round(share * (len(ordered) - 1))]

    return Band(at(0.5), at(0.1), at(0.9), at(0.025), at(0.975))

"""From what was seen to what is expected: which numbers can be told, and with which spans."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scoring.engine.proportions import FEW
from scoring.reports.ahead.looks import DAY, WEEKS
from scoring.reports.ahead.seen import Seen
from scoring.reports.periods import midnight
from scoring.reports.statistics.foresight import (
    RUNS,
    Band,
    Known,
    Run,
    Times,
    band_of,
    simulated,
)
from scoring.reports.statistics.steps import Step

WEEKS_LEAST: Final = 4
AS_NOW: Final = Times()
# By what is forecast, for each number of coming weeks, all of them together.
Spans = Mapping[str, Sequence[Band]]


@dataclass(frozen=True, slots=True)
class Foretold:
    """``hottest``: the highest band. What too little is known of is not in ``spans``."""

    known: Known
    spans: Spans
    hottest: str

    @property
    def opportunities(self) -> int:
        return sum(step.events for step in self.known.bands.values())


def is_enough(seen: Seen) -> bool:
    return len(seen.leads) >= WEEKS_LEAST and sum(seen.leads) >= FEW


def scored_weeks(seen: Seen) -> list[int]:
    """Those after scoring began: when everybody gets a first score, nobody has come."""
    first, zone = seen.look.period.first, seen.look.period.zone
    starts = [midnight(first + 7 * week * DAY, zone) for week in range(seen.look.weeks)]
    began = seen.began
    return [week for week, start in enumerate(starts) if began is not None and start >= began]


def known_of(seen: Seen, bands: Sequence[str], times: Times = AS_NOW) -> Known:
    """Where scores go back for less than four weeks, all deals are counted without a band."""
    weeks = scored_weeks(seen)
    opened = seen.deals_opened
    steps: dict[str, Step] = {}
    if len(weeks) >= WEEKS_LEAST:
        steps = {band: seen.bands[band].step(WEEKS) for band in bands if band in seen.bands}
        opened = [max(0, seen.deals_opened[week] - seen.opportunities[week]) for week in weeks]
    return Known(
        visits=seen.visits,
        leads=seen.leads,
        entries={band: [seen.entries[band][week] for week in weeks] for band in steps},
        others=opened,
        bands=steps,
        deals=seen.deals.step(WEEKS),
        amounts=seen.amounts,
        times=times,
    )


def foretold(seen: Seen, bands: Sequence[str], times: Times = AS_NOW, runs: int = RUNS) -> Foretold:
    """``bands`` of the model, from the lowest to the highest."""
    known, hottest = known_of(seen, bands, times), bands[-1]
    spans = spans_of(simulated(known, WEEKS, runs), hottest)
    told = [name for name in spans if is_told(name, known, hottest)]
    return Foretold(known, {name: spans[name] for name in told}, hottest)


def is_told(name: str, known: Known, hottest: str) -> bool:
    """Fifteen cases at least of the step before."""
    if name == "visits":
        return sum(known.visits) >= FEW
    if name == "leads":
        return sum(known.leads) >= FEW
    if name == "entries":
        return sum(known.entries.get(hottest, ())) >= FEW
    if name == "opportunities":
        return sum(step.events for step in known.bands.values()) >= FEW
    return known.deals.events >= FEW


def spans_of(runs: Sequence[Run], hottest: str) -> dict[str, list[Band]]:
    ways: dict[str, Callable[[Run], Sequence[float]]] = {
        "visits": lambda run: run.visits,
        "leads": lambda run: run.leads,
        "entries": lambda run: run.entries.get(hottest, [0] * WEEKS),
        "opportunities": lambda run: run.opportunities,
        "customers": lambda run: run.customers,
        # Nobody knows it to the cent.
        "revenue": lambda run: [round(each) for each in run.revenue],
    }
    return {name: cumulative([way(run) for run in runs]) for name, way in ways.items()}


def cumulative(numbers: Sequence[Sequence[float]]) -> list[Band]:
    """For each week, of all that has come up to its end."""
    sums, found = [0.0] * len(numbers), []
    for week in range(WEEKS):
        sums = [total + run[week] for total, run in zip(sums, numbers, strict=True)]
        found.append(band_of(sums))
    return found


def exact(weekly: float) -> list[Band]:
    """Of a number that was given: there is no doubt about it."""
    given = [weekly * (week + 1) for week in range(WEEKS)]
    return [Band(each, each, each, each, each) for each in given]

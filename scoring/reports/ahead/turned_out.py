"""How earlier forecasts turned out, and how the same method would have done before it was there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from scoring.engine.proportions import Proportion
from scoring.reports.ahead.foretelling import Spans, foretold, is_enough
from scoring.reports.ahead.looks import HORIZONS, NAMES, WEEKS, Look, since_the_first
from scoring.reports.ahead.models import ForecastMade
from scoring.reports.ahead.seen import Came, Seen
from scoring.reports.asking import Question
from scoring.reports.periods import DAY, Period, midnight
from scoring.reports.statistics.foresight import Band

# Of the newest.
KEPT_MOST: Final = 12
TRIED_MOST: Final = 8
# Between two of those that are tried afterwards.
APART: Final = 28 * DAY
BACK: Final = TRIED_MOST * APART
RUNS: Final = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What was, or would have been, expected on ``day``; ``weeks`` of it are over."""

    day: date
    weeks: int
    spans: Spans
    came: Mapping[str, Sequence[float]]

    def pair(self, name: str, weeks: int) -> tuple[Band, float] | None:
        """What was expected of so many weeks, and what came; None where either is not known."""
        if weeks > self.weeks or name not in self.spans:
            return None
        return self.spans[name][weeks - 1], sum(self.came[name][:weeks])


@dataclass(frozen=True, slots=True)
class Score:
    """How well one number was told for so many weeks, by all forecasts whose time has come."""

    name: str
    weeks: int
    pairs: Sequence[tuple[Band, float]]

    def inside(self, share: int) -> Proportion:
        """How often what came lay within the span of 80, or of 95, of 100."""
        hits = sum(
            band.low95 <= came <= band.high95 if share == 95 else band.low80 <= came <= band.high80
            for band, came in self.pairs
        )
        return Proportion(hits, len(self.pairs))

    @property
    def error(self) -> float:
        """How far it was off on average, whichever way."""
        return sum(abs(came - band.middle) for band, came in self.pairs) / len(self.pairs)

    @property
    def bias(self) -> float:
        """What came less what was expected, on average."""
        return sum(came - band.middle for band, came in self.pairs) / len(self.pairs)

    @property
    def bias_share(self) -> float | None:
        expected = sum(band.middle for band, _came in self.pairs)
        return self.bias * len(self.pairs) / expected if expected else None


def scores(told: Sequence[Told]) -> Iterator[Score]:
    for name in NAMES:
        for weeks in HORIZONS:
            pairs = [pair for one in told if (pair := one.pair(name, weeks)) is not None]
            if pairs:
                yield Score(name, weeks, pairs)


def kept_looks(question: Question) -> list[tuple[ForecastMade, Seen]]:
    """The newest kept forecasts whose first four weeks are over."""
    zone = question.period.zone
    found = []
    for made in ForecastMade.objects.filter(model=question.model).exclude(spans={}):
        look = Look(made.rests_on(zone), made.as_of)
        if look.elapsed(question.now) >= HORIZONS[0]:
            found.append((made, Seen(look, counts_waits=False)))
        if len(found) == KEPT_MOST:
            break
    return found


def kept(question: Question, looks: Sequence[tuple[ForecastMade, Seen]]) -> list[Told]:
    return [
        Told(
            seen.look.ahead.first,
            seen.look.elapsed(question.now),
            made.told,
            numbers(seen.came, made.band),
        )
        for made, seen in looks
    ]


def tried_looks(whole: Period, leads: Mapping[date, int]) -> list[Seen]:
    """From earlier days, every fourth week, each back on as many days as the forecast itself."""
    found = []
    for step in range(1, TRIED_MOST + 1):
        last = whole.last - APART * step
        rests_on = since_the_first(Period.ending(last, whole.days, whole.zone), leads)
        if rests_on is None:
            break
        seen = Seen(Look(rests_on, midnight(last + DAY, whole.zone)))
        found.append(seen)
    return found


def tried(question: Question, looks: Sequence[Seen], bands: Sequence[str]) -> list[Told]:
    return [
        Told(
            seen.look.ahead.first,
            seen.look.elapsed(question.now),
            foretold(seen, bands, runs=RUNS).spans,
            numbers(seen.came, bands[-1]),
        )
        for seen in looks
        if is_enough(seen)
    ]


def numbers(came: Came, hottest: str) -> Mapping[str, Sequence[float]]:
    return {
        "visits": came.visits,
        "leads": came.leads,
        "entries": came.entries.get(hottest, [0] * WEEKS),
        "opportunities": came.opportunities,
        "customers": came.customers,
        "revenue": came.revenue,
    }

"""What each of the four ways says of a threshold, in the words and numbers of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext

from contacts.numerals import numeral, whole
from scoring.criteria.document import ModelDocument, Scenario
from scoring.engine.proportions import Measures, Outcomes, Proportion, candidates
from scoring.engine.results import Result

# Rows of the table of outcomes, and places of its chart.
ROWS: Final = 10


@dataclass(frozen=True, slots=True)
class Ideal:
    """A scenario of the chosen band with its total; None where it has no score."""

    scenario: Scenario
    total: int | None


@dataclass(frozen=True, slots=True)
class Ideals:
    tried: Sequence[Ideal]

    @property
    def totals(self) -> list[int]:
        return [one.total for one in self.tried if one.total is not None]

    @property
    def average(self) -> int | None:
        return round(sum(self.totals) / len(self.totals)) if self.totals else None

    @property
    def lowest(self) -> int | None:
        return min(self.totals, default=None)


def ideal_total(result: Result | None) -> int | None:
    return None if result is None or result.excluded else result.total


def start_of(document: ModelDocument, band: str) -> int | None:
    return next((each.start for each in document.bands if each.name == band), None)


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One threshold in the table; every number is ready to be read."""

    threshold: int
    above: str
    conversion: str
    conversion_range: str
    recall: str
    recall_range: str
    lift: str
    lift_range: str
    f1: str
    is_best: bool
    # Hundredths, for the chart.
    precision_at: float
    recall_at: float


def outcome_rows(outcomes: Outcomes, best: Sequence[Measures | None]) -> list[OutcomeRow]:
    """Evenly spread over the totals, the best ones among them."""
    chosen = [one.threshold for one in best if one]
    wanted = sorted({*candidates(outcomes.totals, ROWS), *chosen})
    return [outcome_row(outcomes.at(place), place in chosen) for place in wanted]


def outcome_row(found: Measures, is_best: bool) -> OutcomeRow:
    lift, lift_range = found.lift, found.lift_interval()
    return OutcomeRow(
        threshold=found.threshold,
        above=gettext("%(count)s of %(of)s") % {"count": found.above, "of": found.known},
        conversion=percent(found.precision.share),
        conversion_range=between(found.precision),
        recall=percent(found.recall.share),
        recall_range=between(found.recall),
        lift="–" if lift is None else times(lift),
        lift_range=""
        if lift_range is None
        else gettext("%(low)s to %(high)s")
        % {"low": times(lift_range[0]), "high": times(lift_range[1])},
        f1=numeral(found.f1, 2),
        is_best=is_best,
        precision_at=round(100 * (found.precision.share or 0), 2),
        recall_at=round(100 * (found.recall.share or 0), 2),
    )


def percent(share: float | None) -> str:
    return "–" if share is None else f"{whole(100 * share)} %"


def between(proportion: Proportion) -> str:
    if not proportion.of:
        return ""
    low, high = proportion.interval()
    return gettext("%(low)s to %(high)s") % {"low": percent(low), "high": percent(high)}


def times(lift: float) -> str:
    return f"{numeral(lift, 1)} ×"


def outcome_data(found: Measures) -> dict[str, Any]:
    """What is kept of one threshold with a choice."""
    return {
        "known": found.known,
        "won": found.won,
        "above": found.above,
        "won_above": found.won_above,
        "f1": round(found.f1, 3),
    }


def amount(text: str) -> Decimal | None:
    """A number of money as it is typed; None where it is none, or below zero."""
    plain = text.strip().replace(",", ".")
    if not plain.replace(".", "", 1).isascii() or not plain.replace(".", "", 1).isdecimal():
        return None
    return Decimal(plain) if len(plain) <= 15 else None

"""Known outcomes beside the scores of before them: what every judgement of scores rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from scoring.criteria.document import ModelDocument
from scoring.engine.objectives import known_outcomes
from scoring.engine.outcomes import Outcome, by_day, scored
from scoring.engine.proportions import Measures, Outcomes, Proportion
from scoring.reports.asking import Question

# The shortest time between two instants that a database tells apart.
INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Judged:
    """The outcomes of a period that had a score, by the document that is live."""

    document: ModelDocument
    outcomes: Sequence[Outcome]

    @property
    def cases(self) -> list[tuple[int, bool]]:
        return [(one.total_before or 0, one.succeeded) for one in self.outcomes]

    @property
    def base(self) -> float:
        """The conversion of all; there is somebody."""
        return sum(one.succeeded for one in self.outcomes) / len(self.outcomes)

    @property
    def threshold(self) -> int:
        """Where the highest band begins; of the only band, the lowest total that there is."""
        start = self.document.bands[-1].start
        return min(total for total, _won in self.cases) if start is None else start

    def at_threshold(self) -> Measures:
        """Of the highest band against all others; of the only band, of everybody."""
        return Outcomes(self.cases).at(self.threshold)

    def between(self, low: int, high: int | None = None) -> list[Outcome]:
        """Those with totals from one to the other, both among them."""
        return [
            one
            for one in self.outcomes
            if low <= (one.total_before or 0) and (high is None or (one.total_before or 0) <= high)
        ]

    def of_band(self, band: str) -> Proportion:
        inside = [one.succeeded for one in self.outcomes if one.band_before == band]
        return Proportion(sum(inside), len(inside))


def judged(question: Question, document: ModelDocument) -> Judged:
    """Only those who had a total: who was outside the audience, or excluded, was not judged."""
    if document.objective is None:
        return Judged(document, [])
    # The engine counts what is after the first instant, up to the last; a period has its first
    # instant, that of a day without an hour, and not the one after its end.
    period = question.period
    since = period.start - INSTANT
    until = min(period.end - INSTANT, question.now)
    known = known_outcomes(document.objective, since, until)
    if not question.is_of_all:
        ids = set(question.contacts().order_by().values_list("pk", flat=True))
        known = [one for one in known if one.contact_id in ids]
    bands = {band.name for band in document.bands}
    found = [outcome for day in by_day(known) for outcome in scored(document, day)]
    return Judged(document, [one for one in found if one.band_before in bands])

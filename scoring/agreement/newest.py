"""Known outcomes for as long as a page may wait, the newest first, and how far that reached."""

import time
from dataclasses import dataclass
from typing import Final

from django.utils import timezone
from django.utils.translation import ngettext

from contacts.numerals import numeral
from scoring.criteria.document import ModelDocument
from scoring.engine.outcomes import Outcome, by_day, known_of, scored

MONTHS: Final = 12
SECONDS: Final = 0.8


@dataclass(frozen=True, slots=True)
class Newest:
    """Outcomes of the last year; not ``is_all`` where there was no time for the older ones."""

    outcomes: list[Outcome]
    is_all: bool

    @property
    def text(self) -> str:
        """What a number beside it rests on: those who were in the audience then."""
        number = sum(1 for outcome in self.outcomes if outcome.total_before is not None)
        if self.is_all:
            said = ngettext(
                "from the only outcome of the last 12 months",
                "from all %(number)s outcomes of the last 12 months",
                number,
            )
        else:
            said = ngettext(
                "from the newest outcome only",
                "from the newest %(number)s outcomes; there are more",
                number,
            )
        return said % {"number": numeral(number)}


def newest_outcomes(document: ModelDocument) -> Newest:
    """Whole days, until the time is up; at least one of them."""
    end = time.monotonic() + SECONDS
    found: list[Outcome] = []
    days = list(by_day(known_of(document.objective, MONTHS, timezone.now())))
    for at, day in enumerate(reversed(days), 1):
        found.extend(scored(document, day))
        if time.monotonic() > end:
            return Newest(found, is_all=at == len(days))
    return Newest(found, is_all=True)

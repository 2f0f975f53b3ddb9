"""How many of those whose outcome is known succeeded with a rule, and how many without it.

The newest outcomes are asked first and for so long as a page may wait, so that it says "of the
newest so many" where there are more.
"""

import time
from dataclasses import dataclass
from typing import Final, Self

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from scoring.agreement.editor.cards import Board, RuleCard, measurable
from scoring.criteria.document import ModelDocument
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel
from scoring.engine.outcomes import (
    Outcome,
    by_day,
    conversion_by_rule,
    known_of,
    scored,
)
from scoring.engine.proportions import Proportion

MONTHS: Final = 12
SECONDS: Final = 0.8


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, and in whole percent."""

    count: int
    of: int
    percent: int

    @classmethod
    def of_one(cls, found: Proportion) -> Self:
        return cls(found.count, found.of, round(100 * (found.share or 0)))


def newest_outcomes(document: ModelDocument) -> list[Outcome]:
    """The outcomes of the last year, the newest first, as many as are scored in that time."""
    end = time.monotonic() + SECONDS
    found: list[Outcome] = []
    days = list(by_day(known_of(document.objective, MONTHS, timezone.now())))
    for day in reversed(days):
        found.extend(scored(document, day))
        if time.monotonic() > end:
            break
    return found


def success(request: HttpRequest, model: ScoringModel) -> HttpResponse:
    """The shares of success, each put beside its card."""
    draft = Draft.objects.select_related("model").filter(model=model).first()
    board = Board.of(draft) if draft else None
    document = measurable(board) if board else None
    found: list[tuple[RuleCard, Share, Share]] = []
    if board is not None and document is not None:
        shares = conversion_by_rule(document, newest_outcomes(document))
        found = [
            (card, Share.of_one(shares[name].held), Share.of_one(shares[name].not_held))
            for card in board.cards()
            if card.row.enabled and (name := card.row.name) in shares
        ]
    told = [(card, held, rest) for card, held, rest in found if held.of + rest.of]
    return TemplateResponse(request, "scoring/editor/success.html", {"found": told})

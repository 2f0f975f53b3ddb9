"""How many of those whose outcome is known succeeded with a rule, and how many without it.

The newest outcomes are asked first and for so long as a page may wait; how many that were stands
beside the numbers.
"""

from dataclasses import dataclass
from typing import Self

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from scoring.agreement.editor.cards import Board, RuleCard, measurable
from scoring.agreement.newest import newest_outcomes
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel
from scoring.engine.outcomes import conversion_by_rule
from scoring.engine.proportions import Proportion


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, and in whole percent."""

    count: int
    of: int
    percent: int

    @classmethod
    def of_one(cls, found: Proportion) -> Self:
        return cls(found.count, found.of, round(100 * (found.share or 0)))


def success(request: HttpRequest, model: ScoringModel) -> HttpResponse:
    """The shares of success, each put beside its card."""
    draft = Draft.objects.select_related("model").filter(model=model).first()
    board = Board.of(draft) if draft else None
    document = measurable(board) if board else None
    found: list[tuple[RuleCard, Share, Share]] = []
    rests = ""
    if board is not None and document is not None:
        newest = newest_outcomes(document)
        rests = newest.text
        shares = conversion_by_rule(document, newest.outcomes)
        found = [
            (card, Share.of_one(shares[name].held), Share.of_one(shares[name].not_held))
            for card in board.cards()
            if card.is_counted and (name := card.row.name) in shares
        ]
    told = [(card, held, rest) for card, held, rest in found if held.of + rest.of]
    return TemplateResponse(request, "scoring/editor/success.html", {"found": told, "rests": rests})

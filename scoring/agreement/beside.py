"""What other packages say beside a draft and in its proposal, and do when it is proposed.

The agreement knows none of them by name; each registers itself where it is imported.
"""

from collections.abc import Callable, Iterable
from typing import Final

from django.http import HttpRequest

from scoring.criteria.models import ScoringModel, Version

# HTML above the draft, wherever somebody works on it; empty where there is nothing to say.
MakesNote = Callable[[HttpRequest, ScoringModel], str]
# Lines of what changes and why, to begin with.
GivesReasons = Callable[[ScoringModel], Iterable[str]]
# In the transaction that proposes the version.
FollowsProposal = Callable[[Version], None]

NOTES: Final[list[MakesNote]] = []
REASONS: Final[list[GivesReasons]] = []
PROPOSED: Final[list[FollowsProposal]] = []


def draft_note(make: MakesNote) -> MakesNote:
    NOTES.append(make)
    return make


def proposal_reasons(give: GivesReasons) -> GivesReasons:
    REASONS.append(give)
    return give


def when_proposed(follow: FollowsProposal) -> FollowsProposal:
    PROPOSED.append(follow)
    return follow


def notes_of(request: HttpRequest, model: ScoringModel) -> list[str]:
    return [note for make in NOTES if (note := make(request, model))]


def reasons_of(model: ScoringModel) -> str:
    return "\n".join(reason for give in REASONS for reason in give(model))

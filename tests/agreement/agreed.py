"""A model with a live version and a draft that differs from it, and people who act on it."""

from typing import Any

from django.contrib.auth.models import User

from scoring.agreement.audit import AuditEntry
from scoring.agreement.going_live import BringLive, live_version
from scoring.agreement.proposals import Proposal
from scoring.agreement.proposing import Propose
from scoring.agreement.signing import Sign
from scoring.criteria.document import parse
from scoring.criteria.drafts import Draft, DraftRule
from scoring.criteria.models import ScoringModel, Version
from tests.engine.scored import MODEL, go_live

Data = dict[str, Any]

# As the small model, but with scenarios that hold.
AGREED: Data = {**MODEL, "scenarios": [MODEL["scenarios"][0]]}


def begin(document: Data = AGREED) -> ScoringModel:
    """The model, live, with a draft in which a director counts 5 points more."""
    track = go_live(document)
    Draft.objects.begin(parse(document), track.version)
    change_draft()
    return track.model


def change_draft(points: int = 35) -> None:
    DraftRule.objects.filter(name="Director").update(points=points)


def propose(model: ScoringModel, user: User, reason: str = "Directors buy more") -> Version:
    proposal: Proposal = Propose(user, model, reason).execute()
    return Version.objects.get(pk=proposal.version_id)


def sign(version: Version, user: User, side: str) -> None:
    Sign(user, version, side, version.hash).execute()


def agree(model: ScoringModel, marta: User, saul: User) -> Version:
    version = propose(model, marta)
    sign(version, marta, "marketing")
    sign(version, saul, "sales")
    return Version.objects.get(pk=version.pk)


def bring_live(version: Version, user: User, **choices: Any) -> Any:
    live = live_version(version.model)
    choices.setdefault("former", live.pk if live else 0)
    return BringLive(user, version, **choices).execute()


def trail(model: ScoringModel) -> list[tuple[str, str]]:
    """Who did what, from the first line on."""
    return list(
        AuditEntry.objects.filter(model=model).order_by("pk").values_list("username", "action")
    )

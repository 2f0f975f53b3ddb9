"""Where the agreement on a model stands: the steps, who did them, and what waits for whom."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from scoring.agreement.planned import GoingLive, planned_for
from scoring.agreement.proposals import Proposal, open_proposal, proposal_of, with_signatures
from scoring.agreement.sides import PUBLISH, Side, people_with
from scoring.agreement.signing import Signature, signers
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel, Version

NAMED = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way; ``waits`` says for whom, where it is the next one."""

    title: str
    icon: str
    done: bool
    who: str = ""
    at: datetime | None = None
    waits: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """``version``: the one that is on its way, proposed or agreed; None where only a draft is.

    ``is_arrived``: nothing is on its way, and the draft says what the live version says.
    """

    draft: Draft | None
    version: Version | None
    proposal: Proposal | None
    live: Version | None
    planned: GoingLive | None
    last: GoingLive | None
    is_arrived: bool
    steps: list[Step]


def standing(model: ScoringModel) -> Standing:
    proposal = open_proposal(model) or agreed_proposal(model)
    version = proposal.version if proposal else None
    draft = Draft.objects.filter(model=model).select_related("model", "base").first()
    live = Version.objects.live().filter(model=model).select_related("model").first()
    planned = planned_for(model)
    gone = GoingLive.objects.filter(model=model).exclude(state=GoingLive.State.WAITING)
    last = gone.select_related("version", "recompute").first()
    arrived = live if not proposal and not planned and same(draft, live) else None
    return Standing(
        draft=draft,
        version=version,
        proposal=proposal,
        live=live,
        planned=planned,
        last=last,
        is_arrived=arrived is not None,
        steps=arrived_steps(draft, arrived, last) if arrived else steps(draft, proposal, planned),
    )


def same(draft: Draft | None, live: Version | None) -> bool:
    if draft is None or live is None:
        return False
    try:
        return draft.document().hash == live.hash
    except DocumentInvalid:
        return False


def arrived_steps(draft: Draft | None, live: Version, last: GoingLive | None) -> list[Step]:
    """The way that the live version has come; one that a command brought live was not proposed."""
    way = steps(draft, proposal_of(live), None)[:-1]
    is_last = last is not None and last.version_id == live.pk
    at = last.done_at if last and is_last and last.state == GoingLive.State.DONE else None
    return [
        *(replace(step, waits="") for step in way),
        Step(_("Live"), "rocket_launch", True, at=at),
    ]


def agreed_proposal(model: ScoringModel) -> Proposal | None:
    agreed = Proposal.objects.standing().filter(
        version__model=model, version__state=Version.State.AGREED
    )
    return with_signatures(agreed).first()


def steps(draft: Draft | None, proposal: Proposal | None, planned: GoingLive | None) -> list[Step]:
    found = [
        Step(
            _("Draft"),
            "edit_note",
            bool(draft or proposal),
            at=draft.changed_at if draft else None,
            waits="" if draft or proposal else _("Nobody has begun one."),
        ),
        Step(
            _("Proposed"),
            "outgoing_mail",
            proposal is not None,
            who=proposal.who if proposal else "",
            at=proposal.proposed_at if proposal else None,
            waits=_("Waits to be proposed.") if draft and not proposal else "",
        ),
    ]
    found += [signing_step(side, proposal) for side in Side]
    agreed = proposal is not None and proposal.agreed_at is not None
    found.append(
        Step(
            _("Agreed"),
            "handshake",
            agreed,
            at=proposal.agreed_at if proposal and agreed else None,
        )
    )
    found.append(going_step(agreed, planned))
    return found


def signing_step(side: Side, proposal: Proposal | None) -> Step:
    title = _("Signed by %(side)s") % {"side": side.label}
    signature: Signature | None = None
    if proposal:
        given = [each for each in proposal.signatures.all() if each.void_at is None]
        signature = next((each for each in given if each.side == side), None)
    if signature:
        return Step(title, "signature", True, signature.who, signature.at)
    waits = waits_for(signers(side)) if proposal else ""
    return Step(title, "signature", False, waits=waits)


def going_step(agreed: bool, planned: GoingLive | None) -> Step:
    title, icon = _("Live"), "rocket_launch"
    if planned:
        return Step(title, icon, False, planned.who, planned.due_at, mark="planned")
    if not agreed:
        return Step(title, icon, False)
    people = [user.get_full_name() or user.get_username() for user in people_with(PUBLISH)]
    return Step(title, icon, False, waits=waits_for(people))


def waits_for(names: list[str]) -> str:
    if not names:
        return _("Nobody may do this. An administrator gives people roles.")
    named = ", ".join(names[:NAMED])
    if len(names) > NAMED:
        named = _("%(names)s and %(more)d more") % {"names": named, "more": len(names) - NAMED}
    return _("Waits for %(names)s.") % {"names": named}

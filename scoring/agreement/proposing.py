"""A draft is frozen and put forward, or a proposal is withdrawn."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models.teams import name_of
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.beside import PROPOSED
from scoring.agreement.changes import Change, Refused
from scoring.agreement.periods import has_been_live
from scoring.agreement.planned import take_back_plans
from scoring.agreement.proposals import REASON_MOST, Proposal, open_proposal
from scoring.agreement.sides import PROPOSE
from scoring.agreement.signing import Signature
from scoring.agreement.told import tell, told_who_care
from scoring.criteria.document import DocumentInvalid, ModelDocument
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.scenarios import try_scenarios


def nothing_differs(live: Version) -> str:
    return _("Nothing differs from version %(number)d, which is live.") % {"number": live.number}


class Propose(Change[Proposal]):
    """Freeze what the draft says, and ask both sides to sign it. The draft can go on.

    ``looked_at``: the hash that the page showed; empty where nobody has looked yet.
    """

    permission = PROPOSE

    def __init__(
        self,
        user: object,
        model: ScoringModel,
        reason: str = "",
        review_on: date | None = None,
        looked_at: str = "",
    ) -> None:
        super().__init__(user, model)  # type: ignore[arg-type]  # of any request
        self.reason = reason.strip()
        self.review_on = review_on
        self.looked_at = looked_at
        self.tried: str = ""

    def draft(self) -> Draft | None:
        return Draft.objects.filter(model=self.model).select_related("model").first()

    def document(self) -> ModelDocument:
        """Raises Refused with every fault."""
        draft = self.draft()
        if draft is None:
            raise Refused([_("There is no draft: begin one on the tab of the criteria.")])
        try:
            return draft.document()
        except DocumentInvalid as invalid:
            raise Refused([str(fault) for fault in invalid.faults]) from None

    def obstacles(self) -> list[str]:
        """What stands in the way, whatever would be written as the reason."""
        try:
            document = self.document()
        except Refused as refused:
            return [*self.already_open(), *refused.reasons]
        return [*self.already_open(), *self.same(document), *failing(document)]

    def already_open(self) -> list[str]:
        proposal = open_proposal(self.model)
        if proposal is None:
            return []
        said = {"number": proposal.version.number, "who": proposal.who}
        return [
            _(
                "Version %(number)d, proposed by %(who)s, waits for signatures. There is one "
                "proposal at a time: have it signed or withdrawn first."
            )
            % said
        ]

    def same(self, document: ModelDocument) -> list[str]:
        """Whether there is a version already that says exactly this."""
        found = Version.objects.filter(model=self.model, hash=document.hash).first()
        if found is None:
            return []
        number = {"number": found.number}
        if found.state == Version.State.LIVE:
            return [nothing_differs(found)]
        if found.state == Version.State.AGREED:
            return [_("Version %(number)d says exactly this and is agreed already.") % number]
        if found.proposals.standing().exists() and found.state != Version.State.PROPOSED:
            return [
                _(
                    "Version %(number)d says exactly this and was signed before. "
                    "Go back to it on the tab of the versions."
                )
                % number
            ]
        return []

    def prepare(self) -> None:
        """The scenarios take a while, and are tried without holding anybody up."""
        document = self.document()
        if reasons := [*self.already_open(), *self.same(document), *failing(document)]:
            raise Refused(reasons)
        self.tried = document.hash

    def check(self) -> list[str]:
        found = []
        document = self.document()
        if document.hash != (self.looked_at or self.tried) or document.hash != self.tried:
            found.append(_("The draft has been changed meanwhile. Look at it again."))
        if not self.reason:
            found.append(_("Write what changes and why: those who sign will read it."))
        if len(self.reason) > REASON_MOST or "\0" in self.reason:
            found.append(_("At most %(most)d characters, please.") % {"most": REASON_MOST})
        if self.review_on and self.review_on <= timezone.localdate():
            found.append(_("The day of the review must be in the future."))
        return [*found, *self.already_open(), *self.same(document)]

    def do(self) -> Proposal:
        draft = self.draft()
        if draft is None:
            raise Refused([_("There is no draft: begin one on the tab of the criteria.")])
        try:
            version = draft.freeze(self.user).version
        except DocumentInvalid as invalid:
            raise Refused([str(fault) for fault in invalid.faults]) from None
        Version.objects.filter(pk=version.pk).update(state=Version.State.PROPOSED)
        proposal = Proposal.objects.create(
            version=version,
            base=Version.objects.live().filter(model=self.model).first(),
            reason=self.reason,
            review_on=self.review_on,
            proposed_by=self.user,
            proposed_name=self.user.get_username(),
        )
        for follow in PROPOSED:
            follow(version)
        AuditEntry.objects.note(
            self.user, self.model, Action.PROPOSED, version, hash=version.hash, text=self.reason
        )
        tell(
            told_who_care(version, but=self.user),
            f"proposed:{proposal.pk}",
            version,
            gettext_lazy("%(who)s asks you to sign version %(number)d of “%(model)s”"),
            self.reason,
            "sign",
            who=name_of(self.user),
        )
        return proposal


def failing(document: ModelDocument) -> list[str]:
    """The scenarios that do not give the band that they should, in words."""
    found = []
    for trial in try_scenarios(document, timezone.now()):
        said = {"name": trial.scenario.name, "band": trial.scenario.expect}
        if trial.result is None:
            told = _("Scenario “%(name)s” should be %(band)s, but is outside the audience.")
            found.append(told % said)
        elif not trial.passed:
            told = _("Scenario “%(name)s” should be %(band)s, but is %(found)s (%(total)d).")
            found.append(told % (said | {"found": trial.result.band, "total": trial.result.total}))
    return found


class Withdraw(Change[None]):
    """A proposal is ended before it is live; its signatures are kept, and void."""

    permission = PROPOSE

    def __init__(self, user: object, version: Version, reason: str = "") -> None:
        super().__init__(user, version.model)  # type: ignore[arg-type]  # of any request
        self.version = version
        self.reason = reason.strip()

    def standing(self) -> Proposal | None:
        waits = [Version.State.PROPOSED, Version.State.AGREED]
        found = Proposal.objects.standing().filter(version=self.version, version__state__in=waits)
        return found.first()

    def check(self) -> list[str]:
        if self.standing() is None:
            return [_("This proposal is not open any more.")]
        if len(self.reason) > REASON_MOST or "\0" in self.reason:
            return [_("At most %(most)d characters, please.") % {"most": REASON_MOST}]
        return []

    def do(self) -> None:
        proposal = self.standing()
        if proposal is None:
            return
        told = told_who_care(self.version, but=self.user)
        now = timezone.now()
        take_back_plans(self.user, self.version)
        Signature.objects.filter(proposal=proposal, void_at=None).update(
            void_at=now, void_reason=Signature.Void.WITHDRAWN
        )
        Proposal.objects.filter(pk=proposal.pk).update(
            withdrawn_at=now, withdrawn_name=self.user.get_username()
        )
        lived = has_been_live(self.version)
        state = Version.State.RETIRED if lived else Version.State.DRAFT
        Version.objects.filter(pk=self.version.pk).update(state=state)
        AuditEntry.objects.note(
            self.user, self.model, Action.WITHDRAWN, self.version, text=self.reason
        )
        tell(
            told,
            f"withdrawn:{proposal.pk}",
            self.version,
            gettext_lazy("%(who)s has withdrawn version %(number)d of “%(model)s”"),
            self.reason,
            who=name_of(self.user),
        )

"""Signatures: each side signs the hash of a proposed version, and nobody signs for both."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models.teams import name_of
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.changes import Change
from scoring.agreement.planned import take_back_plans
from scoring.agreement.proposals import Proposal, open_proposal, proposal_of
from scoring.agreement.sides import Side, people_with, sides_of
from scoring.agreement.told import tell, told_who_care, who_bring_live
from scoring.criteria.models import Version

COMMENT_MOST = 4000


class Signature(models.Model):
    """A person's word for a version, for one side. Taken back or voided, it is still kept."""

    class Void(models.TextChoices):
        TAKEN_BACK = "taken_back", gettext_lazy("taken back")
        WITHDRAWN = "withdrawn", gettext_lazy("the proposal was withdrawn")

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="signatures")
    # Beside the proposal, for the constraints.
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="signatures")
    side = models.CharField(gettext_lazy("side"), max_length=10, choices=Side.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("signed by"),
    )
    username = models.CharField(max_length=150)
    # What was on the page when it was signed.
    hash = models.CharField(gettext_lazy("hash"), max_length=64)
    comment = models.TextField(
        gettext_lazy("comment"), max_length=COMMENT_MOST, blank=True, default=""
    )
    at = models.DateTimeField(gettext_lazy("signed"), default=timezone.now)
    void_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=10, blank=True, default="", choices=Void.choices)

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        verbose_name = gettext_lazy("signature")
        verbose_name_plural = gettext_lazy("signatures")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "side"],
                condition=models.Q(void_at=None),
                name="one_signature_a_side",
            ),
            models.UniqueConstraint(
                fields=["version", "user"],
                condition=models.Q(void_at=None),
                name="nobody_signs_for_both",
            ),
            models.CheckConstraint(condition=models.Q(side__in=Side.values), name="signature_side"),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.username}"

    @property
    def who(self) -> str:
        return name_of(self.user) if self.user else self.username


class Sign(Change[Signature]):
    """``looked_at``: the hash that the page showed, so that nobody signs what they did not see."""

    def __init__(
        self, user: object, version: Version, side: str, looked_at: str, comment: str = ""
    ) -> None:
        super().__init__(user, version.model)  # type: ignore[arg-type]  # of any request
        self.version = version
        self.side = side
        self.looked_at = looked_at
        self.comment = comment.strip()

    def may(self) -> bool:
        return self.side in sides_of(self.user)

    def check(self) -> list[str]:
        proposal = open_proposal(self.model)
        if proposal is None:
            return [_("There is no open proposal: nothing can be signed now.")]
        if proposal.version_id != self.version.pk or proposal.version.hash != self.looked_at:
            return [_("Another version is proposed now. Look at it before you sign.")]
        found = []
        standing = [each for each in proposal.signatures.all() if each.void_at is None]
        for signature in standing:
            side = {"side": signature.get_side_display(), "who": signature.who}
            if signature.user_id == self.user.pk:
                found.append(_("You have signed for %(side)s; nobody signs twice.") % side)
            elif signature.side == self.side:
                found.append(_("%(who)s has signed for %(side)s already.") % side)
        if len(self.comment) > COMMENT_MOST or "\0" in self.comment:
            found.append(_("At most %(most)d characters, please.") % {"most": COMMENT_MOST})
        return found

    def do(self) -> Signature:
        proposal = Proposal.objects.open().get(version=self.version)
        signature = Signature.objects.create(
            proposal=proposal,
            version=self.version,
            side=self.side,
            user=self.user,
            username=self.user.get_username(),
            hash=self.looked_at,
            comment=self.comment,
        )
        AuditEntry.objects.note(
            self.user,
            self.model,
            Action.SIGNED,
            self.version,
            side=self.side,
            hash=self.looked_at,
            **({"text": self.comment} if self.comment else {}),
        )
        if proposal.missing_sides():
            tell(
                told_who_care(self.version, but=self.user),
                f"signed:{signature.pk}",
                self.version,
                gettext_lazy("%(who)s has signed version %(number)d of “%(model)s”"),
                self.comment,
                who=name_of(self.user),
            )
        else:
            self.agree(proposal, signature)
        return signature

    def agree(self, proposal: Proposal, last: Signature) -> None:
        """Both sides have signed; what was agreed before and never went live is superseded."""
        versions = Version.objects.filter(model=self.model)
        older = versions.filter(state=Version.State.AGREED)
        for version in older:
            take_back_plans(self.user, version)
        older.update(state=Version.State.RETIRED)
        versions.filter(pk=self.version.pk).update(state=Version.State.AGREED)
        Proposal.objects.filter(pk=proposal.pk).update(agreed_at=timezone.now())
        AuditEntry.objects.note(
            None, self.model, Action.AGREED, self.version, hash=self.version.hash
        )
        people = {user.pk: user for user in [*told_who_care(self.version), *who_bring_live()]}
        tell(
            [people[pk] for pk in sorted(people)],
            f"agreed:{last.pk}",
            self.version,
            gettext_lazy("Both sides have signed version %(number)d of “%(model)s”"),
            gettext_lazy("It can be brought live."),
        )


class TakeBack(Change[None]):
    """A signature is taken back, by whoever gave it, until the version is live."""

    def __init__(self, user: object, version: Version) -> None:
        super().__init__(user, version.model)  # type: ignore[arg-type]  # of any request
        self.version = version

    def own(self) -> Signature | None:
        found = Signature.objects.filter(version=self.version, user=self.user.pk, void_at=None)
        return found.select_related("proposal").first()

    def check(self) -> list[str]:
        if self.own() is None:
            return [_("You have not signed this version.")]
        version = Version.objects.get(pk=self.version.pk)
        if version.state not in (Version.State.PROPOSED, Version.State.AGREED):
            return [_("This version is not waiting to go live any more: what was signed stays.")]
        others = open_proposal(self.model)
        if version.state == Version.State.AGREED and others:
            other = {"number": others.version.number}
            return [_("Version %(number)d is proposed meanwhile; withdraw that first.") % other]
        return []

    def do(self) -> None:
        signature = self.own()
        if signature is None:
            return
        Signature.objects.filter(pk=signature.pk).update(
            void_at=timezone.now(), void_reason=Signature.Void.TAKEN_BACK
        )
        take_back_plans(self.user, self.version)
        # What was agreed waits for a signature again.
        Version.objects.filter(pk=self.version.pk).update(state=Version.State.PROPOSED)
        Proposal.objects.filter(pk=signature.proposal_id).update(agreed_at=None)
        AuditEntry.objects.note(
            self.user, self.model, Action.UNSIGNED, self.version, side=signature.side
        )
        tell(
            told_who_care(self.version, but=self.user),
            f"unsigned:{signature.pk}",
            self.version,
            gettext_lazy(
                "%(who)s has taken back the signature under version %(number)d of “%(model)s”"
            ),
            who=name_of(self.user),
        )


def signers(side: Side) -> list[str]:
    """The names of whoever may sign for a side."""
    return [name_of(user) for user in people_with(side.permission)]


def is_signed(version: Version) -> bool:
    """Whether both sides have signed exactly this version."""
    proposal = proposal_of(version)
    return proposal is not None and not proposal.missing_sides()

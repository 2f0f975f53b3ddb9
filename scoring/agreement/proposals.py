"""Proposals: a version that both sides are asked to sign, by whom, why, and until when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models.teams import name_of
from scoring.agreement.sides import PUBLISH, Side, sides_of
from scoring.criteria.models import ScoringModel, Version

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin

REASON_MOST = 4000


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def standing(self) -> Self:
        """Those that were not withdrawn."""
        return self.filter(withdrawn_at=None)

    def open(self) -> Self:
        """Those that wait for signatures."""
        return self.standing().filter(version__state=Version.State.PROPOSED, agreed_at=None)


class Proposal(models.Model):
    """One time that a version was put forward. The version never changes; a proposal may end.

    A version that was withdrawn may be proposed again, and is then signed anew.
    """

    version = models.ForeignKey(
        Version,
        on_delete=models.CASCADE,
        related_name="proposals",
        verbose_name=gettext_lazy("version"),
    )
    # What was live when it was proposed: what the signers were shown the difference to.
    base = models.ForeignKey(
        Version, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(gettext_lazy("what changes and why"), max_length=REASON_MOST)
    review_on = models.DateField(gettext_lazy("to be reviewed on"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("proposed by"),
    )
    # Names are kept: an agreement outlives the people's accounts.
    proposed_name = models.CharField(max_length=150)
    proposed_at = models.DateTimeField(gettext_lazy("proposed"), default=timezone.now)
    withdrawn_at = models.DateTimeField(gettext_lazy("withdrawn"), null=True, blank=True)
    withdrawn_name = models.CharField(max_length=150, blank=True, default="")
    agreed_at = models.DateTimeField(gettext_lazy("agreed"), null=True, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()
        verbose_name = gettext_lazy("proposal")
        verbose_name_plural = gettext_lazy("proposals")
        constraints = [
            models.UniqueConstraint(
                fields=["version"],
                condition=models.Q(withdrawn_at=None),
                name="one_standing_proposal",
            )
        ]

    def __str__(self) -> str:
        return str(self.version)

    @property
    def who(self) -> str:
        return name_of(self.proposed_by) if self.proposed_by else self.proposed_name

    def signed_sides(self) -> set[str]:
        return {each.side for each in self.signatures.all() if each.void_at is None}

    def missing_sides(self) -> list[Side]:
        signed = self.signed_sides()
        return [side for side in Side if side not in signed]


def open_proposal(model: ScoringModel) -> Proposal | None:
    return with_signatures(Proposal.objects.open()).filter(version__model=model).first()


def proposal_of(version: Version) -> Proposal | None:
    """The standing proposal of a version; None where it was never proposed, or withdrawn."""
    return with_signatures(Proposal.objects.standing()).filter(version=version).first()


def with_signatures(proposals: ProposalQuerySet) -> ProposalQuerySet:
    related = proposals.select_related("version__model", "base", "proposed_by")
    return related.prefetch_related("signatures__user")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for a person: what, where to do it, since when."""

    title: str
    link: str
    icon: str
    since: datetime


def waiting_for(user: "User | AbstractBaseUser | AnonymousUser") -> list[Waiting]:
    """What of the agreement waits for this person, what has waited longest first."""
    found = [*signatures_wanted(user), *objections_to_answer(user), *to_bring_live(user)]
    return sorted(found, key=lambda each: each.since)


def signatures_wanted(user: "AbstractBaseUser | AnonymousUser") -> Iterator[Waiting]:
    own = sides_of(user)
    if not own:
        return
    for proposal in with_signatures(Proposal.objects.open()):
        standing = [each for each in proposal.signatures.all() if each.void_at is None]
        if any(each.user_id == user.pk for each in standing):
            continue
        if set(own) & set(proposal.missing_sides()):
            yield Waiting(
                _("Sign version %(number)d of “%(model)s”") % names_of(proposal.version),
                page_of(proposal.version, "sign"),
                "signature",
                proposal.proposed_at,
            )


def objections_to_answer(user: "AbstractBaseUser | AnonymousUser") -> Iterator[Waiting]:
    """On what this person has put forward."""
    versions = Version.objects.filter(
        proposals__proposed_by=user.pk,
        proposals__withdrawn_at=None,
        state__in=[Version.State.PROPOSED, Version.State.AGREED],
    )
    for version in versions.select_related("model").distinct():
        for objection in version.remarks.open_objections().select_related("user"):
            if objection.user_id != user.pk:
                said = names_of(version) | {"who": objection.who}
                told = _("Answer the objection of %(who)s to version %(number)d of “%(model)s”")
                yield Waiting(
                    told % said,
                    page_of(version),
                    "feedback",
                    objection.at,
                )


def to_bring_live(user: "AbstractBaseUser | AnonymousUser") -> Iterator[Waiting]:
    if not cast("PermissionsMixin", user).has_perm(PUBLISH):
        return
    agreed = Proposal.objects.standing().filter(
        version__state=Version.State.AGREED, agreed_at__isnull=False
    )
    planned = set(agreed.filter(version__goings_live__state="waiting").values_list("pk", flat=True))
    for proposal in agreed.select_related("version__model"):
        if proposal.pk not in planned and proposal.agreed_at:
            yield Waiting(
                _("Bring version %(number)d of “%(model)s” live") % names_of(proposal.version),
                page_of(proposal.version, "live", proposal.version_id),
                "rocket_launch",
                proposal.agreed_at,
            )


def names_of(version: Version) -> dict[str, object]:
    return {"number": version.number, "model": version.model.name}


def page_of(version: Version, name: str = "", *more: object) -> str:
    """The address of the tab of the agreement, or of a page below it."""
    view = "_".join(["admin:scoring_scoringmodel_agreement", *([name] if name else [])])
    return reverse(view, args=[version.model_id, *more])

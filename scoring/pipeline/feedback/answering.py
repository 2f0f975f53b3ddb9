"""Sales accept or reject a lead that was handed over; for some days they may change their mind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Contact
from contacts.models.people import sees_everybody
from contacts.models.teams import name_of
from contacts.normalise import normalise
from contacts.provenance import recorded_as
from scoring.pipeline.assigning.claiming import Claim, NotPossible, may_claim, shown, who_was_faster
from scoring.pipeline.feedback.models import TEXT_MOST, Handover, Verdict, VerdictKind
from scoring.pipeline.feedback.reasons import RejectionReason
from scoring.pipeline.feedback.settling import (
    move_lifecycle,
    put_activity,
    settle_alarms,
    settle_tasks,
)

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

ANSWER: Final = "scoring.change_handover"
CHANGE_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a lead; a rejection has its reason."""

    verdict: VerdictKind
    reason: RejectionReason | None = None
    text: str = ""

    def faults(self) -> list[str]:
        if len(self.text) > TEXT_MOST:
            return [_("At most %(most)d characters.") % {"most": TEXT_MOST}]
        if self.verdict == VerdictKind.REJECTED and self.reason is None:
            return [_("Choose a reason: marketing learns from it.")]
        return []

    def is_of(self, handover: Handover) -> bool:
        found = (handover.verdict, handover.reason_id, handover.text)
        return found == (self.verdict, self.reason.pk if self.reason else None, self.text)


class Answer:
    """One person's word on one handover.

    ``seen``: what the person was looking at (``Handover.state``). Of two at once the second
    sees something else by then, and is told who said what. Whoever sends the same twice is
    told nothing new.
    """

    def __init__(
        self,
        handover: Handover,
        user: "User | AbstractBaseUser | AnonymousUser",
        said: Said,
        seen: str,
    ) -> None:
        self.handover = handover
        self.user = cast(User, user)
        self.said = said
        self.seen = seen

    def may(self) -> bool:
        return self.user.has_perm(ANSWER)

    def check(self) -> list[str]:
        """Why it cannot be said now, in words; empty where it can."""
        contact = self.handover.contact
        if not Contact.objects.visible_to(self.user).filter(pk=contact.pk).exists():
            return [who_was_faster(contact)]
        if self.seen != self.handover.state:
            return [who_answered(self.handover)]
        if not may_still_change(self.handover, timezone.now()):
            return [_("This answer is more than 7 days old, and stays as it is.")]
        return self.said.faults() or self.claim_faults()

    def claim_faults(self) -> list[str]:
        return Claim(self.handover.contact, self.user).check() if self.takes_it else []

    @property
    def takes_it(self) -> bool:
        """A salesperson who accepts a lead of the pool takes it; a manager only answers."""
        return (
            self.said.verdict == VerdictKind.ACCEPTED
            and not normalise(self.handover.contact.owner)
            and may_claim(self.user)
            and not sees_everybody(self.user)
        )

    def execute(self) -> Handover:
        """Raises PermissionDenied, Handover.DoesNotExist or NotPossible, and changes nothing then.

        Handover.DoesNotExist: the contact was removed meanwhile.
        """
        if not self.may():
            raise PermissionDenied
        with transaction.atomic(), recorded_as(f"admin: {self.user.get_username()}"):
            self.handover = locked(self.handover.pk)
            if self.said.is_of(self.handover) and self.handover.answered_by_id == self.user.pk:
                return self.handover
            if reasons := self.check():
                raise NotPossible(" ".join(reasons))
            if self.takes_it:
                Claim(self.handover.contact, self.user).execute()
                self.handover.contact.refresh_from_db()
            self.store(timezone.now())
        return self.handover

    def store(self, at: datetime) -> None:
        handover, said = self.handover, self.said
        was, former = handover.verdict, handover.answered_at
        handover.verdict, handover.reason, handover.text = said.verdict, said.reason, said.text
        handover.answered_at, handover.answered_by = at, self.user
        handover.save(update_fields=["verdict", "reason", "text", "answered_at", "answered_by"])
        before = move_lifecycle(handover, was)
        Verdict.objects.create(
            handover=handover,
            verdict=said.verdict,
            reason=said.reason,
            text=said.text,
            at=at,
            by=self.user,
            lifecycle_before=before,
        )
        settle_alarms(handover)
        settle_tasks(handover, self.user, former)
        put_activity(handover, at)


def locked(pk: int) -> Handover:
    """The handover as it is now, with its contact locked first, as a claim does."""
    contact = Handover.objects.filter(pk=pk).values_list("contact", flat=True).first()
    list(Contact.objects.select_for_update(no_key=True).filter(pk=contact or 0).values_list("pk"))
    rows = Handover.objects.select_for_update(of=("self",))
    return rows.select_related("contact__company", "answered_by", "reason").get(pk=pk)


def may_still_change(handover: Handover, at: datetime) -> bool:
    """From the first answer on, or one could be kept open for ever."""
    first = handover.verdicts.values_list("at", flat=True).first()
    return first is None or at < first + CHANGE_FOR


def who_answered(handover: Handover) -> str:
    """Whose word stands, for somebody who was looking at something else."""
    if handover.answered_at is None:
        return _("This lead waits for an answer again: look at it once more.")
    who = name_of(handover.answered_by) if handover.answered_by else _("somebody")
    facts = {"name": who, "when": shown(handover.answered_at)}
    if handover.verdict == VerdictKind.ACCEPTED:
        return _("%(name)s was faster: this lead was accepted at %(when)s.") % facts
    return _("%(name)s was faster: this lead was rejected at %(when)s.") % facts

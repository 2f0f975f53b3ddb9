"""Leads that were handed over to sales, what sales said of them, and what reminds of that."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Calendar, Contact
from contacts.models.on_merge import MoveUnlessThere
from contacts.models.people import sees_everybody
from contacts.working_time import NoWorkingTime
from scoring.automations.models import Crossing
from scoring.criteria.models import ScoringModel
from scoring.pipeline.feedback.counting import CountingQuerySet
from scoring.pipeline.feedback.levels import ServiceLevel
from scoring.pipeline.feedback.reasons import RejectionReason

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

__all__ = ["Alarm", "Handover", "RejectionReason", "ServiceLevel", "Verdict"]

TEXT_MOST: Final = 2000


class VerdictKind(models.TextChoices):
    ACCEPTED = "accepted", pgettext_lazy("lead", "Accepted")
    REJECTED = "rejected", pgettext_lazy("lead", "Rejected")


class HandoverQuerySet(CountingQuerySet["Handover"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        if sees_everybody(user):
            return self
        return self.filter(contact__in=Contact.objects.visible_to(user))

    def waiting(self) -> Self:
        """Those that sales have not answered yet, and still can: who is erased is nobody."""
        return self.filter(answered_at__isnull=True, contact__erased_at=None)

    def unreached(self) -> Self:
        """Nobody has tried to reach the lead, and somebody still is to."""
        return self.filter(responded_at=None).exclude(verdict=VerdictKind.REJECTED)

    def respond(self, contact_ids: Iterable[int], at: datetime) -> int:
        """Note the first attempt to reach these leads since they were handed over.

        Also of a lead that was accepted before; how many handovers it was the first for.
        """
        with transaction.atomic():
            found = list(
                self.unreached()
                .filter(contact__in=set(contact_ids), handed_at__lte=at)
                .select_related("calendar")
                .order_by("pk")
                .select_for_update(of=("self",))
            )
            for handover in found:
                handover.responded_at = at
                handover.response_seconds = handover.worked_until(at)
                handover.save(update_fields=["responded_at", "response_seconds"])
            Alarm.objects.filter(handover__in=found).waiting().of_response().delete()
        return len(found)


class Handover(models.Model):
    """A lead is handed over to sales, who say what it was worth: accepted or rejected.

    A contact has at most one that is not answered in each model.
    """

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="handovers", verbose_name=_("contact")
    )
    model = models.ForeignKey(
        ScoringModel,
        on_delete=models.CASCADE,
        related_name="handovers",
        verbose_name=_("scoring model"),
    )
    crossing = models.ForeignKey(
        Crossing, on_delete=models.SET_NULL, null=True, blank=True, related_name="handovers"
    )
    band = models.CharField(_("band"), max_length=200)
    total = models.BigIntegerField(_("total"), null=True)
    # Whose lead it was then: the contact's owner may change.
    owner = models.CharField(_("handed to"), max_length=255, blank=True, default="")
    calendar = models.ForeignKey(
        Calendar, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("calendar")
    )
    handed_at = models.DateTimeField(_("handed over"))
    respond_by = models.DateTimeField(_("first attempt due"), null=True, blank=True)
    feedback_by = models.DateTimeField(_("answer due"), null=True, blank=True)
    responded_at = models.DateTimeField(_("first attempt"), null=True, blank=True)
    # From the handover to the first attempt, in working time.
    response_seconds = models.IntegerField(null=True, blank=True)
    verdict = models.CharField(
        _("verdict"), max_length=8, blank=True, default="", choices=VerdictKind.choices
    )
    reason = models.ForeignKey(
        RejectionReason,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="handovers",
        verbose_name=_("reason"),
    )
    text = models.TextField(_("comment"), max_length=TEXT_MOST, blank=True, default="")
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    # The key of what made it, so that this makes it once.
    origin = models.CharField(max_length=200, unique=True, null=True, editable=False)

    objects = HandoverQuerySet.as_manager()
    # What waits for the survivor's answer is asked once.
    on_merge = MoveUnlessThere("model", answered_at=None)

    class Meta:
        ordering = ["-handed_at", "-pk"]
        default_permissions = ("view", "change")
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        indexes = [
            models.Index(fields=["contact", "-handed_at"], name="handover_of_contact"),
            models.Index(
                fields=["feedback_by"],
                condition=models.Q(answered_at__isnull=True),
                name="handover_waiting",
            ),
            models.Index(
                fields=["answered_at"],
                condition=models.Q(verdict="accepted"),
                name="handover_accepted",
            ),
            models.Index(
                fields=["handed_at"],
                condition=models.Q(responded_at=None) & ~models.Q(verdict="rejected"),
                name="handover_unreached",
            ),
            models.Index(fields=["model", "handed_at"], name="handover_by_time"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "model"],
                condition=models.Q(answered_at__isnull=True),
                name="handover_waiting_once",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict="") ^ models.Q(answered_at__isnull=False),
                name="handover_answered_with_verdict",
            ),
            models.CheckConstraint(
                condition=~models.Q(verdict="rejected") | models.Q(reason__isnull=False),
                name="handover_rejected_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact}: {self.band}"

    @property
    def state(self) -> str:
        """Changes with every answer: what a page shows, and sends back with what is said."""
        return self.answered_at.isoformat() if self.answered_at else ""

    @property
    def is_waiting(self) -> bool:
        return self.answered_at is None

    @property
    def next_due(self) -> datetime | None:
        """What is to be done first: reach the lead, or say what it was worth."""
        wanted = [self.feedback_by] if self.responded_at else [self.respond_by, self.feedback_by]
        return min((at for at in wanted if at is not None), default=None)

    def worked_until(self, at: datetime) -> int:
        """Seconds of working time from the handover to then."""
        calendar = self.calendar or Calendar.objects.default()
        try:
            worked = calendar.working_time().between(self.handed_at, at)
        except NoWorkingTime:
            worked = timedelta(0)
        return int(worked.total_seconds())


class Verdict(models.Model):
    """What was said of a handover at some time: the verdict that stands, and those before it."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="verdicts")
    verdict = models.CharField(_("verdict"), max_length=8, choices=VerdictKind.choices)
    reason = models.ForeignKey(
        RejectionReason, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.TextField(_("comment"), max_length=TEXT_MOST, blank=True, default="")
    # Of the contact, where this moved it; None where it did not.
    lifecycle_before = models.CharField(max_length=20, null=True, blank=True)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )

    class Meta:
        ordering = ["pk"]
        default_permissions = ("view",)
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")

    def __str__(self) -> str:
        return self.get_verdict_display()


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def waiting(self) -> Self:
        return self.filter(done_at=None)

    def due(self, at: datetime) -> Self:
        return self.waiting().filter(due_at__lte=at)

    def of_response(self) -> Self:
        return self.filter(kind__in=[Alarm.Kind.RESPONSE_NEAR, Alarm.Kind.RESPONSE_PAST])

    def of_feedback(self) -> Self:
        return self.filter(kind__in=[Alarm.Kind.FEEDBACK_NEAR, Alarm.Kind.FEEDBACK_PAST])


class Alarm(models.Model):
    """Somebody is to be told at an instant that a handover waits; goes off once.

    What is no longer to be told is deleted: the lead was reached, or the handover answered.
    """

    class Kind(models.TextChoices):
        RESPONSE_NEAR = "response_near", _("the first attempt is due soon")
        RESPONSE_PAST = "response_past", _("the first attempt is overdue")
        FEEDBACK_NEAR = "feedback_near", _("the answer is due soon")
        FEEDBACK_PAST = "feedback_past", _("the answer is overdue")

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="alarms")
    kind = models.CharField(_("kind"), max_length=13, choices=Kind.choices)
    due_at = models.DateTimeField(_("due"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        default_permissions = ("view",)
        verbose_name = _("reminder of a handover")
        verbose_name_plural = _("reminders of handovers")
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(done_at__isnull=True), name="alarm_due"
            )
        ]
        constraints = [models.UniqueConstraint(fields=["handover", "kind"], name="alarm_once")]

    def __str__(self) -> str:
        return self.get_kind_display()

"""Who is in a sequence, and what was done for whom."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Task
from contacts.models.people import sees_everybody
from scoring.automations.merging import EndTwice
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.models import Sequence, SequenceStep
from scoring.engine.models import Track

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        if sees_everybody(user):
            return self
        return self.filter(contact__in=Contact.objects.visible_to(user))

    def active(self) -> Self:
        return self.filter(state=Enrolment.State.ACTIVE)

    def due(self, at: datetime) -> Self:
        due = self.active().filter(next_at__lte=at, sequence__active=True)
        return due.order_by("next_at", "pk")


class Enrolment(models.Model):
    """A contact in a sequence; once at a time, and kept when it has left."""

    class State(models.TextChoices):
        ACTIVE = "active", _("In it")
        FINISHED = "finished", _("Finished")
        LEFT = "left", _("Left")

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        BOUNCED = "bounced", _("the address takes no mail")
        REPLY = "reply", _("answered")
        MEETING = "meeting", _("booked a meeting")
        GOAL = "goal", _("reached the goal")
        EXCLUDED = "excluded", _("excluded from scoring")
        AUDIENCE = "audience", _("no longer in the audience")
        BAND = "band", _("the band changed")
        AUTOMATION = "automation", _("an automation")
        PERSON = "person", _("taken out by a person")
        MERGED = "merged", _("merged with a contact that was in it")

    id = models.BigAutoField(primary_key=True)
    sequence = models.ForeignKey(
        Sequence, on_delete=models.CASCADE, related_name="enrolments", verbose_name=_("sequence")
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="enrolments", verbose_name=_("contact")
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    reason = models.CharField(
        _("why it left"), max_length=12, choices=Reason.choices, blank=True, default=""
    )
    # The step that comes next; found anew whenever it is due.
    step = models.ForeignKey(
        SequenceStep,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("next step"),
    )
    next_at = models.DateTimeField(_("next step on"), null=True)
    started_at = models.DateTimeField(_("since"), default=timezone.now)
    # When its last step was done; the wait for the next one begins here.
    stepped_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(_("until"), null=True)
    crossing = models.ForeignKey(
        "scoring.Crossing", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    enrolled_by = models.CharField(_("enrolled by"), max_length=200, blank=True, default="")
    # Whose bands and audience count: a live one, also while a pilot acts for the contact beside
    # it. None where no model was live.
    track = models.ForeignKey(Track, on_delete=models.SET_NULL, null=True, related_name="+")
    band_at_start = models.CharField(max_length=200, blank=True, default="")
    trouble = models.CharField(_("trouble"), max_length=500, blank=True, default="")

    objects = EnrolmentQuerySet.as_manager()
    on_merge = EndTwice()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("person in a sequence")
        verbose_name_plural = _("people in sequences")
        constraints = [
            models.UniqueConstraint(
                fields=["sequence", "contact"], condition=Q(state="active"), name="enrolment_once"
            ),
            models.CheckConstraint(
                condition=Q(state="active") ^ Q(ended_at__isnull=False), name="enrolment_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="active"), name="enrolment_due"),
            models.Index(fields=["sequence", "state"], name="enrolment_state"),
        ]

    def __str__(self) -> str:
        return f"{self.contact}: {self.sequence}"

    def next_step(self) -> SequenceStep | None:
        """The step after the last one done that is still there; none is ever done twice."""
        done = {run.step_id: run.step.position for run in self.runs.select_related("step")
                if run.step}  # fmt: skip
        last = max(done.values(), default=-1)
        rest = self.sequence.steps.exclude(pk__in=list(done)).filter(position__gt=last)
        return rest.select_related("sequence", "team", "person").order_by("position", "pk").first()

    def end(self, state: str, reason: str = "") -> None:
        """In the transaction of the caller, who has locked the row."""
        self.state, self.reason, self.ended_at = state, reason, timezone.now()
        self.step, self.next_at = None, None
        self.save(update_fields=["state", "reason", "ended_at", "step", "next_at", "stepped_at"])


class StepRun(models.Model):
    """One step was done for one contact; it is stored together with what it made."""

    id = models.BigAutoField(primary_key=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="runs")
    step = models.ForeignKey(
        SequenceStep, on_delete=models.SET_NULL, null=True, related_name="runs"
    )
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField(_("when"))
    target = models.CharField(max_length=255, blank=True, default="")
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, related_name="+")
    task = models.ForeignKey(Task, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["enrolment", "at", "pk"]
        verbose_name = _("step done")
        verbose_name_plural = _("steps done")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "number"], name="step_run_once"),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}, {self.number}"

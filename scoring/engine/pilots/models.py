"""Pilots and who takes part: for some leads a candidate version acts, for others the live one."""

from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Contact
from contacts.models.on_merge import MoveUnlessThere
from contacts.normalise import normalise
from leadscoring.edited import Edited
from scoring.criteria.models import ScoringModel, Version


class PilotQuerySet(models.QuerySet["Pilot"]):
    def under_way(self) -> Self:
        """Those in which leads may be acted upon by the candidate."""
        return self.filter(state__in=[Pilot.State.RUNNING, Pilot.State.CLOSING])

    def begun(self) -> Self:
        return self.exclude(state=Pilot.State.PLANNED)

    def end_with(self, version: Version, now: datetime) -> None:
        """A version goes live: a pilot of its model is over, whichever version it tries.

        To be called before tracks are locked, for a step of the pilot locks it first as well.
        """
        for pilot in self.filter(model=version.model_id, state=Pilot.State.RUNNING):
            kept = pilot.version_id == version.pk
            pilot.end(Pilot.End.KEPT if kept else Pilot.End.OVERTAKEN, now)


class Pilot(Edited):
    """A candidate beside the live version, for the leads of some salespeople; planned beforehand.

    What was planned is not changed once it has begun.
    """

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("pilot", "Planned")
        RUNNING = "running", pgettext_lazy("pilot", "Running")
        # Over, and its leads go back to the live version in small steps.
        CLOSING = "closing", pgettext_lazy("pilot", "Being ended")
        ENDED = "ended", pgettext_lazy("pilot", "Ended")

    class End(models.TextChoices):
        KEPT = "kept", pgettext_lazy("pilot", "the candidate went live")
        DROPPED = "dropped", pgettext_lazy("pilot", "stopped, the live version stays")
        OVERTAKEN = "overtaken", pgettext_lazy("pilot", "another version went live")

    model = models.ForeignKey(
        ScoringModel, on_delete=models.CASCADE, related_name="pilots", verbose_name=_("model")
    )
    version = models.ForeignKey(
        Version, on_delete=models.PROTECT, related_name="pilots", verbose_name=_("candidate")
    )
    # What was live when it began: the control.
    control = models.ForeignKey(
        Version, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("control")
    )
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.PLANNED)
    ended_as = models.CharField(max_length=9, choices=End.choices, blank=True, default="")
    track = models.OneToOneField(
        "scoring.Track", on_delete=models.SET_NULL, null=True, related_name="piloted"
    )
    salespeople = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("salespeople")
    )
    # [{"key", "name", "condition"}] of the segments as they were when it was planned, in order.
    strata: models.JSONField[Any, Any] = models.JSONField(default=list)
    measure = models.CharField(_("primary measure"), max_length=20)
    days = models.PositiveSmallIntegerField(_("days for each lead"))
    expected = models.DecimalField(_("expected share"), max_digits=5, decimal_places=2)
    smallest = models.DecimalField(_("smallest difference"), max_digits=5, decimal_places=2)
    # Leads of each arm whose days are over: with so many the last look is taken.
    per_arm = models.PositiveIntegerField(_("leads in each arm"))
    weeks = models.PositiveSmallIntegerField(_("weeks"), null=True)
    # Arms are drawn by it, so that nobody can tell beforehand where a lead will be.
    salt = models.CharField(max_length=32)
    # In which the days of its looks begin.
    zone = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    started_at = models.DateTimeField(_("started"), null=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = PilotQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view", "change")
        verbose_name = _("pilot")
        verbose_name_plural = _("pilots")
        constraints = [
            models.UniqueConstraint(
                fields=["model"],
                condition=models.Q(state__in=["running", "closing"]),
                name="one_pilot_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} ({self.get_state_display()})"

    @property
    def window(self) -> timedelta:
        return timedelta(days=self.days)

    @property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone or "UTC")

    @property
    def owners(self) -> list[str]:
        """The chosen salespeople as the owner of a contact names them, normalised."""
        names = self.salespeople.values_list("username", flat=True)
        return sorted(normalise(name) for name in names)

    def stratum_names(self) -> list[str]:
        """In their order; the last is that of the others."""
        return [*(each["name"] for each in self.strata), str(_("others"))]

    def end(self, ended_as: str, at: datetime, by: User | None = None) -> bool:
        """From now on nobody enters, and its leads go back; whether it was running."""
        running = Pilot.objects.filter(pk=self.pk, state=Pilot.State.RUNNING)
        return bool(
            running.update(
                state=Pilot.State.CLOSING, ended_as=ended_as, stopped_at=at, stopped_by=by
            )
        )


class Arm(models.TextChoices):
    CANDIDATE = "candidate", pgettext_lazy("pilot", "Candidate")
    CONTROL = "control", pgettext_lazy("pilot", "Control")


class PilotMember(models.Model):
    """A lead in a pilot: stored once, and counted in its arm whatever happens to it later."""

    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="members")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="pilot_places")
    arm = models.CharField(max_length=9, choices=Arm.choices)
    # The place of the first segment that held when it entered.
    stratum = models.PositiveSmallIntegerField()
    entered_at = models.DateTimeField()
    # When its days are over.
    due_at = models.DateTimeField()
    # Whether things follow from the candidate's score at this moment, and not from the live one.
    acts = models.BooleanField(default=False)

    # A person counts in one arm: the survivor's, if it is in one.
    on_merge = MoveUnlessThere("pilot")

    class Meta:
        default_permissions = ()
        verbose_name = _("lead in a pilot")
        verbose_name_plural = _("leads in pilots")
        constraints = [
            models.UniqueConstraint(fields=["pilot", "contact"], name="pilot_member_once")
        ]
        indexes = [
            models.Index(
                fields=["contact"], condition=models.Q(acts=True), name="pilot_member_acts"
            ),
            models.Index(fields=["pilot", "due_at"], name="pilot_member_due"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.get_arm_display()}"

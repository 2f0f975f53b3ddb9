"""Goings live: asked for by whom, now or at a set time, and what came of each."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models.teams import name_of
from scoring.agreement.audit import Action, AuditEntry
from scoring.criteria.models import ScoringModel, Version
from scoring.engine.models import Recompute

REASON_MOST = 4000


class GoingLiveQuerySet(models.QuerySet["GoingLive"]):
    def waiting(self) -> Self:
        return self.filter(state=GoingLive.State.WAITING)


class GoingLive(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", _("planned")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        TAKEN_BACK = "taken_back", _("taken back")

    model = models.ForeignKey(ScoringModel, on_delete=models.CASCADE, related_name="goings_live")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="goings_live")
    # What was live until then.
    former = models.ForeignKey(
        Version, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    goes_back = models.BooleanField(default=False)
    by_command = models.CharField(max_length=40, blank=True, default="")
    reason = models.TextField(_("reason"), max_length=REASON_MOST, blank=True, default="")
    # Whether its crossings are handed over, if they are no more than were confirmed.
    loud = models.BooleanField(default=False)
    confirmed = models.PositiveIntegerField(null=True, blank=True)
    due_at = models.DateTimeField(_("goes live at"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    username = models.CharField(max_length=150, blank=True, default="")
    asked_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    failure = models.TextField(blank=True, default="")
    recompute = models.ForeignKey(
        Recompute, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What became of the crossings that it has set off; filled once all is computed.
    settled_at = models.DateTimeField(null=True, blank=True)
    held = models.PositiveIntegerField(null=True, blank=True)
    handed_over = models.PositiveIntegerField(null=True, blank=True)

    objects = GoingLiveQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()
        verbose_name = _("going live")
        verbose_name_plural = _("goings live")
        constraints = [
            models.UniqueConstraint(
                fields=["model"],
                condition=models.Q(state="waiting"),
                name="one_planned_going_live",
            )
        ]

    @property
    def who(self) -> str:
        return name_of(self.user) if self.user else self.username

    def __str__(self) -> str:
        return f"{self.version}: {self.get_state_display()}"


def planned_for(model: ScoringModel) -> GoingLive | None:
    found = GoingLive.objects.waiting().filter(model=model)
    return found.select_related("version__model", "user").first()


def take_back_plans(user: User | None, version: Version) -> int:
    """The version is not to go live by itself any more; how many plans there were."""
    count = (
        GoingLive.objects.waiting()
        .filter(version=version)
        .update(state=GoingLive.State.TAKEN_BACK, done_at=timezone.now())
    )
    if count:
        AuditEntry.objects.note(user, version.model, Action.UNSCHEDULED, version)
    return count

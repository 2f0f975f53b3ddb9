"""What somebody is to do about a contact."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, cast

from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models.on_merge import Move
from contacts.models.people import Contact, sees_everybody
from contacts.models.teams import Member, Team

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """One's own tasks, nobody's, and those about contacts that this person may see."""
        if sees_everybody(user):
            return self
        if not cast("PermissionsMixin", user).has_perm("contacts.view_task"):
            return self.none()
        seen = Contact.objects.visible_to(user)
        return self.filter(
            models.Q(assignee=user.pk) | models.Q(assignee=None) | models.Q(contact__in=seen)
        )

    def update(self, **values: Any) -> int:
        """Update, and note when: calendars ask what has changed."""
        return super().update(**{"changed_at": timezone.now(), **values})

    def open(self) -> Self:
        return self.filter(state=Task.State.OPEN)

    def awake(self, at: datetime) -> Self:
        """But for those that are put off; what was comes back by this very question."""
        return self.filter(models.Q(snoozed_until=None) | models.Q(snoozed_until__lte=at))

    def snoozed(self, at: datetime) -> Self:
        return self.open().filter(snoozed_until__gt=at)

    def waiting_for(self, user: "AbstractBaseUser | AnonymousUser", at: datetime) -> Self:
        """What this person has to do now."""
        return self.open().filter(assignee=user.pk).awake(at)

    def left_behind(self) -> Self:
        """Open ones of people who cannot log in any more."""
        return self.open().filter(assignee__is_active=False)

    def overdue(self, at: datetime) -> Self:
        return self.open().filter(due_at__lt=at)

    def urgent_first(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        return self.order_by(*urgency(user))

    def of_teams_of(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """Those of a team that this person is in, or of somebody who is in one with them."""
        return self.filter(self.of_team(user))

    def of_team(self, user: "AbstractBaseUser | AnonymousUser") -> models.Q:
        teams = Member.objects.filter(user=user.pk).values("team")
        mates = Member.objects.filter(team__in=teams).values("user")
        return models.Q(team__in=teams) | models.Q(assignee__in=mates)

    def for_doing_by(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """What ``Task.is_of`` says of one."""
        return self.filter(models.Q(assignee=user.pk) | models.Q(assignee=None))

    def take(self, user: User) -> int:
        """Give nobody's open tasks to this person; of two at once, only one gets each."""
        return self.open().filter(assignee=None).update(assignee=user)

    def hand_to(self, user: User) -> int:
        """Make them this person's, who sees them at once."""
        others = self.open().exclude(assignee=user)
        return others.update(assignee=user, snoozed_until=None)

    def snooze(self, until: datetime) -> int:
        """Put them off; the time at which they are due stays what it is."""
        return self.open().update(snoozed_until=until, snoozes=models.F("snoozes") + 1)

    def wake(self) -> int:
        return self.open().exclude(snoozed_until=None).update(snoozed_until=None)

    def finish(self, user: User, at: datetime, result: str = "done", text: str = "") -> int:
        """``result``: one of ``Task.Result``."""
        return self.open().update(
            state=Task.State.DONE, done_at=at, done_by=user, result=result, result_text=text
        )

    def cancel(self, user: User, at: datetime) -> int:
        """There is nothing to do any more."""
        return self.open().update(
            state=Task.State.CANCELLED,
            done_at=at,
            done_by=user,
            result=Task.Result.NOT_NEEDED,
        )

    def reopen(self) -> int:
        closed = self.exclude(state=Task.State.OPEN)
        return closed.update(
            state=Task.State.OPEN, done_at=None, done_by=None, result="", result_text=""
        )


def urgency(user: "AbstractBaseUser | AnonymousUser") -> list[Any]:
    """An order: this person's open tasks, nobody's, others'; the soonest due first.

    What is put off comes after all that is not.
    """
    closed = models.Case(
        models.When(state=Task.State.OPEN, snoozed_until__gt=timezone.now(), then=1),
        models.When(state=Task.State.OPEN, then=0),
        default=2,
    )
    whose = models.Case(
        models.When(assignee=user.pk, then=0), models.When(assignee=None, then=1), default=2
    )
    return [closed, whose, models.F("due_at").asc(nulls_last=True), "pk"]


class Task(models.Model):
    """Something to do about a contact, until an instant; without a person it waits for one."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("task", "Open")
        DONE = "done", pgettext_lazy("task", "Done")
        CANCELLED = "cancelled", pgettext_lazy("task", "Cancelled")

    class Priority(models.TextChoices):
        LOW = "low", _("Low")
        NORMAL = "normal", _("Normal")
        HIGH = "high", _("High")

    class Result(models.TextChoices):
        """What came of it; those about a call are as calls have them."""

        DONE = "done", pgettext_lazy("result", "Done")
        REACHED = "reached", _("Reached")
        VOICEMAIL = "voicemail", _("Voicemail")
        MEETING_BOOKED = "meeting_booked", _("Meeting booked")
        NOT_NEEDED = "not_needed", _("Not needed")

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="tasks", verbose_name=_("contact")
    )
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), blank=True, default="")
    assignee = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("for"),
        help_text=_("Empty: whoever takes it."),
    )
    team = models.ForeignKey(
        Team,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("team"),
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    priority = models.CharField(
        _("priority"), max_length=6, choices=Priority.choices, default=Priority.NORMAL
    )
    state = models.CharField(
        _("state"), max_length=9, choices=State.choices, default=State.OPEN, editable=False
    )
    result = models.CharField(
        _("result"),
        max_length=14,
        choices=Result.choices,
        blank=True,
        default="",
        editable=False,
    )
    result_text = models.CharField(
        _("what came of it"), max_length=1000, blank=True, default="", editable=False
    )
    snoozed_until = models.DateTimeField(_("put off until"), null=True, blank=True, editable=False)
    snoozes = models.PositiveSmallIntegerField(_("times put off"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    done_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("closed by"),
    )
    # The key of what made it, so that this makes it once; NULL where a person did.
    origin = models.CharField(max_length=200, unique=True, null=True, editable=False)

    objects = TaskQuerySet.as_manager()
    on_merge = Move()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(
                fields=["assignee", "due_at"],
                condition=models.Q(state="open"),
                name="task_open",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open") ^ models.Q(done_at__isnull=False),
                name="task_closed_at",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    def is_overdue(self, at: datetime) -> bool:
        return self.is_open and self.due_at is not None and self.due_at < at

    def is_snoozed(self, at: datetime) -> bool:
        return self.is_open and self.snoozed_until is not None and self.snoozed_until > at

    def is_of(self, user: "AbstractBaseUser | AnonymousUser") -> bool:
        """Whether it is this person's to do: their own, or nobody's so far."""
        return self.assignee_id in (None, user.pk)

"""Sequences and their steps; who is in them stands in ``enrolments``."""

from typing import Any, Final

from django.contrib.auth.models import User
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import wake
from contacts.models import Task
from contacts.models.teams import Calendar, Team
from scoring.automations.texts import validate_template

# The chore that does what is due.
SEQUENCES: Final = "sequences"
WAIT_MOST: Final = 365
# Where a step stands that nobody has given a place: at the end.
LAST: Final = 9999


class Sequence(models.Model):
    """A row of steps under a name; ``goal`` holds conditions as an automation's document does."""

    class Purpose(models.TextChoices):
        NURTURING = "nurturing", _("Nurturing")
        SALES = "sales", _("Sales")

    name = models.CharField(_("name"), max_length=200, unique=True)
    # In the targets of activities, so it stays.
    slug = models.SlugField(
        _("short name"),
        max_length=60,
        unique=True,
        help_text=_("Stands in the targets of opens and clicks; it cannot be changed later."),
    )
    purpose = models.CharField(
        _("purpose"), max_length=10, choices=Purpose.choices, default=Purpose.NURTURING
    )
    calendar = models.ForeignKey(
        Calendar,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sequences",
        verbose_name=_("calendar"),
        help_text=_("Its working days count, and nothing is sent outside its hours."),
    )
    active = models.BooleanField(
        _("on"),
        default=False,
        help_text=_("While it is off nobody gets in, and whoever is in it waits."),
    )
    leave_on_band_change = models.BooleanField(
        _("leave when the band changes"),
        default=False,
        help_text=_("A contact leaves when its band is not the one that it began with."),
    )
    goal = models.JSONField(_("goal"), default=list, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("sequence")
        verbose_name_plural = _("sequences")

    def __str__(self) -> str:
        return self.name

    @property
    def own_calendar(self) -> Calendar:
        return self.calendar or Calendar.objects.default()

    def renumber(self) -> None:
        """Give the steps the places 1, 2, 3 in their order."""
        for place, step in enumerate(self.steps.order_by("position", "pk"), 1):
            if step.position != place:
                SequenceStep.objects.filter(pk=step.pk).update(position=place)

    def look_again(self) -> int:
        """Have it found out anew what comes next for everybody in it, and when."""
        count = self.enrolments.filter(state="active").update(next_at=timezone.now())
        wake(SEQUENCES)
        return count


class SequenceStep(models.Model):
    """One e-mail or task, so many days after the step before it (or after enrolling)."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")
        TASK = "task", _("Task")

    class Assignee(models.TextChoices):
        OWNER = "owner", _("the contact's owner")
        TEAM = "team", _("whose turn it is in a team")
        PERSON = "person", _("a person")

    sequence = models.ForeignKey(
        Sequence, on_delete=models.CASCADE, related_name="steps", verbose_name=_("sequence")
    )
    # Given once and never again: what activities name it by, wherever it is moved.
    number = models.PositiveSmallIntegerField(editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=LAST)
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices, default=Kind.EMAIL)
    wait_days = models.PositiveSmallIntegerField(
        _("days to wait"), default=0, validators=[MaxValueValidator(WAIT_MOST)]
    )
    wait_working = models.BooleanField(_("working days"), default=True)
    at = models.TimeField(
        _("at"),
        null=True,
        blank=True,
        help_text=_("By the contact's clock; empty: at the time of the step before."),
    )
    subject = models.CharField(
        _("subject or title"), max_length=200, validators=[validate_template]
    )
    text = models.TextField(_("text"), blank=True, default="", validators=[validate_template])
    priority = models.CharField(
        _("priority"), max_length=6, choices=Task.Priority.choices, default=Task.Priority.NORMAL
    )
    assignee = models.CharField(
        _("task for"), max_length=6, choices=Assignee.choices, default=Assignee.OWNER
    )
    team = models.ForeignKey(
        Team,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("team"),
    )
    person = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )
    due_hours = models.PositiveSmallIntegerField(
        _("working hours for the task"), default=8, validators=[MaxValueValidator(1000)]
    )

    class Meta:
        ordering = ["sequence", "position", "pk"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["sequence", "number"], name="sequence_step_number")
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.subject}"

    def save(self, *args: Any, **options: Any) -> None:
        """Store; a new step gets a number that no step of the sequence has had before."""
        if not self.number:
            steps = self.sequence.steps.aggregate(last=models.Max("number"))
            done = self.sequence.enrolments.aggregate(last=models.Max("runs__number"))
            self.number = 1 + max(steps["last"] or 0, done["last"] or 0)
        super().save(*args, **options)

    @property
    def target(self) -> str:
        """What opens, clicks and answers name this e-mail by."""
        return f"sequence/{self.sequence.slug}/{self.number}"

"""Doubts: a person says that a rule gives a lead too much or too little, and why."""

from typing import TYPE_CHECKING, Final, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from contacts.models.on_merge import MoveUnlessThere
from contacts.models.people import sees_everybody
from scoring.criteria.faults import LONGEST_NAME
from scoring.criteria.models import ScoringModel

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

TEXT_MOST: Final = 2000


class ScoreDoubtQuerySet(models.QuerySet["ScoreDoubt"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """One's own and those about leads that one sees."""
        if sees_everybody(user):
            return self
        seen = Contact.objects.visible_to(user)
        return self.filter(models.Q(author=user.pk) | models.Q(contact__in=seen))

    def open(self) -> Self:
        return self.filter(state=ScoreDoubt.State.OPEN)


class ScoreDoubt(models.Model):
    """Of one rule of one version, for one lead; somebody answers it."""

    class Direction(models.TextChoices):
        TOO_MUCH = "too_much", _("Too many points")
        TOO_LITTLE = "too_little", _("Too few points")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        SUGGESTED = "suggested", _("Became a suggestion")
        TAKEN = "taken", _("The rule was changed")
        DECLINED = "declined", _("The rule stays as it is")

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="score_doubts", verbose_name=_("contact")
    )
    model = models.ForeignKey(
        ScoringModel,
        on_delete=models.CASCADE,
        related_name="doubts",
        verbose_name=_("scoring model"),
    )
    version_hash = models.CharField(_("version"), max_length=64)
    rule = models.CharField(_("rule"), max_length=LONGEST_NAME)
    points = models.BigIntegerField(_("points"), null=True)
    direction = models.CharField(_("direction"), max_length=10, choices=Direction.choices)
    text = models.TextField(_("reason"), max_length=TEXT_MOST)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("said by"),
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    answer = models.TextField(_("answer"), max_length=TEXT_MOST, blank=True, default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = ScoreDoubtQuerySet.as_manager()
    on_merge = MoveUnlessThere("model", "rule", "author", state="open")

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view", "add", "change")
        verbose_name = _("doubt about a score")
        verbose_name_plural = _("doubts about scores")
        indexes = [
            models.Index(fields=["model", "rule"], name="doubt_of_rule"),
        ]
        constraints = [
            # Who clicks twice, or comes back to it, says it once.
            models.UniqueConstraint(
                fields=["contact", "model", "rule", "author"],
                condition=models.Q(state="open"),
                name="doubt_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.get_direction_display()}"

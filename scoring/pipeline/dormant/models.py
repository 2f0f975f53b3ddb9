"""What people have said about dormant opportunities: where they begin, and which to leave alone."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import User
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Contact
from contacts.models.on_merge import Move
from contacts.models.people import sees_everybody

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class DormantChoiceQuerySet(models.QuerySet["DormantChoice"]):
    def of(self, user: User) -> "DormantChoice":
        """A person's own; the usual ones where they have chosen nothing."""
        return self.filter(user=user).first() or DormantChoice(user=user)


class DormantChoice(models.Model):
    """Which opportunities one person calls dormant; kept from one visit to the next."""

    class Peak(models.TextChoices):
        WARM = "warm", _("above the lowest band")
        HOT = "hot", _("in the highest band")

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="dormant_choice", verbose_name=_("user")
    )
    # None: what the model itself calls good.
    fit_least = models.IntegerField(_("fit of at least"), null=True, blank=True)
    peak = models.CharField(_("once was"), max_length=4, choices=Peak.choices, default=Peak.WARM)
    months = models.PositiveSmallIntegerField(
        _("within the last … months"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    weeks = models.PositiveSmallIntegerField(
        _("quiet for … weeks"),
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(104)],
    )

    objects = DormantChoiceQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("choice of dormant opportunities")
        verbose_name_plural = _("choices of dormant opportunities")

    def __str__(self) -> str:
        return str(self.user)


class DismissalQuerySet(models.QuerySet["Dismissal"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        if sees_everybody(user):
            return self
        return self.filter(contact__in=Contact.objects.visible_to(user))

    def in_force(self, day: date) -> Self:
        return self.filter(ended_at=None, until__gt=day)

    def bring_back(self, user: User, at: datetime) -> int:
        return self.filter(ended_at=None).update(ended_at=at, ended_by=user)


class Dismissal(models.Model):
    """That an opportunity is not to be woken before a day, and why."""

    class Reason(models.TextChoices):
        NOT_NOW = "not_now", pgettext_lazy("dormant", "Not now")
        NO_BUDGET = "no_budget", pgettext_lazy("dormant", "No budget")
        NO_INTEREST = "no_interest", pgettext_lazy("dormant", "Not interested")
        COMPETITOR = "competitor", pgettext_lazy("dormant", "Bought elsewhere")
        OTHER = "other", pgettext_lazy("dormant", "Something else")

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="dismissals", verbose_name=_("contact")
    )
    reason = models.CharField(
        _("reason"), max_length=11, choices=Reason.choices, default=Reason.NOT_NOW
    )
    text = models.CharField(_("remark"), max_length=500, blank=True, default="")
    until = models.DateField(_("until"))
    made_at = models.DateTimeField(_("since"))
    made_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    ended_at = models.DateTimeField(_("brought back"), null=True)
    ended_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )

    objects = DismissalQuerySet.as_manager()
    on_merge = Move()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view", "add", "change")
        verbose_name = _("dormant opportunity left alone")
        verbose_name_plural = _("dormant opportunities left alone")
        indexes = [
            models.Index(
                fields=["contact", "until"],
                condition=models.Q(ended_at=None),
                name="dismissal_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact}: {self.get_reason_display()}"

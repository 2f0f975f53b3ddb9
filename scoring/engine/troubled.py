"""Contacts whose scores could not be made: set apart, so that they do not stop the others."""

from datetime import datetime
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Pending
from contacts.models.history import PendingQuerySet
from contacts.models.on_merge import Drop


class TroubledQuerySet(models.QuerySet["Troubled"]):
    def parked(self) -> Self:
        return self.filter(parked_at__isnull=False)

    def due(self, now: datetime) -> Self:
        return self.filter(parked_at=None, next_at__lte=now)


class Troubled(models.Model):
    """A contact that was refreshed in vain: alone, or among others one of whom is the cause.

    Whoever tries it again notes so before, for the attempt may be the end of the process.
    """

    contact = models.OneToOneField(
        Contact, on_delete=models.CASCADE, related_name="+", verbose_name=_("contact")
    )
    # How many contacts there were at the last attempt.
    together = models.PositiveIntegerField(default=1)
    # How often it was tried alone.
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True, default="")
    since = models.DateTimeField(_("since"), auto_now_add=True)
    next_at = models.DateTimeField(_("next attempt"))
    parked_at = models.DateTimeField(_("parked"), null=True)

    objects = TroubledQuerySet.as_manager()
    on_merge = Drop()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("troubled contact")
        verbose_name_plural = _("troubled contacts")

    def __str__(self) -> str:
        return str(self.contact)


def waiting() -> PendingQuerySet:
    """What waits for a refresh and is not set apart, the oldest first."""
    rows = Pending.objects.order_by("pk")
    # Two short questions: a planner that joins a table it knows nothing about may sort
    # everything that waits.
    apart = list(Troubled.objects.values_list("contact_id", flat=True))
    return rows.exclude(contact__in=apart) if apart else rows

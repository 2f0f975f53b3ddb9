"""Why leads are rejected: a list that the sales manager keeps."""

from typing import Any, Final, Self

from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

LONGEST: Final = 100
# What an installation begins with, in the reader's language; a name that somebody typed goes
# before these.
KNOWN_REASONS = {
    "no_budget": _("No budget"),
    "wrong_size": _("Wrong size"),
    "already_customer": _("Already a customer"),
    "bad_data": _("Bad data"),
    "not_now": _("Not now"),
    "no_need": _("No need"),
    "competitor": _("A competitor"),
    "other": _("Another reason"),
}


class RejectionReasonQuerySet(models.QuerySet["RejectionReason"]):
    def active(self) -> Self:
        return self.filter(active=True)


class RejectionReason(models.Model):
    """Known to automations and rules by its slug, which never changes."""

    slug = models.SlugField(_("key"), max_length=64, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=LONGEST, blank=True, default="")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("offered"), default=True)

    objects = RejectionReasonQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("rejection reason")
        verbose_name_plural = _("rejection reasons")

    def __str__(self) -> str:
        return self.name or str(KNOWN_REASONS.get(self.slug, self.slug))

    def save(self, *args: Any, **options: Any) -> None:
        """Store; a new one gets its slug from its name."""
        if not self.slug:
            self.slug = free_slug(self.name)
        super().save(*args, **options)


def free_slug(name: str) -> str:
    """One that no other reason has."""
    wanted = slugify(name).replace("-", "_")[:58] or "reason"
    taken = set(RejectionReason.objects.values_list("slug", flat=True))
    numbered = (f"{wanted}_{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (wanted, *numbered) if slug not in taken)

"""The audit trail of a scoring model: who did what when, only ever added to.

The database refuses the rest as well: see ``scoring/agreement/append_only.py``.
"""

from typing import TYPE_CHECKING, Any, NoReturn, cast

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scoring.criteria.models import ScoringModel, Version

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User


class Unalterable(Exception):
    """A row of the audit trail was to be changed or deleted."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def note(
        self,
        user: "AbstractBaseUser | AnonymousUser | None",
        model: ScoringModel,
        action: str,
        version: Version | None = None,
        **detail: object,
    ) -> "AuditEntry":
        """Add a line, in the transaction that does what it says.

        ``user``: None for what the product does by itself. ``action``: a slug of ``Action``.
        ``detail``: plain JSON data, shown with the line.
        """
        known = user if user is not None and user.is_authenticated else None
        return self.create(
            user=cast("User | None", known),
            username=known.get_username() if known else "",
            model=model,
            action=Action(action),
            version=version,
            detail=detail,
        )

    def update(self, **_values: Any) -> NoReturn:
        raise Unalterable

    def delete(self) -> NoReturn:
        raise Unalterable


class Action(models.TextChoices):
    """What can be done to a model; the words are shown to both teams."""

    MODEL_CREATED = "model_created", _("created the model")
    MODEL_RENAMED = "model_renamed", _("renamed the model")
    DRAFT_BEGUN = "draft_begun", _("began a draft")
    DRAFT_DISCARDED = "draft_discarded", _("discarded the draft")
    DRAFT_CHANGED = "draft_changed", _("changed the draft")
    IMPORTED = "imported", _("brought in a document")
    EXPORTED = "exported", _("took out a document")
    PROPOSED = "proposed", _("proposed a version")
    WITHDRAWN = "withdrawn", _("withdrew the proposal")
    SIGNED = "signed", _("signed")
    UNSIGNED = "unsigned", _("took the signature back")
    AGREED = "agreed", _("both sides have signed")
    REMARKED = "remarked", _("commented")
    OBJECTED = "objected", _("objected")
    SETTLED = "settled", _("settled an objection")
    SCHEDULED = "scheduled", _("set the day of going live")
    UNSCHEDULED = "unscheduled", _("took back the day of going live")
    WENT_LIVE = "went_live", _("brought a version live")
    ROLLED_BACK = "rolled_back", _("went back to a version")
    FAILED = "failed", _("could not bring a version live")
    THRESHOLD = "threshold", _("chose a threshold")
    MATRIX = "matrix", _("changed the qualification matrix")
    SUGGESTED = "suggested", _("suggested a rule")
    SUGGESTION_TAKEN = "suggestion_taken", _("took over a suggested rule")
    SUGGESTION_DECLINED = "suggestion_declined", _("declined a suggested rule")
    REVIEW_SET = "review_set", _("set the day of the next review")
    IMPACT = "impact", _("worked out the impact")
    COMMANDED = "commanded", _("brought a version live by a command, without signatures")
    DRAFT_RESTORED = "draft_restored", _("brought an earlier draft back")
    REMINDED = "reminded", _("reminded both sides of the review")
    TERMS_CHANGED = "terms_changed", _("changed the terms and goals")
    TERMS_SIGNED = "terms_signed", _("signed the terms and goals")
    TERMS_UNSIGNED = "terms_unsigned", _("took the signature under the terms back")
    TERMS_WITHDRAWN = "terms_withdrawn", _("withdrew a set of terms")
    TERMS_AGREED = "terms_agreed", _("put the signed terms and goals into force")
    HANDED_OVER = "handed_over", _("handed over what going live has set off")
    PILOT_PLANNED = "pilot_planned", _("planned a pilot")
    PILOT_REPLANNED = "pilot_replanned", _("changed the plan of a pilot")
    PILOT_DISCARDED = "pilot_discarded", _("discarded the plan of a pilot")
    PILOT_STARTED = "pilot_started", _("started a pilot")
    PILOT_STOPPED = "pilot_stopped", _("stopped a pilot")
    CONTACT_ERASED = "contact_erased", _("erased a contact")


def actions() -> list[tuple[str, Any]]:
    """Asked when it is needed: so a new action needs no migration."""
    return Action.choices


class AuditEntry(models.Model):
    """One line. It outlives its user, whose name it keeps, and holds its model and version."""

    model = models.ForeignKey(
        ScoringModel, on_delete=models.PROTECT, related_name="audit", verbose_name=_("model")
    )
    version = models.ForeignKey(
        Version,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="audit",
        verbose_name=_("version"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    username = models.CharField(_("who"), max_length=150, blank=True, default="")
    action = models.CharField(_("what"), max_length=20, choices=actions)
    detail = models.JSONField(_("detail"), default=dict, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view",)
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [models.Index(fields=["model", "-id"], name="audit_newest")]

    def __str__(self) -> str:
        return f"{self.username}: {self.get_action_display()}"

    def save(self, *args: Any, **options: Any) -> None:
        """Raises Unalterable where the row is there already."""
        if self.pk is not None:
            raise Unalterable
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise Unalterable

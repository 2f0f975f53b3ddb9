"""What was chosen as the beginning of a band, how it was found, and why."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scoring.criteria.document import ModelDocument
from scoring.criteria.models import ScoringModel


class Method(models.TextChoices):
    """By what a threshold was found."""

    SCENARIOS = "scenarios", _("scenarios of ideal leads")
    CONTACTS = "contacts", _("today's contacts")
    CAPACITY = "capacity", _("the capacity of sales")
    OUTCOMES = "outcomes", _("past outcomes")
    OTHER = "other", _("another reason")


class ThresholdChoice(models.Model):
    """One choice, with the figures of that moment; never altered. It keeps its user's name."""

    model = models.ForeignKey(
        ScoringModel, on_delete=models.CASCADE, related_name="threshold_choices"
    )
    band = models.CharField(_("band"), max_length=200)
    threshold = models.BigIntegerField(_("begins at"))
    before = models.BigIntegerField(_("began at"), null=True)
    method = models.CharField(_("found by"), max_length=10, choices=Method.choices)
    reason = models.TextField(_("reason"), max_length=2000)
    # Plain data: see workshop.page.figures_at.
    figures = models.JSONField(_("figures"), default=dict)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    username = models.CharField(_("who"), max_length=150)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()
        verbose_name = _("choice of a threshold")
        verbose_name_plural = _("choices of thresholds")

    def __str__(self) -> str:
        return f"{self.band}: {self.threshold}"


def choices_for(model: ScoringModel) -> "models.QuerySet[ThresholdChoice]":
    """All choices of a model, the newest first."""
    return ThresholdChoice.objects.filter(model=model)


def reasons_in(document: ModelDocument, model: ScoringModel) -> list[ThresholdChoice]:
    """Why its bands begin where they do, of those where it was chosen; the hottest first."""
    newest = newest_by_band(model)
    return [
        newest[band.name]
        for band in reversed(document.bands)
        if band.name in newest and newest[band.name].threshold == band.start
    ]


def newest_by_band(model: ScoringModel) -> dict[str, ThresholdChoice]:
    """Of each band the newest choice."""
    newest = choices_for(model).values("band").annotate(newest=models.Max("pk")).order_by()
    found = ThresholdChoice.objects.in_bulk([row["newest"] for row in newest])
    return {choice.band: choice for choice in found.values()}

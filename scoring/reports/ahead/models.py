"""Forecasts that were made and are kept, to be compared with what came."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scoring.criteria.models import ScoringModel
from scoring.reports.periods import Period
from scoring.reports.statistics.foresight import Band

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from scoring.reports.ahead.foretelling import Spans


class ForecastMadeQuerySet(models.QuerySet["ForecastMade"]):
    def there_is(self, model: ScoringModel, as_of: "datetime") -> bool:
        return self.filter(model=model, as_of=as_of).exists()

    def keep(
        self, model: ScoringModel, as_of: "datetime", rests_on: Period, told: "Spans", band: str
    ) -> None:
        """Where another worker was quicker, its one stays: a forecast never changes."""
        row = ForecastMade(
            model=model, as_of=as_of, first=rests_on.first, last=rests_on.last, band=band,
            spans={name: [list(each) for each in map(ends, bands)] for name, bands in told.items()},
        )  # fmt: skip
        self.bulk_create([row], ignore_conflicts=True)


class ForecastMade(models.Model):
    """What was expected of all leads, without any what-if, at the beginning of one week.

    ``first`` and ``last``: the days that it rests on. ``band``: the highest one then. ``spans``:
    by what was forecast, for each number of weeks, the five ends of its spans.
    """

    model = models.ForeignKey(
        ScoringModel, on_delete=models.CASCADE, related_name="+", verbose_name=_("scoring model")
    )
    as_of = models.DateTimeField(_("as of"))
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    band = models.CharField(max_length=200)
    spans: models.JSONField[Any, Any] = models.JSONField(default=dict)

    objects = ForecastMadeQuerySet.as_manager()

    class Meta:
        ordering = ["-as_of"]
        default_permissions = ()
        verbose_name = _("kept forecast")
        verbose_name_plural = _("kept forecasts")
        constraints = [
            models.UniqueConstraint(fields=["model", "as_of"], name="forecast_made_once")
        ]

    def __str__(self) -> str:
        return f"{self.model}: {self.as_of:%Y-%m-%d}"

    def rests_on(self, zone: "ZoneInfo") -> Period:
        return Period(self.first, self.last, zone)

    @property
    def told(self) -> "Spans":
        return {name: [Band(*each) for each in given] for name, given in self.spans.items()}


def ends(band: Band) -> Sequence[float]:
    return band.middle, band.low80, band.high80, band.low95, band.high95

"""The weekly looks at pilots: what was counted then, and what it said, kept as it was."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from scoring.engine.pilots.models import Pilot
from scoring.reports.statistics.piloting import Stratum


class PilotLook(models.Model):
    """Taken once, at the beginning of a day; what is corrected afterwards changes no past look."""

    class Said(models.TextChoices):
        KEEP = "keep", pgettext_lazy("pilot", "keep: the candidate is better")
        WORSE = "worse", pgettext_lazy("pilot", "drop: the candidate is worse")
        NO_DIFFERENCE = "no_difference", pgettext_lazy("pilot", "drop: no difference found")
        GO_ON = "go_on", pgettext_lazy("pilot", "go on")

    pilot = models.ForeignKey(Pilot, on_delete=models.CASCADE, related_name="looks")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    taken_at = models.DateTimeField(auto_now_add=True)
    # [candidates, of them successes, controls, of them successes] of each stratum in its order.
    counts: models.JSONField[Any, Any] = models.JSONField()
    share = models.FloatField()
    statistic = models.FloatField(null=True)
    bound = models.FloatField(null=True)
    said = models.CharField(max_length=13, choices=Said.choices)

    class Meta:
        ordering = ["pilot", "number"]
        default_permissions = ()
        verbose_name = _("look at a pilot")
        verbose_name_plural = _("looks at pilots")
        constraints = [models.UniqueConstraint(fields=["pilot", "number"], name="pilot_look_once")]

    def __str__(self) -> str:
        return f"{self.number}: {self.get_said_display()}"

    @property
    def strata(self) -> Sequence[Stratum]:
        return [Stratum(*counts) for counts in self.counts]

    @property
    def is_final(self) -> bool:
        return self.said != self.Said.GO_ON

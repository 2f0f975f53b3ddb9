"""The service level: how soon sales answer a lead that is handed over, by model and band."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from contacts.models import Calendar
from contacts.models.teams import Member, person_for_owner
from scoring.criteria.models import ScoringModel

LEAST: Final = Decimal("0.25")
MOST: Final = Decimal(1000)
USUAL_RESPOND: Final = Decimal(4)
USUAL_FEEDBACK: Final = Decimal(16)
USUAL_WARN: Final = Decimal(1)


def hours(
    name: StrOrPromise, default: Decimal, least: Decimal = LEAST
) -> "models.DecimalField[Decimal | None, Decimal | None]":
    """A number of working hours, to the quarter, or none."""
    return models.DecimalField(
        name,
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        default=default,
        validators=[MinValueValidator(least), MaxValueValidator(MOST)],
    )


class ServiceLevelQuerySet(models.QuerySet["ServiceLevel"]):
    def of(self, model: ScoringModel, band: str) -> "ServiceLevel":
        """What was agreed for the band; where nothing was, one of the usual hours."""
        found = self.select_related("calendar").filter(model=model, band=band).first()
        return found or ServiceLevel(model=model, band=band)

    def of_bands(self, model: ScoringModel, bands: Iterable[str]) -> "list[ServiceLevel]":
        """The same for several bands, in their order."""
        found = {row.band: row for row in self.select_related("calendar").filter(model=model)}
        return [found.get(band) or ServiceLevel(model=model, band=band) for band in bands]


class ServiceLevel(models.Model):
    """Working hours of the calendar named here, or of the owner's team, or the default one.

    An empty number of hours: there is no such deadline, warning or escalation.
    """

    model = models.ForeignKey(
        ScoringModel,
        on_delete=models.CASCADE,
        related_name="service_levels",
        verbose_name=_("scoring model"),
    )
    band = models.CharField(_("band"), max_length=200)
    respond_hours = hours(_("first attempt within"), USUAL_RESPOND)
    feedback_hours = hours(_("answer within"), USUAL_FEEDBACK)
    warn_hours = hours(_("warn before"), USUAL_WARN)
    escalate_hours = hours(_("escalate after"), Decimal(0), least=Decimal(0))
    calendar = models.ForeignKey(
        Calendar,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("calendar"),
    )

    objects = ServiceLevelQuerySet.as_manager()

    class Meta:
        ordering = ["model", "pk"]
        default_permissions = ("view", "change")
        verbose_name = _("service level")
        verbose_name_plural = _("service levels")
        constraints = [models.UniqueConstraint(fields=["model", "band"], name="service_level_once")]

    def __str__(self) -> str:
        return f"{self.model}: {self.band}"

    @property
    def hours_a_day(self) -> Decimal:
        """Of an ordinary working day of the calendar named here, or of the default one."""
        calendar = self.calendar or Calendar.objects.default()
        days = [day for day in calendar.week if day]
        minutes = sum(span.end - span.start for day in days for span in day)
        return Decimal(minutes) / (60 * len(days))

    def calendar_for(self, owner: str) -> Calendar:
        """By which the hours of a lead of this owner are counted."""
        if self.calendar is not None:
            return self.calendar
        person = person_for_owner(owner)
        member = (
            Member.objects.filter(user=person)
            .select_related("team__calendar")
            .order_by("-active", "pk")
            .first()
            if person
            else None
        )
        return member.team.calendar if member else Calendar.objects.default()

"""What a campaign did to those who met it, beside those who were kept out, as plain numbers."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contacts.models.sales import Campaign


class CampaignArm(models.Model):
    """So many people were treated alike; one arm a campaign is the control, who got nothing.

    For what is known in numbers only, such as the export of a mailing.
    """

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="arms", verbose_name=_("campaign")
    )
    name = models.CharField(_("name"), max_length=200)
    is_control = models.BooleanField(
        _("control"), default=False, help_text=_("These people were kept out of the campaign.")
    )
    people = models.PositiveIntegerField(_("people"))
    visits = models.PositiveIntegerField(
        _("visited"), default=0, help_text=_("So many of these people visited the site.")
    )
    customers = models.PositiveIntegerField(
        _("bought"), default=0, help_text=_("So many of these people became customers.")
    )
    revenue = models.DecimalField(
        _("revenue"), max_digits=14, decimal_places=2, null=True, blank=True
    )

    class Meta:
        ordering = ["campaign", "-is_control", "name"]
        verbose_name = _("arm of a campaign")
        verbose_name_plural = _("arms of a campaign")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="campaign_arm_name"),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(is_control=True),
                name="campaign_arm_one_control",
                violation_error_message=_("A campaign has one control."),
            ),
            models.CheckConstraint(
                condition=Q(visits__lte=F("people")) & Q(customers__lte=F("people")),
                name="campaign_arm_of_its_people",
                violation_error_message=_("No more people can visit or buy than there are."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.name}"

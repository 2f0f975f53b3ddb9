"""What marketing spent and what sales sold: campaigns, products, pipelines, deals."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.companies import Company
from contacts.models.on_merge import Move, MoveUnlessThere
from contacts.models.people import Contact, OfContactQuerySet, sees_everybody
from contacts.models.twins import NormalisedText, TwinModel, TwinQuerySet
from contacts.normalise import normalise

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class Campaign(models.Model):
    class Channel(models.TextChoices):
        ONLINE = "online", _("On-line")
        OFFLINE = "offline", _("Off-line")

    name = models.CharField(_("name"), max_length=200, unique=True)
    channel = models.CharField(
        _("channel"), max_length=10, choices=Channel.choices, default=Channel.ONLINE
    )
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    budget = models.DecimalField(
        _("budget"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    cost = models.DecimalField(_("cost"), max_digits=14, decimal_places=2, null=True, blank=True)
    planned_leads = models.PositiveIntegerField(_("planned leads"), null=True, blank=True)
    planned_customers = models.PositiveIntegerField(_("planned customers"), null=True, blank=True)
    planned_revenue = models.DecimalField(
        _("planned revenue"), max_digits=14, decimal_places=2, null=True, blank=True
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(starts_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="campaign_ends_after_start",
                violation_error_message=_("The end must not be before the start."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class CampaignTouch(models.Model):
    """A contact met a campaign; several a contact are the path that attribution divides."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="touches", verbose_name=_("campaign")
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="touches", verbose_name=_("contact")
    )
    occurred_at = models.DateTimeField(_("occurred"))

    objects = OfContactQuerySet["CampaignTouch"].as_manager()
    on_merge = MoveUnlessThere("campaign", "occurred_at")

    class Meta:
        ordering = ["-occurred_at", "-pk"]
        verbose_name = _("campaign touch")
        verbose_name_plural = _("campaign touches")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "contact", "occurred_at"], name="campaign_touch_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.contact}"


class Product(models.Model):
    name = models.CharField(_("name"), max_length=200, unique=True)
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        return self.name


class Pipeline(models.Model):
    name = models.CharField(_("name"), max_length=200, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("pipeline")
        verbose_name_plural = _("pipelines")

    def __str__(self) -> str:
        return self.name


class Stage(models.Model):
    """A column of a pipeline; its outcome says what a deal in it is."""

    class Outcome(models.TextChoices):
        OPEN = "open", _("Open")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    pipeline = models.ForeignKey(
        Pipeline, on_delete=models.CASCADE, related_name="stages", verbose_name=_("pipeline")
    )
    name = models.CharField(_("name"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    outcome = models.CharField(
        _("outcome"), max_length=4, choices=Outcome.choices, default=Outcome.OPEN
    )
    probability = models.PositiveSmallIntegerField(
        _("probability"), default=0, help_text=_("Per cent of the deals here that are won.")
    )

    class Meta:
        ordering = ["pipeline", "position", "pk"]
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        constraints = [
            models.UniqueConstraint(fields=["pipeline", "name"], name="stage_name_in_pipeline"),
            models.CheckConstraint(
                condition=models.Q(probability__lte=100),
                name="stage_probability",
                violation_error_message=_("A probability is from 0 to 100."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.outcome == self.Outcome.OPEN


class DealQuerySet(TwinQuerySet["Deal"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """Deals with a contact are seen by those who see it, others by their owner and the pool."""
        if sees_everybody(user):
            return self
        own = models.Q(contact=None, owner_norm__in=["", normalise(user.get_username())])
        return self.filter(own | models.Q(contact__in=Contact.objects.visible_to(user)))

    def open_in(self, pipeline: int) -> Self:
        return self.filter(stage__pipeline=pipeline, stage__outcome=Stage.Outcome.OPEN)

    def open_once(
        self, key: tuple[str, str], contact: Contact, stage: Stage, at: datetime, **given: Any
    ) -> tuple["Deal", bool]:
        """The deal of this source and id, made for a contact where there is none; whether new."""
        return self.get_or_create(
            source=key[0],
            external_id=key[1],
            defaults={
                "name": str(contact)[:255],
                "contact": contact,
                "company_id": contact.company_id,
                "stage": stage,
                "owner": contact.owner,
                "opened_at": at,
                "closed_at": None if stage.is_open else at,
                **given,
            },
        )


class Deal(TwinModel):
    """Something that may be sold to a contact or a company."""

    name = models.CharField(_("name"), max_length=255)
    contact = models.ForeignKey(
        Contact,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("contact"),
    )
    company = models.ForeignKey(
        Company,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("company"),
    )
    product = models.ForeignKey(
        Product,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("product"),
    )
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("campaign"),
    )
    stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, related_name="deals", verbose_name=_("stage")
    )
    owner = models.CharField(_("owner"), max_length=255, blank=True, default="")
    owner_norm = NormalisedText("owner")
    amount = models.DecimalField(
        _("amount"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    reason = models.CharField(
        _("customer's reason"),
        max_length=255,
        blank=True,
        default="",
        help_text=_("Why the customer bought, or did not."),
    )
    source = models.CharField(_("source"), max_length=200, blank=True, default="")
    external_id = models.CharField(_("external id"), max_length=200, null=True, blank=True)

    objects = DealQuerySet.as_manager()
    on_merge = Move()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        indexes = [models.Index(fields=["closed_at"], name="deal_closed")]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=models.Q(external_id__isnull=False),
                name="deal_once",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def move_to(self, stage: Stage, at: datetime, reason: str | None = None) -> None:
        """Put the deal into a stage, which closes it there where that is won or lost.

        ``reason``: the customer's; None leaves what is stored.
        """
        self.stage = stage
        self.closed_at = None if stage.is_open else at
        self.reason = self.reason if reason is None else reason
        self.save(update_fields=["stage", "closed_at", "reason"])

"""Who may use the API, how much, and what came in that could not be stored."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

REJECTED_MOST: Final = 1000
USED_AT_MOST_EVERY: Final = 60


class Source(models.Model):
    """An integration that sends activities and contacts.

    An activity is known by its source and its id there, for ever; so a new key of the same
    source still recognises what an old one sent.
    """

    name = models.CharField(
        _("name"),
        max_length=64,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9._-]{0,63}\Z")],
        help_text=_(
            "Lower-case letters, digits, “.”, “_” and “-”. It stands beside every activity and "
            "cannot be changed later."
        ),
    )
    creates_contacts = models.BooleanField(
        _("creates contacts"),
        default=True,
        help_text=_("An activity of an unknown address makes a contact; otherwise it is refused."),
    )
    calls_a_minute = models.PositiveIntegerField(
        _("calls a minute"),
        default=600,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text=_("Of all keys of this source together; more are refused for the time being."),
    )
    conflicts = models.BigIntegerField(_("conflicts"), default=0, editable=False)
    rejected = models.BigIntegerField(_("rejected"), default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("API source")
        verbose_name_plural = _("API sources")

    def __str__(self) -> str:
        return self.name

    def count(self, conflicts: int, rejected: int) -> None:
        """Add to the counters; to be called at the end of a transaction: it locks the row."""
        if conflicts or rejected:
            Source.objects.filter(pk=self.pk).update(
                conflicts=models.F("conflicts") + conflicts,
                rejected=models.F("rejected") + rejected,
            )


class Scope(models.TextChoices):
    """What a key may do."""

    ACTIVITIES_WRITE = "activities:write", _("send activities")
    CONTACTS_READ = "contacts:read", _("read contacts and scores")
    CONTACTS_WRITE = "contacts:write", _("send contacts")
    HANDOVERS_READ = "handovers:read", _("read handovers and what sales said of them")


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def revoke(self, now: datetime) -> int:
        return self.filter(revoked_at=None).update(revoked_at=now)


class ApiKey(models.Model):
    """A key of a source. The secret itself is nowhere: only its digest with a pepper."""

    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="keys", verbose_name=_("API source")
    )
    label = models.CharField(
        _("label"), max_length=200, help_text=_("Where the key is used: “web shop, production”.")
    )
    prefix = models.CharField(_("begins with"), max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    expires_at = models.DateTimeField(
        _("expires"), null=True, blank=True, help_text=_("Empty: never.")
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.label})"

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def note_use(self, now: datetime) -> None:
        """Keep when the key was last used, to the minute: most calls write nothing."""
        last = self.last_used_at
        if last is None or (now - last).total_seconds() >= USED_AT_MOST_EVERY:
            ApiKey.objects.filter(pk=self.pk, last_used_at=last).update(last_used_at=now)


class RateWindow(models.Model):
    """How often something was done since an instant: one row for each thing that is limited."""

    name = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField()
    used = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("rate window")
        verbose_name_plural = _("rate windows")

    def __str__(self) -> str:
        return f"{self.name}: {self.used}"


class Answer(models.Model):
    """What a call with an ``Idempotency-Key`` was answered, or that it is being worked on."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="answers")
    route = models.CharField(max_length=20)
    key = models.CharField(max_length=255)
    body_digest = models.CharField(max_length=64)
    # Whoever holds it works on the call.
    token = models.CharField(max_length=32)
    lease_until = models.DateTimeField()
    # None: still in progress.
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        indexes = [models.Index(fields=["created_at"], name="answer_created")]
        constraints = [
            models.UniqueConstraint(fields=["source", "route", "key"], name="answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"


class RejectedItemQuerySet(models.QuerySet["RejectedItem"]):
    def keep(self, source: Source, items: Iterable["RejectedItem"]) -> None:
        """Keep these, once each as they were refused last, and of each source the newest only."""
        once = {(row.kind, row.digest): row for row in items}
        if not once:
            return
        # In order: two calls with the same items never wait for each other.
        self.bulk_create(
            sorted(once.values(), key=lambda row: (row.name, row.digest)),
            update_conflicts=True,
            unique_fields=["source", "kind", "digest"],
            update_fields=["code", "field", "detail", "received_at", "stored_at"],
        )
        newest = self.filter(source=source).order_by("-received_at", "-pk")
        if too_old := list(newest.values_list("pk", flat=True)[REJECTED_MOST:]):
            self.filter(pk__in=too_old).delete()


class RejectedItem(models.Model):
    """An item that was refused, as it was sent: it can be sent again when the reason is gone."""

    class Kind(models.TextChoices):
        ACTIVITY = "activities", _("activity")
        CONTACT = "contacts", _("contact")

    source = models.ForeignKey(
        Source, on_delete=models.CASCADE, related_name="rejected_items", verbose_name=_("source")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("external id or e-mail"), max_length=254, blank=True, default="")
    code = models.CharField(_("code"), max_length=40)
    field = models.CharField(_("field"), max_length=200, blank=True, default="")
    detail = models.TextField(_("reason"), blank=True, default="")
    text = models.TextField(_("as it was sent"))
    digest = models.CharField(max_length=64, editable=False)
    received_at = models.DateTimeField(_("received"))
    stored_at = models.DateTimeField(_("sent again"), null=True, blank=True)

    objects = RejectedItemQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("rejected item")
        verbose_name_plural = _("rejected items")
        indexes = [models.Index(fields=["received_at"], name="rejected_received")]
        constraints = [
            models.UniqueConstraint(fields=["source", "kind", "digest"], name="rejected_once")
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.name}" if self.name else self.code

    def save(self, *args: Any, **options: Any) -> None:
        self.digest = self.digest_of(self.text)
        super().save(*args, **options)

    @staticmethod
    def digest_of(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

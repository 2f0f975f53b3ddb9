"""What contacts did: activities, their types, and the targets that they concerned."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Self

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from contacts.models.history import Pending
from contacts.models.noted import AT_ONCE
from contacts.models.on_merge import Move
from contacts.models.people import Contact, OfContactQuerySet
from contacts.models.twins import NormalisedText, TaggedValues, TwinModel, TwinQuerySet
from contacts.normalise import digest, normalise

# As many as other programs may bring: the ids of types end at 32,767.
TYPES_MOST: Final = 5_000
# The types that the product knows from the start, with names that follow the reader's
# language; a label that somebody typed goes before these.
KNOWN_TYPES = {
    "page_view": _("Page view"),
    "visit": _("Visit"),
    "email_open": _("E-mail opened"),
    "email_click": _("E-mail link clicked"),
    "email_reply": _("E-mail answered"),
    "form_submit": _("Form submitted"),
    "download": _("Download"),
    "webinar_signup": _("Webinar sign-up"),
    "webinar_attend": _("Webinar attended"),
    "event_attend": _("Event attended"),
    "purchase": _("Purchase"),
    "unsubscribe": _("Unsubscribed"),
    "call": _("Call"),
    "meeting_booked": _("Meeting booked"),
    "meeting": _("Meeting"),
    "email_sent": _("E-mail sent"),
    "social_follow": _("Social: followed"),
    "social_like": _("Social: liked"),
    "social_share": _("Social: shared"),
    "social_comment": _("Social: commented"),
    "newsletter_signup": _("Newsletter sign-up"),
    "newsletter_open": _("Newsletter opened"),
    "newsletter_click": _("Newsletter link clicked"),
    "lead_accepted": _("Lead accepted by sales"),
    "lead_rejected": _("Lead rejected by sales"),
}


class ActivityTypeQuerySet(models.QuerySet["ActivityType"]):
    def ids_by_slug(self, slugs: Iterable[str]) -> dict[str, int]:
        """The ids of these types; a slug seen for the first time is registered."""
        wanted = set(slugs)
        known = self.known_ids(wanted)
        if missing := sorted(wanted - known.keys()):
            self.bulk_create([ActivityType(slug=slug) for slug in missing], ignore_conflicts=True)
            known |= self.known_ids(missing)
        return known

    def known_ids(self, slugs: Iterable[str]) -> dict[str, int]:
        """The ids of those of these types that are registered."""
        return dict(self.filter(slug__in=set(slugs)).values_list("slug", "pk"))


class ActivityType(models.Model):
    """A kind of activity, known by its slug; whatever valid slug arrives is registered."""

    id = models.SmallAutoField(primary_key=True)
    slug = models.CharField(_("slug"), max_length=64, unique=True)
    label = models.CharField(_("label"), max_length=200, blank=True, default="")

    objects = ActivityTypeQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]
        verbose_name = _("activity type")
        verbose_name_plural = _("activity types")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(slug__regex=r"^[a-z][a-z0-9_]{0,63}$"), name="activity_type_slug"
            )
        ]

    def __str__(self) -> str:
        return self.label or str(KNOWN_TYPES.get(self.slug, self.slug))


class TargetQuerySet(TwinQuerySet["Target"]):
    def ids_by_key(self, texts: Iterable[str]) -> dict[str, int]:
        """The ids of the targets of these texts by ``Target.key_of``; new ones are stored."""
        wanted: dict[str, str] = {}
        for text in texts:
            wanted.setdefault(Target.key_of(text), text)
        known = self._stored(wanted)
        if missing := wanted.keys() - known.keys():
            rows = [Target(text=wanted[key], key=key) for key in sorted(missing)]
            self.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
            known |= self._stored(missing)
        return known

    def _stored(self, keys: Iterable[str]) -> dict[str, int]:
        return dict(self.filter(key__in=list(keys)).values_list("key", "pk"))


class Target(TwinModel):
    """What an activity concerned (a path, a form, a message): a dictionary of texts.

    An activity names its target by id, so that a rule tests each text once and not once
    for every activity, and counting different targets is counting ids. The empty target
    is an entry like any other.
    """

    text = models.TextField(_("text"), blank=True)
    norm = NormalisedText("text")
    key = models.CharField(max_length=64, unique=True, editable=False)

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ["norm"]
        verbose_name = _("target")
        verbose_name_plural = _("targets")

    def __str__(self) -> str:
        return self.text

    @staticmethod
    def key_of(text: str) -> str:
        return digest(normalise(text))

    def save(self, *args: Any, **options: Any) -> None:
        self.key = self.key_of(self.text)
        super().save(*args, **options)

    @classmethod
    def out_of_step(cls, row: Self) -> list[str]:
        key_holds = row.key == cls.key_of(row.text)
        return [*super().out_of_step(row), *([] if key_holds else ["key"])]


class ActivityQuerySet(OfContactQuerySet["Activity"]):
    instead = "contacts.storing.store_activities"

    def update(self, **values: Any) -> int:
        """Update, and mark the contacts, also those that lose an activity by it, pending."""
        if not self.noted:
            return super().update(**values)
        with transaction.atomic(using=self.db):
            ids = sorted(self.order_by().values_list("pk", flat=True))
            updated = 0
            touched: set[int] = set()
            for at in range(0, len(ids), AT_ONCE):
                chosen = ids[at : at + AT_ONCE]
                rows = Activity.objects.using(self.db).filter(pk__in=chosen).order_by()
                touched.update(rows.values_list("contact_id", flat=True))
                updated += self.filter(pk__in=chosen).unnoted().update(**values)
                touched.update(rows.values_list("contact_id", flat=True))
            Pending.objects.using(self.db).mark(sorted(touched), Pending.Cause.ACTIVITY)
        return updated

    def create_noted(
        self, rows: Sequence["Activity"], create: Callable[[], list["Activity"]]
    ) -> list["Activity"]:
        created = create()
        touched = sorted({row.contact_id for row in rows})
        Pending.objects.using(self.db).mark(touched, Pending.Cause.ACTIVITY)
        return created

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete, and mark the contacts pending."""
        with transaction.atomic(using=self.db):
            contacts = list(self.order_by().values_list("contact_id", flat=True).distinct())
            deleted = super().delete()
            Pending.objects.using(self.db).mark(contacts, Pending.Cause.ACTIVITY)
        return deleted


class Activity(TwinModel):
    """One thing that a contact did at one instant.

    Of several with the same (source, external_id) the first stays.
    """

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        related_name="activities",
        db_index=False,
        verbose_name=_("contact"),
    )
    type = models.ForeignKey(
        ActivityType,
        on_delete=models.PROTECT,
        related_name="activities",
        db_index=False,
        verbose_name=_("type"),
    )
    target = models.ForeignKey(
        Target,
        on_delete=models.PROTECT,
        related_name="activities",
        db_index=False,
        verbose_name=_("target"),
    )
    automated = models.BooleanField(
        _("automated"), default=False, help_text=_("A bot or a mail scanner did it; never counts.")
    )
    occurred_at = models.DateTimeField(_("occurred"))
    received_at = models.DateTimeField(_("received"), auto_now_add=True)
    # The instant as it was sent, where the clock rules of the API made another one of it.
    given_at = models.DateTimeField(_("sent as"), null=True, blank=True, editable=False)
    source = models.CharField(_("source"), max_length=200, blank=True, default="")
    external_id = models.CharField(_("external id"), max_length=200, null=True, blank=True)
    properties = models.JSONField(_("properties"), null=True, blank=True)
    properties_norm = TaggedValues("properties")

    objects = ActivityQuerySet.as_manager()
    # No two can have one (source, external_id), so none is counted twice.
    on_merge = Move()

    class Meta:
        ordering = ["-occurred_at", "-pk"]
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        indexes = [
            # What a score reads, in the order in which it groups: most rules never touch the table.
            models.Index(
                fields=["type", "contact", "occurred_at", "target"],
                condition=models.Q(automated=False),
                name="activity_scored",
            ),
            models.Index(fields=["contact", "-occurred_at"], name="activity_timeline"),
            # The sweep: what passed a cut-off since the last one.
            models.Index(
                fields=["type", "occurred_at"],
                condition=models.Q(automated=False),
                name="activity_by_time",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=models.Q(external_id__isnull=False),
                name="activity_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.type}: {self.target}" if self.target.text else str(self.type)

    def save(self, *args: Any, **options: Any) -> None:
        """Store, and mark the contact (and, if it moved, the former one) pending."""
        with transaction.atomic():
            former = Activity.objects.filter(pk=self.pk).values_list("contact_id", flat=True)
            touched = {self.contact_id, *(former if self.pk else ())}
            super().save(*args, **options)
            Pending.objects.mark(sorted(touched), Pending.Cause.ACTIVITY)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            deleted = super().delete(*args, **options)
            Pending.objects.mark([self.contact_id], Pending.Cause.ACTIVITY)
        return deleted

"""Contacts and their tags."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from contacts.models.aliases import EmailAlias
from contacts.models.assignments import Assignment
from contacts.models.history import FieldChange, Pending, changes_between
from contacts.models.noted import Changes, NotedQuerySet, ProfileQuerySet
from contacts.models.on_merge import ArchiveQuietly
from contacts.models.twins import (
    EmailKey,
    NormalisedText,
    PhoneKey,
    TaggedValues,
    TwinModel,
    TwinQuerySet,
)
from contacts.normalise import email_key, normalise

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin

M = TypeVar("M", bound=models.Model)

# Fields whose every change is kept, so that a past day is explained with the profile of
# that day. Tags and single attributes are kept under "tags" and "attributes.KEY".
CONTACT_TEXTS = [
    *("email", "first_name", "last_name", "phone", "job_title", "language", "city", "region"),
    *("source", "campaign", "owner", "country", "lifecycle"),
]
CONTACT_FIELDS = [*CONTACT_TEXTS, "unsubscribed", "bounced", "created_at", "company_id"]


class Lifecycle(models.TextChoices):
    SUBSCRIBER = "subscriber", _("Subscriber")
    LEAD = "lead", _("Lead")
    MQL = "mql", _("Marketing qualified (MQL)")
    SQL = "sql", _("Sales qualified (SQL)")
    OPPORTUNITY = "opportunity", _("Opportunity")
    CUSTOMER = "customer", _("Customer")
    LOST = "lost", _("Lost")


class TagQuerySet(TwinQuerySet["Tag"]):
    def update(self, **values: Any) -> int:
        """Update; a new name of a tag is a change of the contacts that have it."""
        with self.history_kept():
            return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete, with history; the contacts that had one of these tags are marked pending."""
        with self.history_kept():
            return super().delete()

    @contextmanager
    def history_kept(self) -> Iterator[None]:
        """Keep what the changes of these tags made inside mean for each contact."""
        with transaction.atomic(using=self.db):
            contacts = Contact.objects.using(self.db)
            ids = list(contacts.filter(tags__in=self).values_list("pk", flat=True).distinct())
            with contacts.tags_noted(ids):
                yield


class Tag(TwinModel):
    """A label on contacts; two tags that differ by case or accents only are one."""

    name = models.CharField(_("name"), max_length=100)
    name_norm = NormalisedText("name", unique=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["name_norm"]
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        """Store; a new name of a tag is a change of the contacts that have it."""
        with Tag.objects.filter(pk=self.pk).history_kept():
            super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        with Tag.objects.filter(pk=self.pk).history_kept():
            return super().delete(*args, **options)


def sees_everybody(user: "AbstractBaseUser | AnonymousUser") -> bool:
    return cast("PermissionsMixin", user).has_perm("contacts.view_all_contacts")


class OfContactQuerySet(NotedQuerySet[M]):
    """Rows that belong to a contact: they are seen by those who see the contact."""

    instead = "save()"

    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        if sees_everybody(user):
            return self
        return self.filter(contact__in=Contact.objects.visible_to(user))


# Contacts whose tags somebody further up compares before and after.
_tags_noted: ContextVar[frozenset[int]] = ContextVar("tags_noted", default=frozenset())


class ContactQuerySet(ProfileQuerySet["Contact"]):
    scorable = frozenset([*CONTACT_FIELDS, "company", "attributes"])
    instead = "contacts.storing.store_contacts"

    def create_noted(
        self, rows: Sequence["Contact"], create: Callable[[], list["Contact"]]
    ) -> list["Contact"]:
        created = create()
        # By address: of a row that was there already the database tells no id.
        stored = Contact.objects.using(self.db).with_email(row.email for row in rows)
        stored.mark_pending(Pending.Cause.PROFILE)
        return created

    def note(self, changes: Mapping[int, Changes]) -> None:
        rows = [row for pk in changes for row in FieldChange.of(changes[pk], contact_id=pk)]
        FieldChange.objects.using(self.db).bulk_create(rows, batch_size=2000)
        Assignment.objects.using(self.db).note(changes)
        Pending.objects.using(self.db).mark(changes, Pending.Cause.PROFILE)

    @contextmanager
    def tags_noted(self, ids: Iterable[int]) -> Iterator[None]:
        """Note what the changes of tags made inside mean for each of these contacts."""
        fresh = sorted({*ids} - _tags_noted.get())
        with transaction.atomic(using=self.db):
            rows = Contact.objects.using(self.db).filter(pk__in=fresh).order_by("pk")
            list(rows.select_for_update(no_key=True).values_list("pk"))
            before = self.tag_names(fresh)
            token = _tags_noted.set(_tags_noted.get() | {*fresh})
            try:
                yield
            finally:
                _tags_noted.reset(token)
            after = self.tag_names(fresh)
            self.note(
                {
                    pk: found
                    for pk in fresh
                    if (found := changes_between({"tags": before[pk]}, {"tags": after[pk]}))
                }
            )

    def unerased(self) -> Self:
        """But for those of whom only numbers are left."""
        return self.filter(erased_at=None)

    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """What this person may see: everybody, or only their own leads and the pool."""
        if sees_everybody(user):
            return self.unerased()
        if not cast("PermissionsMixin", user).has_perm("contacts.view_contact"):
            return self.none()
        return self.unerased().filter(owner_norm__in=["", normalise(user.get_username())])

    def with_email(self, addresses: Iterable[str]) -> Self:
        """The contacts of these addresses, whatever their case and outer blanks.

        Also of former addresses: these lead to whom the contact was merged into.
        """
        keys = [email_key(address) for address in addresses]
        # Asked first: with one question for both no index would be used for either.
        aliases = EmailAlias.objects.using(self.db).of_addresses(keys)
        merged = list(aliases.values_list("contact_id", flat=True))
        own = models.Q(email_key__in=keys)
        return self.filter(own | models.Q(pk__in=merged) if merged else own)

    def own_keys(self, addresses: Iterable[str]) -> dict[str, str]:
        """Of these addresses the former ones, each with the key of whose it is now."""
        aliases = EmailAlias.objects.using(self.db).of_addresses(addresses)
        return dict(aliases.values_list("key", "contact__email_key"))

    def ids_by_address(self, addresses: Iterable[str]) -> dict[str, int]:
        """The ids of the contacts of these addresses, also of former ones, by key."""
        keys = {email_key(address) for address in addresses}
        found = dict(self.filter(email_key__in=keys).values_list("email_key", "pk"))
        if missing := keys - found.keys():
            aliases = EmailAlias.objects.using(self.db).of_addresses(missing)
            found |= dict(aliases.values_list("key", "contact_id"))
        return found

    def tag_names(self, ids: Iterable[int]) -> dict[int, list[str]]:
        """The normalised names of the tags of each of these contacts, in order."""
        names: dict[int, list[str]] = {pk: [] for pk in ids}
        links = ContactTag.objects.using(self.db).filter(contact__in=list(names))
        for pk, name in links.values_list("contact_id", "tag__name_norm"):
            names[pk].append(name)
        return {pk: sorted(found) for pk, found in names.items()}

    def mark_pending(self, cause: str) -> int:
        """Note in the database that these contacts need their scores made anew."""
        return Pending.objects.using(self.db).mark(self.values_list("pk", flat=True), cause)


class Contact(TwinModel):
    """A person, known by an e-mail address; every change of a field leaves a FieldChange."""

    email = models.CharField(_("e-mail"), max_length=254)
    email_key = EmailKey("email", unique=True)
    email_norm = NormalisedText("email")
    first_name = models.CharField(_("first name"), max_length=255, blank=True, default="")
    first_name_norm = NormalisedText("first_name")
    last_name = models.CharField(_("last name"), max_length=255, blank=True, default="")
    last_name_norm = NormalisedText("last_name")
    phone = models.CharField(_("phone"), max_length=255, blank=True, default="")
    phone_norm = NormalisedText("phone")
    phone_key = PhoneKey("phone")
    job_title = models.CharField(_("job title"), max_length=255, blank=True, default="")
    job_title_norm = NormalisedText("job_title")
    language = models.CharField(_("language"), max_length=255, blank=True, default="")
    language_norm = NormalisedText("language")
    city = models.CharField(_("city"), max_length=255, blank=True, default="")
    city_norm = NormalisedText("city")
    region = models.CharField(_("region"), max_length=255, blank=True, default="")
    region_norm = NormalisedText("region")
    country = models.CharField(
        _("country"), max_length=2, blank=True, default="", help_text=_("Two letters, as in ES.")
    )
    country_norm = NormalisedText("country")
    source = models.CharField(_("source"), max_length=255, blank=True, default="")
    source_norm = NormalisedText("source")
    campaign = models.CharField(_("campaign"), max_length=255, blank=True, default="")
    campaign_norm = NormalisedText("campaign")
    owner = models.CharField(
        _("owner"),
        max_length=255,
        blank=True,
        default="",
        help_text=_("User name of the salesperson; empty: in the pool."),
    )
    owner_norm = NormalisedText("owner")
    lifecycle = models.CharField(
        _("lifecycle"), max_length=20, blank=True, default="", choices=Lifecycle.choices
    )
    lifecycle_norm = NormalisedText("lifecycle")
    unsubscribed = models.BooleanField(_("unsubscribed"), default=False)
    bounced = models.BooleanField(_("bounced"), default=False)
    created_at = models.DateTimeField(_("created"), null=True, blank=True)
    company = models.ForeignKey(
        "contacts.Company",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name=_("company"),
    )
    tags: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        Tag, through="ContactTag", blank=True, related_name="contacts", verbose_name=_("tags")
    )
    attributes = models.JSONField(_("custom fields"), default=dict, blank=True)
    attributes_norm = TaggedValues("attributes", dates=True)
    stored_at = models.DateTimeField(_("stored since"), auto_now_add=True)
    # From then on nothing here says who it was: the row stays for the sums of the past alone.
    erased_at = models.DateTimeField(_("erased"), null=True, editable=False)

    objects = ContactQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        ordering = ["-pk"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        permissions = [("view_all_contacts", "Can view the contacts of every owner")]
        indexes = [
            models.Index(fields=["created_at"], name="contact_created"),
            models.Index(fields=["owner_norm"], name="contact_owner"),
            # Who may be the same person.
            models.Index(
                fields=["phone_key"], condition=~models.Q(phone_key=""), name="contact_phone"
            ),
            models.Index(
                fields=["last_name_norm", "first_name_norm"],
                condition=~models.Q(last_name_norm=""),
                name="contact_name",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(email_key=""), name="contact_has_email"),
            models.CheckConstraint(
                condition=models.Q(lifecycle__in=["", *Lifecycle.values]), name="contact_lifecycle"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name} <{self.email}>" if self.full_name else self.email

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part)

    def save(self, *args: Any, **options: Any) -> None:
        """Store, keep the history of what changed, and mark the contact pending."""
        with transaction.atomic():
            row = Contact.objects.filter(pk=self.pk)
            stored = row.select_for_update(no_key=True).first() if self.pk else None
            super().save(*args, **options)
            if stored is None:
                Pending.objects.mark([self.pk], Pending.Cause.PROFILE)
            # Read again: of a partial save only the stored part is a change.
            elif changed := changes_between(stored.profile(), row.get().profile()):
                Contact.objects.note({self.pk: changed})

    def set_tags(self, tags: Iterable[Tag]) -> None:
        """Make these the contact's tags, with history."""
        with Contact.objects.all().tags_noted([self.pk]):
            self.tags.set(tags)

    def tag_names(self) -> list[str]:
        return list(self.tags.order_by("name_norm").values_list("name_norm", flat=True))

    def profile(self) -> dict[str, object]:
        """The tracked fields but the tags, attributes flattened to ``attributes.KEY``."""
        fields = {name: getattr(self, name) for name in CONTACT_FIELDS}
        return fields | {f"attributes.{key}": value for key, value in self.attributes.items()}


class ContactTagQuerySet(NotedQuerySet["ContactTag"]):
    instead = "Contact.set_tags or contact.tags.add, set and remove"

    def update(self, **values: Any) -> int:
        raise self.refused("update")

    def create_noted(
        self, rows: Sequence["ContactTag"], create: Callable[[], list["ContactTag"]]
    ) -> list["ContactTag"]:
        with Contact.objects.using(self.db).tags_noted(row.contact_id for row in rows):
            return create()

    def delete(self) -> tuple[int, dict[str, int]]:
        if not self.noted:
            return super().delete()
        contacts = list(self.order_by().values_list("contact_id", flat=True).distinct())
        with Contact.objects.using(self.db).tags_noted(contacts):
            return super().delete()


class ContactTag(models.Model):
    """That a contact has a tag; the manager behind ``contact.tags`` writes through it."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")

    objects = ContactTagQuerySet.as_manager()
    # The survivor's tags are set by the merge itself, with history.
    on_merge = ArchiveQuietly()

    class Meta:
        # To Django it is the table that a ManyToManyField makes by itself: the admin lets one
        # choose tags, and there is nothing to migrate.
        auto_created = True
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        db_table = "contacts_contact_tags"
        unique_together = [("contact", "tag")]

    def save(self, *args: Any, **options: Any) -> None:
        with Contact.objects.all().tags_noted([self.contact_id]):
            super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        with Contact.objects.all().tags_noted([self.contact_id]):
            return super().delete(*args, **options)

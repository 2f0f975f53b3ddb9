"""Who got whom, when, and how that came: a line for each change of a contact's owner."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, cast
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models.on_merge import Move
from contacts.models.twins import NormalisedText, TwinModel, TwinQuerySet
from contacts.normalise import normalise
from contacts.provenance import current_origin

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin

DETAIL_MOST = 300


class How(models.TextChoices):
    CLAIM = "claim", gettext_lazy("taken from the pool")
    RETURN = "return", gettext_lazy("given back to the pool")
    RULE = "rule", gettext_lazy("by an assignment rule")
    HANDED = "handed", gettext_lazy("handed over in bulk")
    UNDONE = "undone", gettext_lazy("a hand-over was taken back")
    AUTOMATION = "auto", gettext_lazy("given by an automation")
    OTHER = "other", gettext_lazy("set by hand or by an import")


# What counts towards the leads that a person takes on in a day.
NEW_LEADS = (How.CLAIM, How.RULE, How.AUTOMATION)


@dataclass(frozen=True, slots=True)
class Why:
    """How changes of owners made now come about."""

    how: str = How.OTHER
    # The name of the rule, or the reason that somebody gave.
    detail: str = ""
    by: int | None = None
    # The user name of the person who is away, where somebody stands in.
    instead_of: str = ""
    batch: UUID | None = None


BY_OTHER_WAYS = Why()
_why: ContextVar[Why] = ContextVar("why", default=BY_OTHER_WAYS)


@contextmanager
def assigned(why: Why) -> Iterator[None]:
    """Note this beside every change of an owner made inside."""
    token = _why.set(why)
    try:
        yield
    finally:
        _why.reset(token)


class AssignmentQuerySet(TwinQuerySet["Assignment"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        if cast("PermissionsMixin", user).has_perm("contacts.view_all_contacts"):
            return self
        contacts: Any = self.model._meta.get_field("contact").related_model
        return self.filter(contact__in=contacts._default_manager.visible_to(user))

    def note(self, changes: Mapping[int, Mapping[str, tuple[object, object]]]) -> None:
        """Keep those of these changes of contacts that are of their owner."""
        why, now, origin = _why.get(), timezone.now(), current_origin()
        rows = [
            Assignment(
                contact_id=pk,
                owner=str(changed["owner"][1] or ""),
                before=str(changed["owner"][0] or ""),
                how=why.how,
                detail=why.detail[:DETAIL_MOST],
                by_id=why.by,
                instead_of=why.instead_of,
                batch=why.batch,
                origin=origin,
                at=now,
            )
            for pk, changed in changes.items()
            if "owner" in changed
        ]
        self.bulk_create(rows, batch_size=2000)

    def new_leads_of(self, username: str, since: datetime) -> Self:
        """What this person has taken on since then."""
        return self.filter(owner_norm=normalise(username), how__in=NEW_LEADS, at__gte=since)


class Assignment(TwinModel):
    """A contact got an owner, or went back to the pool; only ever added."""

    contact = models.ForeignKey(
        "contacts.Contact",
        on_delete=models.CASCADE,
        related_name="assignments",
        verbose_name=gettext_lazy("contact"),
    )
    owner = models.CharField(gettext_lazy("owner"), max_length=255, blank=True, default="")
    owner_norm = NormalisedText("owner")
    before = models.CharField(gettext_lazy("before"), max_length=255, blank=True, default="")
    how = models.CharField(
        gettext_lazy("how"), max_length=8, choices=How.choices, default=How.OTHER
    )
    detail = models.CharField(
        gettext_lazy("rule or reason"), max_length=DETAIL_MOST, blank=True, default=""
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=gettext_lazy("by"),
    )
    instead_of = models.CharField(
        gettext_lazy("standing in for"), max_length=255, blank=True, default=""
    )
    origin = models.CharField(gettext_lazy("origin"), max_length=200, blank=True, default="")
    # What was handed over at once is taken back at once.
    batch = models.UUIDField(null=True, blank=True, db_index=True)
    # The tasks that went along, by id.
    tasks = models.JSONField(default=list, blank=True)
    at = models.DateTimeField(gettext_lazy("at"))

    objects = AssignmentQuerySet.as_manager()
    on_merge = Move()

    class Meta:
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        verbose_name = gettext_lazy("assignment")
        verbose_name_plural = gettext_lazy("assignments")
        permissions = [
            ("claim_lead", "Can take leads from the pool and give them back"),
            ("hand_over_leads", "Can hand over the leads of others"),
        ]
        indexes = [
            models.Index(fields=["contact", "-at"], name="assignment_contact"),
            models.Index(fields=["owner_norm", "at"], name="assignment_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.before or '-'} -> {self.owner or '-'}"

    def in_words(self) -> str:
        """How it came: ``by an assignment rule: Spain; standing in for peter``."""
        how: str = self.get_how_display()
        if self.how in (How.OTHER, How.AUTOMATION) and self.origin:
            how = self.origin
        said = _("%(how)s: %(detail)s") % {"how": how, "detail": self.detail}
        said = said if self.detail else how
        if not self.instead_of:
            return said
        return _("%(how)s; standing in for %(name)s") % {"how": said, "name": self.instead_of}

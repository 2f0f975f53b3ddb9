"""What was written down about a change: the history of fields, and work left to do."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, cast

from django.db import DEFAULT_DB_ALIAS, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import PENDING, wake
from contacts.models.on_merge import Archive, MoveQuietly
from contacts.provenance import chain_depth, current_origin, is_quiet

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin


class FieldChangeQuerySet(models.QuerySet["FieldChange"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """The history of companies, and of the contacts that this person may see."""
        if cast("PermissionsMixin", user).has_perm("contacts.view_all_contacts"):
            return self
        contacts: Any = self.model._meta.get_field("contact").related_model
        seen = contacts._default_manager.visible_to(user)
        return self.filter(models.Q(contact=None) | models.Q(contact__in=seen))


class FieldChange(models.Model):
    """One change of one scorable field of a contact or a company: what was, what became."""

    contact = models.ForeignKey(
        "contacts.Contact",
        on_delete=models.CASCADE,
        null=True,
        related_name="changes",
        verbose_name=_("contact"),
    )
    company = models.ForeignKey(
        "contacts.Company",
        on_delete=models.CASCADE,
        null=True,
        related_name="changes",
        verbose_name=_("company"),
    )
    field = models.CharField(_("field"), max_length=80)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    changed_at = models.DateTimeField(_("changed"))
    origin = models.CharField(_("origin"), max_length=200, blank=True, default="")

    objects = FieldChangeQuerySet.as_manager()
    # On the survivor it would be taken back, field by field, for days before the merge.
    on_merge = Archive()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        verbose_name = _("field change")
        verbose_name_plural = _("field changes")
        indexes = [
            models.Index(fields=["contact", "changed_at"], name="field_change_contact"),
            models.Index(fields=["company", "changed_at"], name="field_change_company"),
            # Who came to a stage of the life cycle in a month, whatever else was changed in it.
            models.Index(
                fields=["changed_at", "contact"],
                condition=models.Q(field="lifecycle"),
                name="field_change_lifecycle",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(contact__isnull=False) ^ models.Q(company__isnull=False),
                name="field_change_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.before!r} -> {self.after!r}"

    @classmethod
    def of(
        cls,
        changes: Mapping[str, tuple[object, object]],
        *,
        contact_id: int | None = None,
        company_id: int | None = None,
    ) -> list[Self]:
        """Rows, not yet stored, for changes as ``changes_between`` gives them."""
        return [
            cls(
                contact_id=contact_id,
                company_id=company_id,
                field=field,
                before=as_json(before),
                after=as_json(after),
                changed_at=timezone.now(),
                origin=current_origin(),
            )
            for field, (before, after) in changes.items()
        ]


class PendingQuerySet(models.QuerySet["Pending"]):
    def mark(self, contact_ids: Iterable[int], cause: "Pending.Cause | str") -> int:
        """Note that the scores of these contacts may be out of date, and why.

        To be called in the transaction of the change itself: then either both are
        stored or neither, and no score can stay behind its data unnoticed.
        """
        quiet, depth = is_quiet(), chain_depth()
        rows = [Pending(contact_id=pk, cause=cause, quiet=quiet, depth=depth) for pk in contact_ids]
        self.bulk_create(rows, batch_size=5000)
        if rows and self.db == DEFAULT_DB_ALIAS:
            wake(PENDING)
        return len(rows)


class Pending(models.Model):
    """A contact whose scores may be out of date. Only ever added, and deleted when done."""

    class Cause(models.TextChoices):
        PROFILE = "profile", _("a field changed")
        ACTIVITY = "activity", _("an activity arrived")
        TIME = "time", _("time passed")

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    since = models.DateTimeField(_("since"), auto_now_add=True)
    # Where every row of a contact is quiet, its new score sets nothing off.
    quiet = models.BooleanField(default=False)
    # How many automations led to this one after another.
    depth = models.PositiveSmallIntegerField(default=0)

    objects = PendingQuerySet.as_manager()
    on_merge = MoveQuietly()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("pending score")
        verbose_name_plural = _("pending scores")

    def __str__(self) -> str:
        return f"{self.contact_id} ({self.cause})"


def changes_between(
    before: Mapping[str, object] | None, after: Mapping[str, object]
) -> dict[str, tuple[object, object]]:
    """Each key whose value differs, with (before, after); a key that is not there is None.

    What is not there, None and the empty text are the same: nothing.
    """
    old = before or {}
    return {
        name: (old.get(name), after.get(name))
        for name in {**old, **after}
        if not same(old.get(name), after.get(name))
    }


def same(one: object, other: object) -> bool:
    """Equal and of one type, for 1 and True are not the same value; all empties are."""
    if one in (None, "") or other in (None, ""):
        return one in (None, "") and other in (None, "")
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def as_json(value: object) -> object:
    """A field's value as the history keeps it: instants as ISO text."""
    return value.isoformat() if isinstance(value, datetime) else value

"""Contacts that were found to be one person, and pairs that are known to be two."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self, cast

from django.contrib.auth.models import User
from django.db import models
from django.db.models import ForeignObjectRel
from django.utils.translation import gettext_lazy as _

from contacts.models.on_merge import Data, Move, Relation, Treatment
from contacts.models.people import Contact, OfContactQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


def relations_to_contacts() -> Iterator[Relation]:
    """Every foreign key to a contact, in a fixed order."""
    found = {
        Relation(cast(type[models.Model], each.related_model), each.field.name)
        for each in cast(Any, Contact._meta).get_fields(include_hidden=True)
        if isinstance(each, ForeignObjectRel) and not each.many_to_many
    }
    yield from sorted(found, key=lambda relation: relation.key)


class MergeQuerySet(OfContactQuerySet["Merge"]):
    def standing(self) -> Self:
        return self.filter(undone_at=None)

    def current_id(self, contact_id: int) -> int:
        """The id by which a contact is known now: its own, or whom it was merged into."""
        found = self.standing().filter(merged_id=contact_id).values_list("contact_id", flat=True)
        return found.first() or contact_id


class Merge(models.Model):
    """One contact was merged into another; holds all that is needed to undo it.

    ``contact`` is who has it all now: where the survivor was itself merged, the one after.
    ``merged``, ``rows`` and ``before`` are what was: the fields of the merged contact, what
    became of its rows by relation (see ``on_merge``), and the survivor's fields that changed.
    """

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="merges", verbose_name=_("contact")
    )
    into_id = models.IntegerField(editable=False)
    merged_id = models.IntegerField(editable=False)
    name = models.CharField(_("merged contact"), max_length=600)
    address = models.CharField(_("its address"), max_length=254)
    owner_norm = models.TextField(editable=False, default="")
    merged = models.JSONField(editable=False)
    rows = models.JSONField(editable=False)
    before = models.JSONField(editable=False)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    username = models.CharField(_("by"), max_length=150)
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.CharField(_("undone by"), max_length=150, blank=True, default="")

    objects = MergeQuerySet.as_manager()
    on_merge = Move()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("merge of contacts")
        verbose_name_plural = _("merges of contacts")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["merged_id"], condition=models.Q(undone_at=None), name="merged_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def moved(self) -> dict[str, int]:
        """How many rows became the survivor's, by what they are called."""
        return {
            str(relation.model._meta.verbose_name_plural): len(moved)
            for relation in relations_to_contacts()
            if relation.is_told and (moved := self.rows.get(relation.key, {}).get("moved"))
        }

    def archived(self, label: str) -> list[Data]:
        """The rows of a model, by its label, that were kept here and not moved."""
        found: list[Data] = self.rows.get(f"{label}.contact", {}).get("archived", [])
        return found


class KeepApart(Treatment):
    """Who was no duplicate of the merged contact is none of the survivor."""

    is_told = False

    def unite(self, relation: Relation, loser: int, survivor: int) -> Data:
        field = relation.field
        kept = [[row.first_id, row.second_id] for row in relation.of(loser)]
        relation.of(loser).delete()
        others = {one if two == loser else two for one, two in kept} - {survivor}
        NotDuplicate.objects.note(survivor, others)
        return {"pairs": kept, "of": field} if kept else {}

    def part(self, relation: Relation, data: Data, loser: int, survivor: int) -> int:
        others = {one if two == loser else two for one, two in data.get("pairs", [])}
        there = Contact.objects.filter(pk__in=others).values_list("pk", flat=True)
        NotDuplicate.objects.note(loser, set(there))
        return 0


class NotDuplicateQuerySet(models.QuerySet["NotDuplicate"]):
    def note(self, contact_id: int, others: set[int], username: str = "") -> None:
        """Remember that this contact and each of these are two people."""
        pairs = [sorted((contact_id, other)) for other in sorted(others)]
        rows = [NotDuplicate(first_id=a, second_id=b, username=username) for a, b in pairs]
        self.bulk_create(rows, ignore_conflicts=True)

    def of(self, contact_id: int) -> Self:
        return self.filter(models.Q(first=contact_id) | models.Q(second=contact_id))

    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        seen = Contact.objects.visible_to(user)
        return self.filter(first__in=seen, second__in=seen)


class NotDuplicate(models.Model):
    """Two contacts that look alike and are not the same person; the lower id first."""

    first = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    username = models.CharField(_("by"), max_length=150, blank=True, default="")
    at = models.DateTimeField(_("when"), auto_now_add=True)

    objects = NotDuplicateQuerySet.as_manager()
    on_merge = KeepApart()

    class Meta:
        default_permissions = ()
        verbose_name = _("pair of two people")
        verbose_name_plural = _("pairs of two people")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="not_duplicate_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="not_duplicate_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id}, {self.second_id}"

"""Segments: conditions with a name, which hold for some contacts now and for others tomorrow.

A segment is a question and never a list: who is in it is asked of the contacts as they are.
"""

from datetime import datetime
from typing import Any, Self, TypeVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from contacts.models.people import ContactQuerySet
from scoring.criteria.conditions import Condition, ConditionReader, holds, sentence
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.faults import Node
from scoring.criteria.fields import Catalogue
from scoring.criteria.installed import installed_catalogue
from scoring.criteria.moments import AsOf

LONGEST_KEY = 64

Rows = TypeVar("Rows", bound=models.QuerySet[Any])


class SegmentQuerySet(models.QuerySet["Segment"]):
    def new_key(self, name: str) -> str:
        """A word for the name that no segment has."""
        stem = slugify(name).replace("-", "_")[: LONGEST_KEY - 8] or "segment"
        if not stem[0].isalpha():
            stem = f"s_{stem}"
        taken = set(self.filter(key__startswith=stem).values_list("key", flat=True))
        keys = [stem, *(f"{stem}_{number}" for number in range(2, len(taken) + 2))]
        return next(key for key in keys if key not in taken)


class Segment(models.Model):
    """Contacts by a condition; automations know it by its ``key``, which never changes."""

    name = models.CharField(
        _("name"),
        max_length=200,
        unique=True,
        error_messages={"unique": _("There is a segment of this name already.")},
    )
    key = models.SlugField(_("key"), max_length=LONGEST_KEY, unique=True, editable=False)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    condition = models.JSONField(_("condition"))
    # Counts what was changed, so that whoever looks at an older state is told.
    revision = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("changed by"),
    )

    objects = SegmentQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("segment")
        verbose_name_plural = _("segments")

    def __str__(self) -> str:
        return self.name

    def read(self, catalogue: Catalogue | None = None) -> Condition:
        """The condition; raises DocumentInvalid where a field is not there any more."""
        node = Node(self.condition)
        found = ConditionReader(catalogue or installed_catalogue()).read(node)
        if node.faults:
            raise DocumentInvalid(node.faults)
        return found

    def sentence(self, catalogue: Catalogue | None = None) -> str:
        """In words; raises DocumentInvalid."""
        known = catalogue or installed_catalogue()
        return sentence(self.read(known), known)

    def contacts(self, as_of: datetime | None = None) -> ContactQuerySet:
        """Who is in it; raises DocumentInvalid."""
        return self.narrow(Contact.objects.all(), as_of)

    def narrow(self, rows: Rows, as_of: datetime | None = None) -> Rows:
        """Of these contacts or leads those in it; raises DocumentInvalid."""
        catalogue = installed_catalogue()
        found = holds(self.read(catalogue), catalogue)
        return rows.filter(AsOf(found, as_of or timezone.now()))

    def store(self, user: AbstractBaseUser) -> Self:
        """Save what was changed as the next revision."""
        known: Any = user if user.pk else None
        if self.pk is None:
            self.key = type(self).objects.new_key(self.name)
            self.created_by = known
        self.changed_by = known
        self.revision += 1
        self.save()
        return self

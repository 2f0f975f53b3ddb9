"""What people wrote down about a contact."""

from datetime import datetime
from typing import TYPE_CHECKING, Final, Self, cast

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models.on_merge import Move
from contacts.models.people import Contact, sees_everybody

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin

TEXT_MOST: Final = 10_000
DELETE_OTHERS: Final = "contacts.delete_notes_of_others"


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """Whoever sees the contact reads its notes."""
        if not cast("PermissionsMixin", user).has_perm("contacts.view_note"):
            return self.none()
        if sees_everybody(user):
            return self
        return self.filter(contact__in=Contact.objects.visible_to(user))

    def written_by(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        return self.filter(author=user.pk)

    def deletable_by(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """One's own; a manager's also those of others."""
        known = cast("PermissionsMixin", user)
        if known.has_perm(DELETE_OTHERS):
            return self.visible_to(user)
        if not known.has_perm("contacts.delete_note"):
            return self.none()
        return self.visible_to(user).written_by(user)

    def rewrite(self, text: str, at: datetime) -> int:
        return self.update(text=text, edited_at=at)


class Note(models.Model):
    """A text about a contact; no rule reads it. Who wrote it may be gone."""

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="notes", verbose_name=_("contact")
    )
    text = models.TextField(_("text"), max_length=TEXT_MOST)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="notes",
        verbose_name=_("author"),
    )
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    edited_at = models.DateTimeField(_("edited"), null=True, blank=True)
    pinned = models.BooleanField(_("pinned"), default=False)

    objects = NoteQuerySet.as_manager()
    on_merge = Move()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        permissions = [("delete_notes_of_others", "Can delete the notes of others")]
        indexes = [models.Index(fields=["contact", "-created_at"], name="note_timeline")]

    def __str__(self) -> str:
        return self.text[:80]

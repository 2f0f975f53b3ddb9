"""What the people who work here get and give: notifications, and the card under their mail."""

from typing import TYPE_CHECKING, Self, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scoring.automations.outbox.messages import Message

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """One's own, whatever one's role."""
        return self.filter(user=user.pk)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def mark_read(self) -> int:
        return self.unread().update(read_at=timezone.now())


class Notification(models.Model):
    """A line for one person, shown in the admin."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notifications",
        verbose_name=_("for"),
    )
    # None but for what a message of the outbox has brought; then one for each message.
    message = models.OneToOneField(
        Message, on_delete=models.CASCADE, null=True, related_name="notification"
    )
    title = models.CharField(_("title"), max_length=255)
    text = models.TextField(_("text"), blank=True, default="")
    link = models.CharField(_("link"), max_length=500, blank=True, default="")
    created_at = models.DateTimeField(_("when"), auto_now_add=True)
    read_at = models.DateTimeField(_("read"), null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            models.Index(
                fields=["user"], condition=models.Q(read_at=None), name="notification_unread"
            )
        ]

    def __str__(self) -> str:
        return self.title


class OwnerCardQuerySet(models.QuerySet["OwnerCard"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """One's own; of everybody for those who look after users."""
        if cast("PermissionsMixin", user).has_perm("auth.change_user"):
            return self
        return self.filter(user=user.pk)

    def of(self, user: User | None) -> "OwnerCard":
        """A person's card; an empty one where there is none."""
        found = self.filter(user=user).first() if user else None
        return found or OwnerCard(user=user)


class OwnerCard(models.Model):
    """What a salesperson's e-mails to their contacts offer: where to book a meeting."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="owner_card",
        verbose_name=_("user"),
    )
    meeting_link = models.CharField(
        _("meeting link"),
        max_length=500,
        blank=True,
        default="",
        validators=[URLValidator(["https", "http"])],
        help_text=_("Where a contact books a meeting: {{ owner.meeting_link }} in a text."),
    )
    signature = models.TextField(
        _("signature"),
        max_length=2000,
        blank=True,
        default="",
        help_text=_("Stands under every e-mail to a contact of this person."),
    )

    objects = OwnerCardQuerySet.as_manager()

    class Meta:
        ordering = ["user__username"]
        verbose_name = _("owner's card")
        verbose_name_plural = _("owners' cards")

    def __str__(self) -> str:
        return self.user.get_username()

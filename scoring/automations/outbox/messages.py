"""Messages that are to be sent, and every attempt to send them."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self, cast

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.chores import wake
from contacts.models import Contact
from contacts.models.on_merge import Move
from contacts.models.people import sees_everybody
from scoring.automations.outbox.channel import CHANNELS

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin

    from scoring.automations.models import Crossing

OUTBOX: Final = "outbox"
OUTBOX_FILES: Final = "outbox_files"
# Keys are ids in headers of others, so they are plain.
KEY = re.compile(r"[A-Za-z0-9_:.=@/+-]{1,200}")
ERROR_MOST: Final = 500
RESPONSE_MOST: Final = 4096


class MessageQuerySet(models.QuerySet["Message"]):
    def post(
        self,
        *,
        key: str,
        channel: str,
        recipient: str,
        subject: str = "",
        body: Mapping[str, object],
        contact: Contact | None = None,
        crossing: "Crossing | None" = None,
        not_before: datetime | None = None,
        target: str = "",
    ) -> "Message":
        """Put a message into the outbox, in the caller's transaction; once for each key.

        Where the key is known, the first message stands, whatever this one would say. A
        message to a contact who wants none is stored as cancelled.
        """
        if not KEY.fullmatch(key):
            raise ValueError(f"{key!r} cannot be the key of a message.")
        way = CHANNELS[channel]
        if way.to_contact and contact is None:
            raise ValueError(f"A message by {channel} needs its contact.")
        reason = why_not(contact) if way.to_contact and contact else ""
        content = frozen(body)
        row = self.model(
            key=key,
            channel=channel,
            lane=way.lane(recipient)[:200],
            recipient=recipient,
            subject=one_line(subject),
            body=content,
            body_sha256=hashlib.sha256(content.encode()).hexdigest(),
            contact=contact,
            crossing=crossing,
            target=target,
            state=Message.State.CANCELLED if reason else Message.State.PENDING,
            last_error=reason,
            next_at=max(not_before or timezone.now(), timezone.now()),
        )
        # Unlike get_or_create, no savepoint, and no error that ends PostgreSQL's transaction.
        self.bulk_create([row], ignore_conflicts=True)
        wake(OUTBOX_FILES if way.takes_long else OUTBOX)
        return self.get(key=key)

    def cancel_for(self, contact: Contact, reason: str) -> int:
        """Stop what would go to this contact; what is on its way just now is not called back."""
        channels = [name for name, channel in CHANNELS.items() if channel.to_contact]
        return self.waiting().filter(contact=contact, channel__in=channels).cancel(reason)

    def waiting(self) -> Self:
        """Pending and in nobody's hands."""
        free = Q(lease_until=None) | Q(lease_until__lte=timezone.now())
        return self.filter(free, state=Message.State.PENDING)

    def cancel(self, reason: str) -> int:
        return self.update(
            state=Message.State.CANCELLED,
            last_error=reason[:ERROR_MOST],
            lease_until=None,
            lease_token=None,
        )

    def send_again(self, states: "tuple[str, ...]") -> int:
        """Have those of these messages sent anew that are in one of these states.

        Key and body stay, so a receiver who had it knows it again.
        """
        count = self.filter(state__in=states).update(
            state=Message.State.PENDING,
            next_at=timezone.now(),
            forgiven=F("attempts"),
            flagged=False,
            last_error="",
            lease_until=None,
            lease_token=None,
        )
        if count:
            wake(OUTBOX)
            wake(OUTBOX_FILES)
        return count

    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """Everything, or what concerns the contacts that this person sees."""
        if not cast("PermissionsMixin", user).has_perm("scoring.view_message"):
            return self.none()
        if sees_everybody(user):
            return self
        return self.filter(contact__in=Contact.objects.visible_to(user))


class Message(models.Model):
    """One thing to tell one receiver; at least once, always with this key and these bytes.

    A dispatcher takes it by setting ``lease_token``, and until ``lease_until`` it is in that
    dispatcher's hands. ``next_at`` is moved there as well: so it is also the way back.
    """

    class State(models.TextChoices):
        PENDING = "pending", gettext_lazy("Waiting")
        SENT = "sent", gettext_lazy("Sent")
        DEAD = "dead", gettext_lazy("Given up")
        CANCELLED = "cancelled", gettext_lazy("Cancelled")
        BLOCKED = "blocked", gettext_lazy("Blocked")

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(gettext_lazy("key"), max_length=200, unique=True)
    channel = models.CharField(gettext_lazy("channel"), max_length=20)
    lane = models.CharField(max_length=200)
    recipient = models.CharField(gettext_lazy("recipient"), max_length=320)
    subject = models.CharField(gettext_lazy("subject"), max_length=255, blank=True, default="")
    # Text and not JSON: these very bytes are signed, and a database would order the keys anew.
    body = models.TextField(gettext_lazy("body"))
    body_sha256 = models.CharField(max_length=64)
    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=gettext_lazy("contact"),
    )
    crossing = models.ForeignKey(
        "scoring.Crossing",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name=gettext_lazy("crossing"),
    )
    # How later activities name this message: as their target.
    target = models.CharField(gettext_lazy("target"), max_length=255, blank=True, default="")
    state = models.CharField(
        gettext_lazy("state"), max_length=10, choices=State.choices, default=State.PENDING
    )
    attempts = models.PositiveIntegerField(gettext_lazy("attempts"), default=0)
    # Attempts from before a person had it sent again: the schedule begins anew.
    forgiven = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(gettext_lazy("next attempt"))
    lease_until = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    last_error = models.CharField(
        gettext_lazy("what happened"), max_length=ERROR_MOST, blank=True, default=""
    )
    # The receiver says that the message itself is wrong, time and again.
    flagged = models.BooleanField(gettext_lazy("refused by the receiver"), default=False)
    # It was not sent, for nothing leaves this installation.
    kept = models.BooleanField(gettext_lazy("kept here"), default=False)
    created_at = models.DateTimeField(gettext_lazy("posted"), auto_now_add=True)
    sent_at = models.DateTimeField(gettext_lazy("sent"), null=True)

    objects = MessageQuerySet.as_manager()
    on_merge = Move()

    class Meta:
        ordering = ["-pk"]
        verbose_name = gettext_lazy("message")
        verbose_name_plural = gettext_lazy("messages")
        indexes = [
            models.Index(fields=["next_at"], name="message_due", condition=Q(state="pending")),
            models.Index(fields=["lane", "created_at"], name="message_lane"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "sent", "dead", "cancelled", "blocked"]),
                name="message_state",
            )
        ]

    def __str__(self) -> str:
        return self.subject or self.key

    @property
    def content(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def tries(self) -> int:
        """Attempts of this round of the schedule."""
        return self.attempts - self.forgiven


class Attempt(models.Model):
    """One attempt at sending; without an end where whoever made it died."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="history")
    n = models.PositiveIntegerField()
    started = models.DateTimeField()
    finished = models.DateTimeField(null=True)
    code = models.PositiveIntegerField(null=True)
    error = models.CharField(max_length=ERROR_MOST, blank=True, default="")
    head = models.TextField(blank=True, default="")
    response = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["n"]
        verbose_name = gettext_lazy("attempt")
        verbose_name_plural = gettext_lazy("attempts")
        constraints = [models.UniqueConstraint(fields=["message", "n"], name="attempt_once")]

    def __str__(self) -> str:
        return f"{self.message_id}, {self.n}"


def why_not(contact: Contact) -> str:
    """Why nothing may be sent to this contact; empty where something may."""
    if contact.unsubscribed or has_said_no(contact):
        return _("The contact has unsubscribed.")
    if contact.bounced:
        return _("The contact's address does not take mail.")
    return ""


def has_said_no(contact: Contact) -> bool:
    """Whether an activity says that they unsubscribed, and no field since that they are back."""
    deeds = contact.activities.filter(type__slug="unsubscribe", automated=False)
    last = deeds.order_by("-occurred_at").values_list("occurred_at", flat=True).first()
    if last is None:
        return False
    back = contact.changes.filter(field="unsubscribed", after=False, changed_at__gt=last)
    return not back.exists()


def frozen(body: Mapping[str, object]) -> str:
    """The bytes of a body, as they will be sent however often."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def one_line(text: str, most: int = 255) -> str:
    """A text that may stand in a header."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:most]


def storable(text: str, most: int) -> str:
    """What a stranger has said, cut, and without what PostgreSQL cannot hold."""
    return text.replace("\0", "\ufffd")[:most]

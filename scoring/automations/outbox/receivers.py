"""Who gets messages beside people: endpoints of webhooks, and destinations of notifications."""

import base64
import secrets
import warnings
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.automations.outbox.addresses import Refused, check_url_and_addresses
from scoring.automations.outbox.sealed import SealedField, Unreadable

if TYPE_CHECKING:
    from apprise import NotifyBase

# How long the secret from before a rotation still signs.
ROTATION: Final = timedelta(hours=24)
# An endpoint that has not taken one message for so long is switched off.
FAILING_MOST: Final = timedelta(hours=120)
# Services of Apprise that write to the machine itself: they notify nobody but the server.
LOCAL_SERVICES: Final = frozenset(
    {"dbus", "glib", "gio", "qt", "kde", "gnome", "macosx", "windows", "syslog", "blink1"}
)


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def check_endpoint(url: str) -> None:
    try:
        check_url_and_addresses(url)
    except Refused as refused:
        raise ValidationError(str(refused)) from refused


def check_service(url: str) -> None:
    """That Apprise knows the service, and that it is one outside of this machine."""
    scheme = url.partition("://")[0].strip().lower()
    if "://" not in url or scheme in LOCAL_SERVICES or service_of(url) is None:
        raise ValidationError(
            _("This is not the address of a service, such as slack://… or mailto://…")
        )


def service_of(url: str) -> "NotifyBase | None":
    """One service of Apprise; None where it does not understand the address."""
    with warnings.catch_warnings():
        # At first use it loads all of its services, some by modules that Python gives up.
        warnings.simplefilter("ignore", DeprecationWarning)
        found: NotifyBase | None = apprise().instantiate(url.strip())
    return found


def apprise() -> Any:
    """The library's main class; loaded at first use, for most processes notify nobody."""
    return import_module("apprise").Apprise


class Endpoint(models.Model):
    """An address that webhooks go to; automations know it by its name, which stays."""

    name = models.CharField(gettext_lazy("name"), max_length=100, unique=True)
    url = models.CharField(
        gettext_lazy("address"),
        max_length=2000,
        validators=[check_endpoint],
        help_text=gettext_lazy("Of the receiver, as in https://hooks.example.com/leads"),
    )
    secret = SealedField(default=new_secret, editable=False)
    former_secret = SealedField(blank=True, default="", editable=False)
    former_until = models.DateTimeField(null=True, editable=False)
    full_body = models.BooleanField(
        gettext_lazy("send the contact's fields"),
        default=False,
        help_text=gettext_lazy("Otherwise a webhook tells ids and scores only."),
    )
    active = models.BooleanField(gettext_lazy("on"), default=True, editable=False)
    disabled_at = models.DateTimeField(gettext_lazy("switched off"), null=True, editable=False)
    disabled_reason = models.CharField(
        gettext_lazy("why it is off"), max_length=500, blank=True, default="", editable=False
    )
    failing_since = models.DateTimeField(gettext_lazy("failing since"), null=True, editable=False)
    created_at = models.DateTimeField(gettext_lazy("added"), auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = gettext_lazy("webhook endpoint")
        verbose_name_plural = gettext_lazy("webhook endpoints")

    def __str__(self) -> str:
        return self.name

    def signing_secrets(self, now: datetime) -> list[str]:
        """The current secret and, for a day after a rotation, the former one."""
        former = self.former_secret if self.former_until and now < self.former_until else ""
        found = [secret for secret in (self.secret, former) if secret]
        return [secret for secret in found if not isinstance(secret, Unreadable)]

    def rotate(self) -> str:
        """A new secret, which is returned; the former one signs too for a day."""
        secret = new_secret()
        self.former_secret, self.secret = self.secret, secret
        self.former_until = timezone.now() + ROTATION
        self.save(update_fields=["secret", "former_secret", "former_until"])
        return secret

    def switch_on(self) -> None:
        self.active, self.disabled_at, self.failing_since = True, None, None
        self.disabled_reason = ""
        self.save(update_fields=["active", "disabled_at", "failing_since", "disabled_reason"])

    def switch_off(self, reason: str, now: datetime) -> bool:
        """Whether it was on until now: of several who switch it off one is told so."""
        switched = Endpoint.objects.filter(pk=self.pk, active=True).update(
            active=False, disabled_at=now, disabled_reason=reason[:500]
        )
        self.refresh_from_db()
        return bool(switched)

    def note_success(self) -> None:
        Endpoint.objects.filter(pk=self.pk, failing_since__isnull=False).update(failing_since=None)

    def note_failure(self, now: datetime) -> bool:
        """Note that it failed; whether it has not taken a single message for too long."""
        Endpoint.objects.filter(pk=self.pk, failing_since=None).update(failing_since=now)
        since = Endpoint.objects.values_list("failing_since", flat=True).get(pk=self.pk)
        return since is not None and now - since >= FAILING_MOST


class Destination(models.Model):
    """A channel of a team, in Slack, Teams or elsewhere; automations know it by its name."""

    name = models.CharField(gettext_lazy("name"), max_length=100, unique=True)
    url = SealedField(
        gettext_lazy("address"),
        validators=[check_service],
        help_text=gettext_lazy("As Apprise has it: slack://tokenA/tokenB/tokenC, mailto://…"),
    )
    active = models.BooleanField(gettext_lazy("on"), default=True)
    created_at = models.DateTimeField(gettext_lazy("added"), auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = gettext_lazy("notification destination")
        verbose_name_plural = gettext_lazy("notification destinations")

    def __str__(self) -> str:
        return self.name

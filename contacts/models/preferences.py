"""What people who work here have set for themselves."""

import secrets
from typing import Final, Self

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

SECRET_BYTES: Final = 32
SALT: Final = "contacts.calendar"


def check_days(days: object) -> None:
    """Days of the week by number, Monday is 0; none twice."""
    if not isinstance(days, list) or not set(days) <= set(range(7)) or len(set(days)) < len(days):
        raise ValidationError(gettext("These are no days of the week."))


class PreferencesQuerySet(models.QuerySet["Preferences"]):
    def of(self, user: User) -> "Preferences":
        """A person's own; the usual ones where they have set nothing."""
        return self.filter(user=user).first() or Preferences(user=user)


class Preferences(models.Model):
    """Somebody's language, and the letter that they get in the morning."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="preferences", verbose_name=_("user")
    )
    # Empty: the installation's.
    language = models.CharField(
        _("language"), max_length=10, blank=True, default="", choices=settings.LANGUAGES
    )
    digest = models.BooleanField(_("e-mail in the morning"), default=True)
    # On the clock of the team's calendar; None: when work begins there.
    digest_at = models.TimeField(_("at"), null=True, blank=True)
    # None: on every working day.
    digest_days = models.JSONField(
        _("on these days"), null=True, blank=True, validators=[check_days]
    )
    # The last day for which it was written, or for which there was nothing to say.
    digested_on = models.DateField(null=True, editable=False)

    objects = PreferencesQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("settings of a person")
        verbose_name_plural = _("settings of people")

    def __str__(self) -> str:
        return str(self.user)

    @property
    def language_code(self) -> str:
        """Of a language that this installation still has."""
        known = {code for code, _name in settings.LANGUAGES}
        return self.language if self.language in known else str(settings.LANGUAGE_CODE)


def language_of(user: User) -> str:
    """In which language this person is told something."""
    return Preferences.objects.of(user).language_code


class CalendarAddressQuerySet(models.QuerySet["CalendarAddress"]):
    def renew(self, user: User) -> str:
        """Give this person an address, and end the one of before; the secret, this once."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        self.update_or_create(
            user=user, defaults={"digest": digest_of(secret), "made_at": timezone.now()}
        )
        return secret

    def found_by(self, secret: str) -> "CalendarAddress | None":
        """Of somebody who may still log in.

        What is looked up is a digest that nobody outside can compute: how long the look-up
        takes tells nothing of the secrets that are stored.
        """
        wanted = digest_of(secret)
        found = self.filter(digest=wanted, user__is_active=True).select_related("user").first()
        return found if found and constant_time_compare(found.digest, wanted) else None

    def of(self, user: User) -> Self:
        return self.filter(user=user)


class CalendarAddress(models.Model):
    """The private address from which somebody's calendar reads their tasks; kept as a digest."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="calendar_address", verbose_name=_("user")
    )
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("made"))

    objects = CalendarAddressQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")

    def __str__(self) -> str:
        return str(self.user)


def digest_of(secret: str) -> str:
    """With a pepper from SECRET_KEY: whoever reads the database alone can make no address."""
    return salted_hmac(SALT, secret, algorithm="sha256").hexdigest()

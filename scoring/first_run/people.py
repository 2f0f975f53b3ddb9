"""People who are to log in: made with a role, and let in by a link that sets their password."""

import logging
from smtplib import SMTPException
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from contacts.models import Calendar, Member, Team
from contacts.models.preferences import language_of
from contacts.normalise import normalise
from contacts.roles import ADMINISTRATOR, MARKETING, ROLES, SALES, SALES_MANAGER

logger = logging.getLogger(__name__)

NAME_MOST: Final = 150
ROLE_NAMES: Final = {
    MARKETING: _("Marketing"),
    SALES: _("Sales"),
    SALES_MANAGER: _("Sales manager"),
    ADMINISTRATOR: _("Administrator"),
}
ABOUT: Final = {
    MARKETING: (
        "campaign",
        _(
            "Sees every contact. Writes the criteria, proposes and signs for marketing, makes "
            "automations and imports."
        ),
    ),
    SALES: (
        "call",
        _(
            "Sees their own leads and those of nobody. Does tasks and deals, suggests criteria, "
            "signs for sales."
        ),
    ),
    SALES_MANAGER: (
        "supervisor_account",
        _(
            "Sees everybody's leads, tasks and deals. Keeps teams and working hours, signs for "
            "sales."
        ),
    ),
    ADMINISTRATOR: (
        "shield_person",
        _("Everything, with users, keys of the API, endpoints and jobs."),
    ),
}


class TeamForm(forms.Form):
    """The name of a team that there is not yet."""

    name = forms.CharField(
        label=_("Name of the team"), max_length=100, widget=UnfoldAdminTextInputWidget()
    )

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if Team.objects.filter(name__iexact=name).exists():
            raise ValidationError(gettext("There is a team of this name already."))
        return name

    def save(self) -> Team:
        calendar = Calendar.objects.default()
        if calendar.pk is None:
            calendar.name = gettext("Office hours")
            calendar.save()
        return Team.objects.create(name=self.cleaned_data["name"], calendar=calendar)


class PersonForm(forms.Form):
    """Somebody new: who, with which role, in which team."""

    name = forms.CharField(
        label=_("Name"), max_length=NAME_MOST, widget=UnfoldAdminTextInputWidget()
    )
    email = forms.EmailField(label=_("E-mail"), widget=UnfoldAdminEmailInputWidget())
    username = forms.CharField(
        label=_("User name"),
        max_length=NAME_MOST,
        required=False,
        help_text=_("Leads are shared out by it; left empty, it is what stands before the @."),
        validators=User._meta.get_field("username").validators,
        widget=UnfoldAdminTextInputWidget(),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[(role, ROLE_NAMES[role]) for role in ROLES],
        widget=UnfoldAdminSelectWidget(),
    )
    team = forms.ModelChoiceField(
        label=_("Team"),
        queryset=Team.objects.all(),
        required=False,
        empty_label=_("no team"),
        widget=UnfoldAdminSelectWidget(),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "username" not in cleaned or "email" not in cleaned:
            return cleaned
        username = cleaned["username"] or cleaned["email"].partition("@")[0]
        known = User.objects.values_list("username", flat=True)
        if normalise(username) in map(normalise, known):
            told = gettext("There is a user of this name already; case and accents do not count.")
            self.add_error("username", told)
        try:
            User._meta.get_field("username").run_validators(username)
        except ValidationError as wrong:
            self.add_error("username", wrong)
        return cleaned | {"username": username}

    @transaction.atomic
    def save(self) -> User:
        """The user, who cannot log in before they have set a password by their link."""
        given = self.cleaned_data
        first, _blank, last = str(given["name"]).strip().partition(" ")
        user = User(
            username=given["username"],
            email=given["email"],
            first_name=first,
            last_name=last.strip(),
            is_staff=True,
        )
        user.set_unusable_password()
        user.save()
        user.groups.add(Group.objects.get(name=given["role"]))
        if given["team"]:
            Member.objects.create(
                team=given["team"], user=user, position=given["team"].members.count()
            )
        return user


def link_for(request: HttpRequest, user: User) -> str:
    """Where this person sets a password: good once, for a few days."""
    token = default_token_generator.make_token(user)
    path = reverse("set_password", args=[urlsafe_base64_encode(force_bytes(user.pk)), token])
    return request.build_absolute_uri(path)


def mail_link(user: User, link: str) -> bool:
    """Send the link to whom it is for, in their language; False where it could not be sent.

    Not by the outbox: there it would lie readable until it has been sent, and after.
    """
    days = settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)
    with translation.override(language_of(user)):
        subject = gettext("Your way into lead scoring")
        text = ngettext(
            "Your user name is %(name)s. Set your password here, within %(days)d day; "
            "the link works once:\n\n%(link)s",
            "Your user name is %(name)s. Set your password here, within %(days)d days; "
            "the link works once:\n\n%(link)s",
            days,
        ) % {"name": user.username, "days": days, "link": link}
    try:
        send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [user.email])
    except (OSError, SMTPException):
        logger.warning("The link of %s could not be sent", user.username, exc_info=True)
        return False
    return True


def waits_for_password(user: User) -> bool:
    """Whether this person was let in and has not been here yet."""
    return user.is_active and not user.has_usable_password()

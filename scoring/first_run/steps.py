"""Which steps there are, which are done, and which comes next."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.models import Calendar, Contact, Holiday, Member
from contacts.models.teams import usual_week
from scoring.criteria.drafts import Draft
from scoring.criteria.models import Version


@dataclass(frozen=True, slots=True)
class Step:
    """``is_needed``: without it there is nothing to see, so that the first page asks for it."""

    slug: str
    title: str | Promise
    icon: str
    done: Callable[[HttpRequest], bool]
    is_needed: bool = False

    @property
    def url(self) -> str:
        return reverse("first_run", args=[self.slug])


def has_chosen_language(request: HttpRequest) -> bool:
    return settings.LANGUAGE_COOKIE_NAME in request.COOKIES


def has_people(_request: HttpRequest) -> bool:
    return Member.objects.exists()


def has_hours(_request: HttpRequest) -> bool:
    """Whether somebody changed what an installation begins with."""
    calendar = Calendar.objects.default()
    begun = (settings.TIME_ZONE, usual_week())
    return (calendar.time_zone, calendar.hours) != begun or Holiday.objects.exists()


def has_model(_request: HttpRequest) -> bool:
    return Version.objects.live().exists() or Draft.objects.exists()


def has_contacts(_request: HttpRequest) -> bool:
    return Contact.objects.exists()


STEPS: Final = (
    Step("language", _("Language"), "translate", has_chosen_language),
    Step("people", _("People and roles"), "group", has_people),
    Step("hours", _("Working hours"), "calendar_month", has_hours),
    Step("model", _("A scoring model"), "rule", has_model, is_needed=True),
    Step("data", _("Contacts"), "upload_file", has_contacts, is_needed=True),
)
BY_SLUG: Final = {step.slug: step for step in STEPS}


def may_set_up(request: HttpRequest) -> bool:
    """Administrators: whoever makes users."""
    return request.user.has_perm("auth.add_user")


def after(step: Step) -> Step | None:
    """The one that follows in the list; None after the last."""
    place = STEPS.index(step)
    return STEPS[place + 1] if place + 1 < len(STEPS) else None

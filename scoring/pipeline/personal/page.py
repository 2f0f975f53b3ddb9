"""My settings: language, the e-mail of the morning, the address of one's calendar."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from contacts.models import Calendar, CalendarAddress, Preferences
from leadscoring.site import admin_page
from scoring.pipeline.personal.digest import digest_of
from scoring.pipeline.personal.forms import PreferencesForm

PAGE = "admin:pipeline_settings"


@admin_page("my-settings/", "pipeline_settings")
def settings_view(request: HttpRequest) -> HttpResponse:
    own = Preferences.objects.of(me(request))
    form = PreferencesForm(request.POST or None, instance=own)
    if request.method == "POST" and form.is_valid():
        stored = form.save()
        with override(stored.language_code):
            messages.success(request, gettext("Your settings are saved."))
        return speaking(stored, HttpResponseRedirect(reverse(PAGE)))
    return shown(request, form)


@admin_page("my-settings/calendar/", "pipeline_calendar")
def calendar_view(request: HttpRequest) -> HttpResponse:
    """A new address, shown in this answer and never again; the one of before ends."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    secret = CalendarAddress.objects.renew(me(request))
    address = settings.SITE_URL + reverse("calendar", args=[secret])
    own = Preferences.objects.of(me(request))
    return shown(request, PreferencesForm(instance=own), address=address)


@admin_page("my-settings/calendar/off/", "pipeline_calendar_off")
def calendar_off_view(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    CalendarAddress.objects.of(me(request)).delete()
    messages.success(request, gettext("Your calendar's address is switched off."))
    return HttpResponseRedirect(reverse(PAGE))


def me(request: HttpRequest) -> User:
    return cast(User, request.user)


def speaking(own: Preferences, response: HttpResponse) -> HttpResponse:
    """This browser too speaks the language that was chosen, as by the menu of languages."""
    if own.language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            own.language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


def shown(request: HttpRequest, form: PreferencesForm, **facts: Any) -> HttpResponse:
    user = me(request)
    context = {
        **admin.site.each_context(request),
        "title": gettext("My settings"),
        "form": form,
        "calendar": CalendarAddress.objects.of(user).first(),
        "clock": Calendar.objects.of(user),
        "digest": digest_of(user, timezone.now()),
        "has_email": bool(user.email),
        **facts,
    }
    return TemplateResponse(request, "scoring/personal/settings.html", context)

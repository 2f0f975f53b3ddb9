"""The pages of the first steps: one for each, and the one on which a password is set."""

from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext

from contacts.admin.base import origin_of
from contacts.chores import wake
from contacts.models import Calendar, Contact, ImportJob, Team
from contacts.provenance import recorded_as
from contacts.roles import ROLES
from scoring.criteria.models import Version
from scoring.demo import loading
from scoring.demo.dataset import PEOPLE
from scoring.first_run.beginning import BegunAlready, begin_draft, go_live, offered
from scoring.first_run.hours import HoursForm
from scoring.first_run.jobs import CHORE
from scoring.first_run.people import (
    ABOUT,
    ROLE_NAMES,
    PersonForm,
    TeamForm,
    link_for,
    mail_link,
    waits_for_password,
)
from scoring.first_run.steps import BY_SLUG, STEPS, Step, after, may_set_up

PEOPLE_SHOWN: Final = 100
Facts = dict[str, Any]


def first_run(request: HttpRequest, slug: str = "") -> HttpResponse:
    """The step that is named or, without a name, the first that is not done."""
    if not may_set_up(request):
        raise PermissionDenied
    if not slug:
        step = next((step for step in STEPS if not step.done(request)), STEPS[0])
        return HttpResponseRedirect(step.url)
    if slug not in BY_SLUG:
        raise Http404
    step = BY_SLUG[slug]
    with recorded_as(origin_of(request)):
        made = PAGES[slug](request, step)
    return page(request, step, made) if isinstance(made, dict) else made


def page(request: HttpRequest, step: Step, facts: Facts) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": gettext("First steps"),
        "step": step,
        "steps": [(each, each.done(request)) for each in STEPS],
        "next": after(step),
        **facts,
    }
    return TemplateResponse(request, f"scoring/first_run/{step.slug}.html", context)


def language(_request: HttpRequest, _step: Step) -> Facts:
    return {"languages": settings.LANGUAGES}


def people(request: HttpRequest, step: Step) -> Facts | HttpResponse:
    """Teams and people: each form is sent by itself."""
    done = request.POST.get("do", "")
    team_form = TeamForm(request.POST if done == "team" else None, prefix="team")
    teams = list(Team.objects.prefetch_related("members__user"))
    beginning = {"team": teams[0]} if teams else {}
    person_form = PersonForm(
        request.POST if done == "person" else None, prefix="person", initial=beginning
    )
    if done == "team" and team_form.is_valid():
        require(request, "contacts.add_team")
        team = team_form.save()
        messages.success(request, gettext("The team “%(team)s” is there.") % {"team": team})
        return HttpResponseRedirect(step.url)
    if done == "person" and person_form.is_valid():
        user = person_form.save()
        return TemplateResponse(request, *invited(request, step, user))
    if done in ("link", "mail"):
        user = invitee(request)
        if done == "mail":
            send_link(request, user)
        return TemplateResponse(request, *invited(request, step, user))
    return {
        "team_form": team_form,
        "person_form": person_form,
        "teams": teams,
        "roles": [(ROLE_NAMES[role], *ABOUT[role]) for role in ROLES],
        "people": [
            (user, user.groups.all(), waits_for_password(user))
            for user in User.objects.prefetch_related("groups").order_by("username")[:PEOPLE_SHOWN]
        ],
    }


def send_link(request: HttpRequest, user: User) -> None:
    if mail_link(user, link_for(request, user)):
        told = gettext("The link is on its way to %(email)s.") % {"email": user.email}
        messages.success(request, told)
    else:
        told = gettext("It could not be sent: the mail server does not take it. Hand it over.")
        messages.error(request, told)


def invitee(request: HttpRequest) -> User:
    """Whom a link is asked for: only of those who have never set a password."""
    given = request.POST.get("user", "")
    user = User.objects.filter(pk=int(given)).first() if is_id(given) else None
    if user is None or user.is_superuser or not waits_for_password(user):
        raise Http404
    return user


def is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


def invited(request: HttpRequest, step: Step, user: User) -> tuple[str, Facts]:
    context = {
        **admin.site.each_context(request),
        "title": gettext("First steps"),
        "step": step,
        "steps": [(each, each.done(request)) for each in STEPS],
        "invited": user,
        "link": link_for(request, user),
    }
    return "scoring/first_run/invited.html", context


def hours(request: HttpRequest, step: Step) -> Facts | HttpResponse:
    calendar = Calendar.objects.default()
    if not calendar.name:
        calendar.name = gettext("Office hours")
    form = HoursForm(request.POST or None, instance=calendar)
    if request.method == "POST":
        require(request, "contacts.change_calendar")
        if form.is_valid():
            form.save()
            messages.success(request, gettext("The working hours are stored."))
            return HttpResponseRedirect(next_url(step))
    return {"form": form}


def model(request: HttpRequest, step: Step) -> Facts | HttpResponse:
    """A draft takes the right to change it, going live at once the right to publish."""
    deeds: dict[str, tuple[str, Callable[..., Any]]] = {
        "draft": ("scoring.add_draft", begin_draft),
        "live": ("scoring.publish_version", go_live),
    }
    if request.method == "POST":
        deed, _colon, slug = request.POST.get("do", "").partition(":")
        if deed not in deeds:
            raise Http404
        permission, do = deeds[deed]
        require(request, permission)
        try:
            made = do(slug, request.user)
        except KeyError:
            raise Http404 from None
        except BegunAlready:
            messages.warning(request, gettext("There is something to go on with already."))
            return HttpResponseRedirect(step.url)
        if deed == "draft":
            url = reverse("admin:scoring_scoringmodel_change", args=[made.model_id])
            return HttpResponseRedirect(url)
        text = gettext("“%(model)s” is live; a worker computes the scores.")
        messages.success(request, text % {"model": made.model})
        return HttpResponseRedirect(next_url(step))
    return {
        "templates": offered(),
        "something_live": Version.objects.exclude(state=Version.State.DRAFT).exists(),
    }


def data(request: HttpRequest, step: Step) -> Facts | HttpResponse:
    """Files of one's own, or invented people: these only where there is nobody else."""
    run = next(iter(loading.runs()), None)
    refused = settings.PRODUCTION or loading.holds_other_contacts()
    if request.method == "POST":
        if refused:
            raise PermissionDenied
        loading.begin()
        wake(CHORE)
        return HttpResponseRedirect(step.url)
    done = None
    if run is not None and run.finished_at is None:
        done = 100 * min(run.rows_done, PEOPLE) // PEOPLE
    is_polled = request.headers.get("HX-Target") == "demo-progress"
    if is_polled and done is None:
        return HttpResponse(headers={"HX-Redirect": step.url})
    return {
        "run": run,
        "done": done,
        "invented": PEOPLE,
        "refused": refused and run is None,
        "is_production": settings.PRODUCTION,
        "has_contacts": Contact.objects.exists(),
        "imports": ImportJob.objects.count(),
    }


PAGES: Final[dict[str, Callable[[HttpRequest, Step], Facts | HttpResponse]]] = {
    "language": language,
    "people": people,
    "hours": hours,
    "model": model,
    "data": data,
}


def next_url(step: Step) -> str:
    following = after(step)
    return following.url if following else reverse("admin:index")


def require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


class SetPassword(PasswordResetConfirmView):
    """Reached by the link that an administrator hands over; good once."""

    template_name = "scoring/first_run/password.html"
    success_url = reverse_lazy("admin:login")

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, gettext("Your password is set. Log in with it."))
        return answer

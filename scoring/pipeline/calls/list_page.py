"""The call list: whom to call, the sessions that run, and beginning one."""

from collections.abc import Iterable
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from contacts.models import Team
from contacts.models.teams import name_of
from leadscoring.site import admin_page
from scoring.engine.admin.leads import add_words
from scoring.pipeline.calls.models import CALLS, PLANS, CallRoutine, CallSession
from scoring.pipeline.calls.moving import progress
from scoring.pipeline.calls.plan import live_track, plan_for
from scoring.pipeline.calls.starting import NotPossible, Start, Started, who_holds

LIST: Final = "admin:pipeline_calls"
SESSIONS: Final = 10


def context_of(request: HttpRequest, **facts: Any) -> dict[str, Any]:
    return {**admin.site.each_context(request), **facts}


def person(request: HttpRequest) -> User:
    """Who is logged in, as every page of the admin's site has it."""
    return cast(User, request.user)


def refuse_others(request: HttpRequest) -> None:
    if not request.user.has_perm("scoring.view_callsession"):
        raise PermissionDenied


def callers() -> list[User]:
    """Everybody who may call, by name."""
    people = User.objects.filter(is_active=True, is_staff=True).order_by("username")
    return [user for user in people.prefetch_related("groups") if user.has_perm(CALLS)]


def asked_people(request: HttpRequest, given: Any) -> tuple[list[User], str]:
    """Whose list is asked for: oneself, a person or a team; and that as the address has it."""
    wanted = given.get("for", "").strip()
    kind, _colon, pk = wanted.partition(":")
    if not wanted or not pk.isdecimal() or len(pk) > 9:
        return [person(request)], ""
    if kind == "person" and int(pk) == request.user.pk:
        return [person(request)], ""
    if not request.user.has_perm(PLANS):
        raise PermissionDenied
    if kind == "team":
        team = Team.objects.select_related("calendar").filter(pk=int(pk)).first()
        if team is None:
            raise Http404
        members = team.present(timezone.now()).select_related("user").order_by("position", "pk")
        return [one.user for one in members if one.user.has_perm(CALLS)], wanted
    people = [user for user in callers() if user.pk == int(pk)]
    if kind != "person" or not people:
        raise Http404
    return people, wanted


@admin_page("calls/", "pipeline_calls")
@require_safe
def list_view(request: HttpRequest) -> HttpResponse:
    refuse_others(request)
    people, wanted = asked_people(request, request.GET)
    start = Start(people, person(request))
    track, routine = live_track(), CallRoutine.objects.current()
    plan = plan_for(people, track, routine, timezone.now())
    if track is not None:
        add_words((lead for part in plan.parts for lead in part.leads), track)
    sessions = CallSession.objects.visible_to(request.user).select_related("user", "started_by")
    running = with_progress(sessions.running())
    plans = request.user.has_perm(PLANS)
    return TemplateResponse(
        request,
        "scoring/calls/list.html",
        context_of(
            request,
            title=gettext("Call list"),
            plan=plan,
            track=track,
            routine=routine,
            people=people,
            wanted=wanted,
            is_own=people == [request.user],
            may_start=start.may(),
            obstacles=start.check(),
            mine=next((one for one in running if one.user_id == request.user.pk), None),
            running=[one for one in running if one.user_id != request.user.pk],
            ended=with_progress(sessions.exclude(ended_at=None)[:SESSIONS]),
            choices=who_choices() if plans else [],
            may_set=plans or request.user.has_perm("scoring.change_callscript"),
            sees_scripts=request.user.has_perm("scoring.view_callscript"),
        ),
    )


def who_choices() -> list[tuple[str, str]]:
    people = [(f"person:{user.pk}", name_of(user)) for user in callers()]
    teams = Team.objects.order_by("name").values_list("pk", "name")
    named = [(f"team:{pk}", gettext("Team %(name)s") % {"name": name}) for pk, name in teams]
    return [*people, *named]


def with_progress(sessions: Iterable[CallSession]) -> list[Any]:
    found: list[Any] = list(sessions)
    for session in found:
        session.progress = progress(session)
    return found


@admin_page("calls/start/", "pipeline_calls_start")
@require_POST
def start_view(request: HttpRequest) -> HttpResponse:
    refuse_others(request)
    people, wanted = asked_people(request, request.POST)
    try:
        started = Start(people, person(request)).execute()
    except NotPossible as reason:
        messages.error(request, str(reason))
        query = f"?for={wanted}" if wanted else ""
        return HttpResponseRedirect(reverse(LIST) + query)
    for one in started:
        tell(request, one)
    [first, *others] = started
    if others or first.session.user_id != request.user.pk:
        return HttpResponseRedirect(reverse(LIST))
    return HttpResponseRedirect(reverse("admin:pipeline_calls_next", args=[first.session.pk]))


def tell(request: HttpRequest, started: Started) -> None:
    facts = {"name": name_of(started.session.user), "count": started.count}
    said = ngettext(
        "%(name)s has a session with %(count)d lead.",
        "%(name)s has a session with %(count)d leads.",
        started.count,
    )
    messages.success(request, said % facts)
    for entry in started.taken:
        messages.warning(request, who_holds(entry))

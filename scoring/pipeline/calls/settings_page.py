"""How calling goes here: what is asked on the phone, how many calls, and who is left alone."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from contacts.models.teams import name_of
from leadscoring.site import admin_page
from scoring.pipeline.calls.forms import CapacityForm, RoutineForm
from scoring.pipeline.calls.list_page import callers, context_of
from scoring.pipeline.calls.models import PLANS, CallCapacity, CallRoutine
from scoring.pipeline.calls.plan import live_track
from scoring.pipeline.calls.questions import all_questions, chosen_questions

SETTINGS = "admin:pipeline_calls_settings"
ASKS = "scoring.change_callscript"


@admin_page("calls/settings/", "pipeline_calls_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def settings_view(request: HttpRequest) -> HttpResponse:
    plans, asks = request.user.has_perm(PLANS), request.user.has_perm(ASKS)
    if not (plans or asks):
        raise PermissionDenied
    routine = CallRoutine.objects.current()
    form = RoutineForm(instance=routine)
    people = capacity_forms(None) if plans else []
    if request.method == "POST":
        part = request.POST.get("part", "")
        if (part == "questions" and not asks) or (part != "questions" and not plans):
            raise PermissionDenied
        if part == "questions":
            return save_questions(request, routine)
        form = RoutineForm(request.POST, instance=routine)
        people = capacity_forms(request.POST)
        if form.is_valid() and all(row["form"].is_valid() for row in people):
            form.save()
            save_capacities(people)
            return saved(request)
    track = live_track()
    chosen = chosen_questions(routine, track.version.document_value if track else None)
    facts = {
        "title": gettext("Settings of calls"),
        "plans": plans,
        "asks": asks,
        "form": form,
        "people": people,
        "routine": routine,
        "questions": [
            {"question": question, "is_asked": question in chosen}
            for question in all_questions().values()
        ],
    }
    return TemplateResponse(request, "scoring/calls/settings.html", context_of(request, **facts))


def saved(request: HttpRequest) -> HttpResponse:
    messages.success(request, gettext("Saved."))
    return HttpResponseRedirect(reverse(SETTINGS))


def save_questions(request: HttpRequest, routine: CallRoutine) -> HttpResponse:
    """In the order of the page; "as the model asks" is none of them in particular."""
    wanted = set(request.POST.getlist("questions"))
    by_model = "by_model" in request.POST
    routine.questions = None if by_model else [name for name in all_questions() if name in wanted]
    routine.save()
    return saved(request)


def capacity_forms(data: Any) -> list[dict[str, Any]]:
    own = dict(CallCapacity.objects.values_list("user", "capacity"))
    return [
        {
            "user": user,
            "name": name_of(user),
            "form": CapacityForm(
                data,
                prefix=f"person{user.pk}",
                auto_id="%s",
                initial={"capacity": own.get(user.pk)},
            ),
        }
        for user in callers()
    ]


def save_capacities(people: list[dict[str, Any]]) -> None:
    for row in people:
        number = row["form"].cleaned_data["capacity"]
        if number is None:
            CallCapacity.objects.filter(user=row["user"]).delete()
        else:
            CallCapacity.objects.update_or_create(user=row["user"], defaults={"capacity": number})

"""What is written and decided in a meeting: each a POST, with or without a script."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from leadscoring.site import admin_page
from scoring.reports.review.deciding import MakeSuggestion, MakeTask, Refused
from scoring.reports.review.forms import (
    DecisionForm,
    DecisionTextForm,
    ItemForm,
    TaskForm,
    TextForm,
)
from scoring.reports.review.models import AgendaItem, Decision, Meeting
from scoring.reports.review.pages import WRITE, meeting_page, need, question_of
from scoring.reports.review.writing import Saved, Write


def back(meeting: Meeting, place: str = "") -> HttpResponse:
    return HttpResponseRedirect(meeting_page(meeting) + place)


def say_faults(request: HttpRequest, form: Any) -> None:
    for name, faults in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        said = " ".join(faults)
        messages.error(request, f"{label}: {said}" if label else said)


@admin_page("review/<int:pk>/items/<int:item>/", "review_note")
@require_POST
def note_view(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    need(request, WRITE)
    row = get_object_or_404(AgendaItem.objects.select_related("meeting"), pk=item, meeting=pk)
    return written(request, row, TextForm(request.POST))


@admin_page("review/<int:pk>/decisions/<int:decision>/", "review_decision")
@require_POST
def decision_view(request: HttpRequest, pk: int, decision: int) -> HttpResponse:
    need(request, WRITE)
    row = get_object_or_404(Decision.objects.select_related("meeting"), pk=decision, meeting=pk)
    return written(request, row, DecisionTextForm(request.POST))


def written(request: HttpRequest, row: AgendaItem | Decision, form: TextForm) -> HttpResponse:
    """A script gets what is to be said beside the text; without one both texts are kept."""
    by_script = request.headers.get("HX-Request") == "true"
    state, sent = Saved.STORED, request.POST.get("text", "")
    if form.is_valid():
        data = form.cleaned_data
        both = data["keep_both"] or not by_script
        user = need(request, WRITE)
        write = Write(row, data["text"], data["revision"], user, keep_both=both)
        state, sent = write.execute(), data["text"]
    if by_script:
        context = {"row": row, "form": form, "is_overtaken": state is Saved.OVERTAKEN}
        answer = render(request, "scoring/review/said.html", context)
        if form.is_valid() and state is Saved.STORED and row.text != sent:
            answer["HX-Refresh"] = "true"
        return answer
    say_faults(request, form)
    if form.is_valid() and row.text != sent:
        text = gettext("Somebody wrote there at the same time: both texts are kept.")
        messages.warning(request, text)
    return back(row.meeting)


@admin_page("review/<int:pk>/items/", "review_add_item")
@require_POST
def add_item_view(request: HttpRequest, pk: int) -> HttpResponse:
    need(request, WRITE)
    meeting = get_object_or_404(Meeting, pk=pk)
    form = ItemForm(request.POST)
    if form.is_valid():
        last = meeting.items.last()
        place = min(last.position + 1, 32_000) if last else 0
        meeting.items.create(position=place, **form.cleaned_data)
    say_faults(request, form)
    return back(meeting, "#agenda")


@admin_page("review/<int:pk>/items/<int:item>/change/", "review_change_item")
@require_POST
def change_item_view(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Another title or length; a point without notes can be removed."""
    need(request, WRITE)
    rows = AgendaItem.objects.filter(pk=item, meeting=pk)
    row = get_object_or_404(rows.select_related("meeting"))
    if "remove" in request.POST:
        removed, _rows = rows.filter(text="").delete()
        if not removed:
            messages.error(request, gettext("This point has notes, and stays."))
        return back(row.meeting, "#agenda")
    form = ItemForm(request.POST)
    if form.is_valid():
        rows.update(**form.cleaned_data)
    say_faults(request, form)
    return back(row.meeting, "#agenda")


@admin_page("review/<int:pk>/decisions/", "review_decide")
@require_POST
def decide_view(request: HttpRequest, pk: int) -> HttpResponse:
    user = need(request, WRITE)
    meeting = get_object_or_404(Meeting, pk=pk)
    form = DecisionForm(request.POST)
    if form.is_valid():
        text = form.cleaned_data["text"]
        # A double click decides once.
        if not meeting.decisions.filter(text=text, changed_by=user).exists():
            meeting.decisions.create(text=text, changed_by=user, changed_at=timezone.now())
    say_faults(request, form)
    return back(meeting, "#decisions")


@admin_page("review/<int:pk>/decisions/<int:decision>/task/", "review_task")
@require_POST
def task_view(request: HttpRequest, pk: int, decision: int) -> HttpResponse:
    user = need(request, WRITE)
    if not user.has_perm("contacts.add_task"):
        raise PermissionDenied
    row = get_object_or_404(Decision.objects.select_related("meeting"), pk=decision, meeting=pk)
    form = TaskForm(user, request.POST)
    if form.is_valid():
        made = MakeTask(row, user, form.cleaned_data["contact"], form.cleaned_data["assignee"])
        try:
            made.execute()
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, gettext("The task is made."))
    say_faults(request, form)
    return back(row.meeting, "#decisions")


@admin_page("review/<int:pk>/decisions/<int:decision>/suggestion/", "review_suggest")
@require_POST
def suggest_view(request: HttpRequest, pk: int, decision: int) -> HttpResponse:
    user = need(request, WRITE)
    if not user.has_perm("scoring.add_suggestion"):
        raise PermissionDenied
    row = get_object_or_404(Decision.objects.select_related("meeting"), pk=decision, meeting=pk)
    model = question_of(row.meeting, request.POST).model
    if model is None:
        messages.error(request, gettext("No scoring model is live yet."))
        return back(row.meeting, "#decisions")
    try:
        MakeSuggestion(row, user, model).execute()
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, gettext("Marketing finds it among the suggestions now."))
    return back(row.meeting, "#decisions")

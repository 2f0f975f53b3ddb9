"""What is written and decided in a meeting: each a POST, with or without a script."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from leadscoring.site import admin_page
from scoring.reports.review.forms import (
    DecisionForm,
    DecisionTextForm,
    ItemForm,
    TextForm,
    rules_of,
)
from scoring.reports.review.looking import question_of
from scoring.reports.review.models import AgendaItem, Decision, Meeting
from scoring.reports.review.pages import need
from scoring.reports.review.showing import DECIDE, WRITE, meeting_answer, meeting_page
from scoring.reports.review.writing import Saved, Write


def back(meeting: Meeting, place: str = "") -> HttpResponse:
    return HttpResponseRedirect(meeting_page(meeting) + place)


def say_faults(request: HttpRequest, form: Any) -> None:
    for name, faults in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        said = " ".join(faults)
        messages.error(request, f"{label}: {said}" if label else said)


def while_open(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Nobody ends the meeting until it is written; of one that has ended nothing is changed."""

    @wraps(view)
    @transaction.atomic
    def guarded(request: HttpRequest, pk: int, **places: int) -> HttpResponse:
        need(request, WRITE)
        meeting = get_object_or_404(Meeting.objects.select_for_update(), pk=pk)
        return refused(request, meeting) if meeting.is_held else view(request, meeting, **places)

    return guarded


def refused(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """In words; what was typed stays on the screen where a script has sent it."""
    text = gettext("The meeting has ended: its minutes are changed when it is opened again.")
    if is_by_script(request):
        form = TextForm(request.POST)
        form.add_error(None, text)
        return render(request, "scoring/review/said.html", {"form": form})
    messages.error(request, text)
    if typed := request.POST.get("text", ""):
        messages.warning(request, gettext("Not stored: %(text)s") % {"text": typed})
    return back(meeting)


def is_by_script(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


@admin_page("review/<int:pk>/items/<int:item>/", "review_note")
@require_POST
@while_open
def note_view(request: HttpRequest, meeting: Meeting, item: int) -> HttpResponse:
    row = get_object_or_404(meeting.items.select_related("meeting"), pk=item)
    return written(request, row, TextForm(request.POST))


@admin_page("review/<int:pk>/decisions/<int:decision>/", "review_decision")
@require_POST
@while_open
def decision_view(request: HttpRequest, meeting: Meeting, decision: int) -> HttpResponse:
    row = get_object_or_404(meeting.decisions.select_related("meeting"), pk=decision)
    return written(request, row, DecisionTextForm(request.POST))


def written(request: HttpRequest, row: AgendaItem | Decision, form: TextForm) -> HttpResponse:
    """A script gets what is to be said beside the text; without one both texts are kept."""
    by_script = is_by_script(request)
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
@while_open
def add_item_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = ItemForm(request.POST)
    if form.is_valid():
        last = meeting.items.last()
        place = min(last.position + 1, 32_000) if last else 0
        meeting.items.create(position=place, **form.cleaned_data)
    say_faults(request, form)
    return back(meeting, "#agenda")


@admin_page("review/<int:pk>/items/<int:item>/change/", "review_change_item")
@require_POST
@while_open
def change_item_view(request: HttpRequest, meeting: Meeting, item: int) -> HttpResponse:
    """Another title or length; a point without notes can be removed."""
    row = get_object_or_404(meeting.items, pk=item)
    if "remove" in request.POST:
        removed, _rows = meeting.items.filter(pk=item, text="").delete()
        if not removed:
            messages.error(request, gettext("This point has notes, and stays."))
        return back(meeting, "#agenda")
    form = ItemForm(request.POST)
    if form.is_valid():
        row.rename(**form.cleaned_data)
    say_faults(request, form)
    return back(meeting, "#agenda")


@admin_page("review/<int:pk>/decisions/", "review_decide")
@require_POST
@while_open
def decide_view(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    user = need(request, WRITE)
    rules = rules_of(question_of(meeting, request.POST).model)
    form = DecisionForm(rules, request.POST, auto_id=DECIDE)
    if form.is_valid():
        text, rule = form.cleaned_data["text"], form.cleaned_data.get("rule", "")
        # A double click decides once.
        if not meeting.decisions.filter(text=text, rule=rule, changed_by=user).exists():
            meeting.decisions.create(
                text=text, rule=rule, changed_by=user, changed_at=timezone.now()
            )
        return back(meeting, "#decisions")
    return meeting_answer(request, meeting, decision_form=form)

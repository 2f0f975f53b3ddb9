"""What becomes of a decision: a task, a suggestion, a change of the draft; each a POST."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from leadscoring.site import admin_page
from scoring.agreement.admin.hub import address_of
from scoring.agreement.rights import CHANGE, may_write_draft
from scoring.criteria.models import ScoringModel
from scoring.reports.review.actions import back
from scoring.reports.review.deciding import Deed, MakeSuggestion, MakeTask, Refused
from scoring.reports.review.drafting import Finish, LeaveOut, PutIntoDraft
from scoring.reports.review.giving import TaskForms, may_give_tasks
from scoring.reports.review.looking import model_of
from scoring.reports.review.models import Decision
from scoring.reports.review.pages import need
from scoring.reports.review.pointing import advised, place_of, rule_of, rules_in
from scoring.reports.review.showing import WRITE, meeting_answer, meeting_page


def decided(pk: int, decision: int) -> Decision:
    """What becomes of one goes on after the meeting. Raises Http404."""
    rows = Decision.objects.select_related("meeting", "draft__model")
    return get_object_or_404(rows, pk=decision, meeting=pk)


def executed(request: HttpRequest, deed: Deed, said: str) -> bool:
    try:
        deed.execute()
    except Refused as refused:
        messages.error(request, str(refused))
        return False
    messages.success(request, said)
    return True


@admin_page("review/<int:pk>/decisions/<int:decision>/task/", "review_task")
@require_POST
def task_view(request: HttpRequest, pk: int, decision: int) -> HttpResponse:
    user = need(request, WRITE)
    if not may_give_tasks(user):
        raise PermissionDenied
    row = decided(pk, decision)
    form = TaskForms(user).filled(row.pk, request.POST)
    if not form.is_valid():
        return meeting_answer(request, row.meeting, {row.pk: form})
    made = MakeTask(row, user, form.cleaned_data["contact"], form.cleaned_data["assignee"])
    executed(request, made, gettext("The task is made."))
    return back(row.meeting, "#decisions")


@admin_page("review/<int:pk>/decisions/<int:decision>/suggestion/", "review_suggest")
@require_POST
def suggest_view(request: HttpRequest, pk: int, decision: int) -> HttpResponse:
    user = need(request, WRITE)
    if not user.has_perm("scoring.add_suggestion"):
        raise PermissionDenied
    row = decided(pk, decision)
    model = model_for(request, row)
    if model is not None:
        said = gettext("Marketing finds it among the suggestions now.")
        executed(request, MakeSuggestion(row, user, model), said)
    return back(row.meeting, "#decisions")


def model_for(request: HttpRequest, row: Decision) -> ScoringModel | None:
    """The one that was looked at; None where nothing is live, which is said."""
    model = model_of(row.meeting, request.POST)
    if model is None:
        messages.error(request, gettext("No scoring model is live yet."))
    return model


@admin_page("review/<int:pk>/decisions/<int:decision>/draft/", "review_draft")
@require_POST
def draft_view(request: HttpRequest, pk: int, decision: int) -> HttpResponse:
    """To the place in the draft where it is carried out, with its text in sight there."""
    user = need(request, WRITE)
    need(request, CHANGE)
    row = decided(pk, decision)
    model = model_for(request, row)
    if model is None:
        return back(row.meeting, "#decisions")
    if not may_write_draft(user, model):
        raise PermissionDenied
    said = gettext("The decision stands above the draft until it is carried out.")
    if not executed(request, PutIntoDraft(row, user, model), said):
        return back(row.meeting, f"#decided-{row.pk}")
    rule = rule_of(row, rules_in(model))
    return HttpResponseRedirect(advised(rule, model) or place_of(rule, model))


@admin_page("review/<int:pk>/decisions/<int:decision>/done/", "review_done")
@require_POST
def done_view(request: HttpRequest, pk: int, decision: int) -> HttpResponse:
    """It is carried out, or is not yet after all; back to where the button stood."""
    user = need(request, WRITE)
    row = decided(pk, decision)
    is_done = "undo" not in request.POST
    said = gettext("The decision is carried out.") if is_done else gettext("It is open again.")
    executed(request, Finish(row, user, is_done), said)
    if request.POST.get("to") == "draft" and row.draft is not None:
        return HttpResponseRedirect(address_of("criteria", row.draft.model))
    return back(row.meeting, f"#decided-{row.pk}")


@admin_page("review/<int:pk>/decisions/<int:decision>/leave-out/", "review_leave_out")
@require_POST
def leave_out_view(request: HttpRequest, pk: int, decision: int) -> HttpResponse:
    """Of a draft alone, so for those who write drafts alone."""
    user = need(request, WRITE)
    need(request, CHANGE)
    row = decided(pk, decision)
    executed(request, LeaveOut(row, user), gettext("It is open again."))
    page = address_of("criteria", row.draft.model) if row.draft else meeting_page(row.meeting)
    return HttpResponseRedirect(page)

"""The page of one meeting, as it is shown and as it comes back with a form that has a fault."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext

from scoring.agreement.rights import may_write_draft
from scoring.reports.exports import FORMATS, Format
from scoring.reports.kinds.review import Review
from scoring.reports.naming import Names
from scoring.reports.report import REPORTS, sections_for
from scoring.reports.review.became import Decided
from scoring.reports.review.forms import DecisionForm, ItemForm, rules_of
from scoring.reports.review.giving import TaskForm, TaskForms, may_give_tasks
from scoring.reports.review.looking import Looked
from scoring.reports.review.minutes import Minutes
from scoring.reports.review.models import Meeting
from scoring.reports.shown import shown_sections

VIEW: Final = "scoring.view_meeting"
WRITE: Final = "scoring.change_meeting"
SCHEDULE: Final = "scoring.change_meetingschedule"
# The ids of the fields of a new decision.
DECIDE: Final = "decide_%s"


def meeting_page(meeting: Meeting) -> str:
    return reverse("admin:review_meeting", args=[meeting.pk])


def meeting_answer(
    request: HttpRequest,
    meeting: Meeting,
    tried: Mapping[int, TaskForm] | None = None,
    decision_form: DecisionForm | None = None,
) -> HttpResponse:
    """``tried``: by the decision, the form for a task that was sent with a fault.

    ``decision_form``: the one that was sent with a fault.
    """
    user = cast(User, request.user)
    looked = Looked.at(meeting, request.GET)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Weekly review"),
        "subtitle": str(meeting),
        "meeting": meeting,
        **looked_at(meeting, looked, user),
        **written(meeting, user, tried or {}),
        "decision_form": decision_form
        or DecisionForm(rules_of(looked.question.model), auto_id=DECIDE),
    }
    return TemplateResponse(request, "scoring/review/meeting.html", context)


def looked_at(meeting: Meeting, looked: Looked, user: User) -> Mapping[str, Any]:
    report, question = REPORTS[Review.slug], looked.question
    query, model = question.query(), question.model
    sections = sections_for(user, looked.sections)
    return {
        "report": report,
        "facts": looked.facts,
        "is_kept": looked.is_kept,
        "sections": shown_sections(report, sections, Names(sections, user), query),
        "files": list(files(meeting, looked)),
        "model": model,
        "may_draft": model is not None and may_write_draft(user, model),
    }


def files(meeting: Meeting, looked: Looked) -> Iterator[tuple[Format, str]]:
    """What was kept is found by the meeting alone."""
    model = None if looked.is_kept else looked.question.model
    for kind in sorted(FORMATS.values(), key=lambda kind: kind.order):
        page = reverse("admin:review_file", args=[meeting.pk, kind.slug])
        yield kind, f"{page}?model={model.pk}" if model else page


def written(meeting: Meeting, user: User, tried: Mapping[int, TaskForm]) -> Mapping[str, Any]:
    minutes = Minutes.of(meeting, user)
    decided = minutes.decided
    former = Meeting.objects.filter(held_at__lt=meeting.held_at).first()
    before = Decided.of(former, user) if former else None
    may_write = user.has_perm(WRITE)
    may_task = may_write and may_give_tasks(user)
    empty = TaskForms(user) if may_task else None
    return {
        "items": minutes.items,
        "minutes": sum(item.minutes for item in minutes.items),
        "decisions": [
            (
                each,
                (fates := decided.fates(each)),
                any(fate.is_open for fate in fates),
                tried.get(each.pk) or (empty and empty.blank(each.pk)),
            )
            for each in decided.decisions
        ],
        "task_media": empty.media if empty else "",
        "former": former,
        "former_decisions": [(each, before.fates(each)) for each in before.decisions]
        if before
        else [],
        "reopenings": list(meeting.reopenings.select_related("by")),
        "may_write": may_write,
        "may_note": may_write and not meeting.is_held,
        "may_reopen": meeting.is_held and user.has_perm(SCHEDULE),
        "may_suggest": may_write and user.has_perm("scoring.add_suggestion"),
        "item_form": ItemForm(auto_id="point_%s"),
    }

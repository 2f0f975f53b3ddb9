"""The pages of the weekly review: all meetings, one with what it looks at, and the schedule."""

from collections.abc import Mapping
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import Calendar, Task
from leadscoring.site import admin_page
from scoring.agreement.admin.hub import address_of
from scoring.agreement.rights import may_write_draft
from scoring.reports.asking import Question, ask
from scoring.reports.exports import FORMATS
from scoring.reports.kinds.review import Review
from scoring.reports.making import facts_of
from scoring.reports.naming import Names
from scoring.reports.report import REPORTS
from scoring.reports.review.forms import DecisionForm, ItemForm, ScheduleForm, TaskForm
from scoring.reports.review.models import Meeting, MeetingSchedule
from scoring.reports.shown import shown_sections

VIEW: Final = "scoring.view_meeting"
WRITE: Final = "scoring.change_meeting"
SCHEDULE: Final = "scoring.change_meetingschedule"
PAGE: Final = 20


def need(request: HttpRequest, permission: str) -> User:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return cast(User, request.user)


def meeting_page(meeting: Meeting) -> str:
    return reverse("admin:review_meeting", args=[meeting.pk])


@admin_page("review/", "review")
@require_safe
def index_view(request: HttpRequest) -> HttpResponse:
    """The next one, and all that there were."""
    user = need(request, VIEW)
    rows = Meeting.objects.annotate(decided=Count("decisions")).order_by("-held_at", "-pk")
    schedule = MeetingSchedule.objects.the_one()
    working = Calendar.objects.default().working_time()
    now = timezone.now()
    upcoming = schedule.instant(schedule.next_day(now, working), working)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Weekly review"),
        "next_one": Meeting.objects.next_one(),
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "schedule": schedule,
        "upcoming": upcoming if schedule.active else None,
        "may_write": user.has_perm(WRITE),
        "may_schedule": user.has_perm(SCHEDULE),
    }
    return TemplateResponse(request, "scoring/review/index.html", context)


@admin_page("review/new/", "review_new")
@require_POST
def new_view(request: HttpRequest) -> HttpResponse:
    """Begin one now; where one waits or goes on, that one."""
    user = need(request, WRITE)
    meeting = Meeting.objects.next_one()
    if meeting is None:
        now = timezone.now()
        meeting = Meeting.objects.plan(now, user)
    return HttpResponseRedirect(meeting_page(meeting))


@admin_page("review/schedule/", "review_schedule")
@require_http_methods(["GET", "HEAD", "POST"])
def schedule_view(request: HttpRequest) -> HttpResponse:
    need(request, SCHEDULE)
    form = ScheduleForm(request.POST or None, instance=MeetingSchedule.objects.the_one())
    if request.method == "POST" and form.is_valid():
        if form.store():
            messages.success(request, gettext("The schedule is saved."))
        else:
            text = gettext("Somebody has set the schedule meanwhile; look at it, and save again.")
            messages.error(request, text)
            return HttpResponseRedirect(reverse("admin:review_schedule"))
        return HttpResponseRedirect(reverse("admin:review"))
    context = {
        **admin.site.each_context(request),
        "title": gettext("Schedule of the weekly review"),
        "form": form,
        "zone": Calendar.objects.default().time_zone,
    }
    return TemplateResponse(request, "scoring/review/schedule.html", context)


@admin_page("review/<int:pk>/", "review_meeting")
@require_safe
def meeting_view(request: HttpRequest, pk: int) -> HttpResponse:
    user = need(request, VIEW)
    meeting = get_object_or_404(Meeting, pk=pk)
    report = REPORTS[Review.slug]
    question = question_of(meeting, request.GET)
    sections = report.make(question)
    query = question.query()
    return shown(
        request,
        meeting,
        {
            "report": report,
            "facts": facts_of(question, report.asks),
            "sections": shown_sections(report, sections, Names(sections, user), query),
            "files": [
                (kind, f"{reverse('admin:report_file', args=[report.slug, kind.slug])}?{query}")
                for kind in sorted(FORMATS.values(), key=lambda kind: kind.order)
            ],
            "model": question.model,
            "may_draft": question.model is not None and may_write_draft(user, question.model),
            "draft_url": address_of("criteria", question.model) if question.model else "",
        },
    )


def question_of(meeting: Meeting, given: Mapping[str, Any]) -> Question:
    """Of its days; ``model`` of the address chooses another model."""
    period = meeting.period
    asked = QueryDict(mutable=True)
    asked.update({"first": period.first.isoformat(), "last": period.last.isoformat()})
    asked["model"] = given.get("model", "")
    return ask(asked, Review.asks, Review.days).question()


def shown(request: HttpRequest, meeting: Meeting, more: Mapping[str, Any]) -> HttpResponse:
    user = cast(User, request.user)
    items = list(meeting.items.select_related("changed_by"))
    decisions = list(meeting.decisions.select_related("changed_by", "suggestion"))
    seen = Task.objects.visible_to(user).filter(
        pk__in=[each.task_id for each in decisions if each.task_id]
    )
    tasks = seen.select_related("assignee").in_bulk()
    former = Meeting.objects.filter(held_at__lt=meeting.held_at).first()
    may_write = user.has_perm(WRITE)
    may_task = may_write and user.has_perm("contacts.add_task")
    context = {
        **admin.site.each_context(request),
        "title": gettext("Weekly review"),
        "subtitle": str(meeting),
        "meeting": meeting,
        "items": items,
        "minutes": sum(item.minutes for item in items),
        "decisions": [(each, tasks.get(each.task_id or 0)) for each in decisions],
        "former": former,
        "former_decisions": list(former.decisions.all()) if former else [],
        "may_write": may_write,
        "may_suggest": may_write and user.has_perm("scoring.add_suggestion"),
        "decision_form": DecisionForm(auto_id="decide_%s"),
        "item_form": ItemForm(auto_id="point_%s"),
        "task_form": TaskForm(user, auto_id=False) if may_task else None,
        **more,
    }
    return TemplateResponse(request, "scoring/review/meeting.html", context)


@admin_page("review/<int:pk>/state/", "review_state")
@require_POST
def state_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the meeting, or end it."""
    need(request, WRITE)
    meeting = get_object_or_404(Meeting, pk=pk)
    now = timezone.now()
    done = meeting.end(now) if "end" in request.POST else meeting.begin(now)
    if not done:
        meeting.refresh_from_db()
        text = gettext("Somebody was faster: the meeting is “%(state)s”.")
        messages.warning(request, text % {"state": meeting.get_state_display()})
    return HttpResponseRedirect(meeting_page(meeting))

"""The pages of the weekly review: all meetings, one with its files, and the schedule."""

from typing import Final, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import Calendar
from leadscoring.site import admin_page
from scoring.reports.asking import no_file
from scoring.reports.exports import FORMATS, Impossible
from scoring.reports.review.filing import file_of_meeting
from scoring.reports.review.forms import ScheduleForm
from scoring.reports.review.looking import form_of, kept_of, seen_now
from scoring.reports.review.models import Meeting, MeetingSchedule
from scoring.reports.review.showing import SCHEDULE, VIEW, WRITE, meeting_answer, meeting_page

PAGE: Final = 20


def need(request: HttpRequest, permission: str) -> User:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return cast(User, request.user)


@admin_page("review/", "review")
@require_safe
def index_view(request: HttpRequest) -> HttpResponse:
    """The next one, and all that there were."""
    user = need(request, VIEW)
    rows = Meeting.objects.defer("figures").annotate(decided=Count("decisions"))
    schedule = MeetingSchedule.objects.the_one()
    working = Calendar.objects.default().working_time()
    now = timezone.now()
    rhythm = schedule.rhythm
    upcoming = rhythm.instant(rhythm.next_day(now, working), working)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Weekly review"),
        "next_one": Meeting.objects.next_one(),
        "page": Paginator(rows.order_by("-held_at", "-pk"), PAGE).get_page(request.GET.get("page")),
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
    need(request, VIEW)
    return meeting_answer(request, get_object_or_404(Meeting, pk=pk))


@admin_page("review/<int:pk>/files/<slug:kind>/", "review_file")
@require_safe
def file_view(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """What it looks at as a file, with its minutes at the beginning."""
    user = need(request, VIEW)
    meeting = get_object_or_404(Meeting, pk=pk)
    if kind not in FORMATS:
        raise Http404
    is_kept = kept_of(meeting, request.GET) is not None
    if not is_kept and (faults := form_of(meeting, request.GET).faults):
        messages.error(request, no_file(faults))
        return HttpResponseRedirect(meeting_page(meeting))
    try:
        file = file_of_meeting(meeting, request.GET, kind, user)
    except Impossible as missing:
        messages.error(request, str(missing))
        return HttpResponseRedirect(meeting_page(meeting))
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.content, content_type=file.mime, headers=headers)


@admin_page("review/<int:pk>/state/", "review_state")
@require_POST
def state_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin the meeting, or end it."""
    need(request, WRITE)
    meeting = get_object_or_404(Meeting, pk=pk)
    now = timezone.now()
    if "end" not in request.POST:
        done = meeting.begin(now)
    else:
        is_running = meeting.state == Meeting.State.RUNNING
        done = is_running and meeting.end(now, seen_now(meeting))
    return told(request, meeting, done)


@admin_page("review/<int:pk>/again/", "review_reopen")
@require_POST
def reopen_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Its minutes can be changed again; that it was opened is kept."""
    user = need(request, SCHEDULE)
    meeting = get_object_or_404(Meeting, pk=pk)
    return told(request, meeting, meeting.reopen(timezone.now(), user))


def told(request: HttpRequest, meeting: Meeting, done: bool) -> HttpResponse:
    if not done:
        meeting.refresh_from_db()
        text = gettext("Somebody was faster: the meeting is “%(state)s”.")
        messages.warning(request, text % {"state": meeting.get_state_display()})
    return HttpResponseRedirect(meeting_page(meeting))

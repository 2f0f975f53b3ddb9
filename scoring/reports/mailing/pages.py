"""The pages of reports by e-mail: all schedules, one, and what is done with it."""

from typing import Any, Final, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import Calendar
from leadscoring.site import admin_page
from scoring.reports.mailing.forms import ReportScheduleForm
from scoring.reports.mailing.models import ReportSchedule
from scoring.reports.mailing.standing import standings
from scoring.reports.pages import report_for
from scoring.reports.report import reports_for
from scoring.reports.saved.models import ReportView

ROUTE: Final = "report-mail/"
LIST: Final = "admin:report_mails"


def reader(request: HttpRequest) -> User:
    """Whoever may see a report. Raises PermissionDenied."""
    if not reports_for(request.user):
        raise PermissionDenied
    return cast(User, request.user)


def schedule_for(request: HttpRequest, pk: int) -> ReportSchedule:
    user = reader(request)
    rows = ReportSchedule.objects.visible_to(user).select_related("view")
    return get_object_or_404(rows, pk=pk)


def back() -> HttpResponse:
    return HttpResponseRedirect(reverse(LIST))


@admin_page(ROUTE, "report_mails")
@require_safe
def list_view(request: HttpRequest) -> HttpResponse:
    user = reader(request)
    schedules = ReportSchedule.objects.shown_to(user)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Reports by e-mail"),
        "standings": standings(schedules, user, timezone.now()),
        "reports": reports_for(user),
        "calendar": Calendar.objects.default(),
    }
    return TemplateResponse(request, "scoring/reports/mails.html", context)


@admin_page(f"{ROUTE}new/", "report_mail_new")
@require_http_methods(["GET", "HEAD", "POST"])
def new_view(request: HttpRequest) -> HttpResponse:
    """For the report and the view that the address names."""
    user = reader(request)
    report = report_for(request, request.GET.get("report", ""))
    wanted = request.GET.get("view", "")
    views = ReportView.objects.visible_to(user).of(report)
    view = next((each for each in views if str(each.pk) == wanted), None)
    schedule = ReportSchedule(slug=report.slug, view=view, made_by=user)
    return edited(request, schedule, {"recipients": [user.pk]})


@admin_page(f"{ROUTE}<int:pk>/", "report_mail")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_view(request: HttpRequest, pk: int) -> HttpResponse:
    return edited(request, schedule_for(request, pk))


def edited(request: HttpRequest, schedule: ReportSchedule, initial: Any = None) -> HttpResponse:
    user = cast(User, request.user)
    given = request.POST if request.method == "POST" else None
    form = ReportScheduleForm(user, given, instance=schedule, initial=initial)
    if form.is_valid():
        tell(request, schedule, form.store())
        return back()
    context = {
        **admin.site.each_context(request),
        "title": gettext("By e-mail: %(report)s") % {"report": schedule.report.title},
        "form": form,
        "zone": Calendar.objects.default().time_zone,
        "back": reverse(LIST),
    }
    return TemplateResponse(request, "scoring/reports/mail.html", context)


def tell(request: HttpRequest, schedule: ReportSchedule, stored: ReportSchedule | None) -> None:
    """What came of saving ``schedule``."""
    if stored is None:
        text = gettext(
            "Somebody has changed this schedule meanwhile, and nothing of yours is saved: "
            "look at it here, and edit it again."
        )
        messages.error(request, text)
        return
    if stored is schedule:
        said = gettext("The schedule is saved: %(when)s.")
    else:
        said = gettext("The schedule is saved once: %(when)s. Edit it here, or begin another one.")
    messages.success(request, said % {"when": stored.rhythm})


@admin_page(f"{ROUTE}<int:pk>/delete/", "report_mail_delete")
@require_http_methods(["GET", "HEAD", "POST"])
def delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    schedule = schedule_for(request, pk)
    if request.method == "POST":
        schedule.delete()
        messages.success(request, gettext("It is not sent any more."))
        return back()
    context = {
        **admin.site.each_context(request),
        "title": gettext("Send it no more"),
        "lines": [str(schedule)],
        "button": gettext("Delete this schedule"),
        "back": reverse(LIST),
    }
    return TemplateResponse(request, "scoring/reports/confirm.html", context)


@admin_page(f"{ROUTE}<int:pk>/leave/", "report_mail_leave")
@require_POST
def leave_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever gets it is sent it no more; it is nobody else's to decide."""
    user = reader(request)
    schedule = get_object_or_404(ReportSchedule.objects.received_by(user), pk=pk)
    schedule.leave_out(user)
    said = gettext("“%(title)s” is not sent to you any more.")
    messages.success(request, said % {"title": schedule.title})
    return back()


@admin_page(f"{ROUTE}<int:pk>/<slug:deed>/", "report_mail_do")
@require_POST
def do_view(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    schedule = schedule_for(request, pk)
    if deed not in DEEDS:
        raise Http404
    DEEDS[deed](request, schedule)
    return back()


def pause(request: HttpRequest, schedule: ReportSchedule) -> None:
    schedule.pause()
    messages.success(request, gettext("Paused: it is not sent until you go on."))


def resume(request: HttpRequest, schedule: ReportSchedule) -> None:
    schedule.resume()
    messages.success(request, gettext("It is sent again from now on."))


def try_out(request: HttpRequest, schedule: ReportSchedule) -> None:
    """To whoever asks alone; a double click sends one."""
    user = cast(User, request.user)
    if not user.email:
        messages.error(request, gettext("You have no e-mail address; an administrator enters it."))
        return
    if not schedule.runs.filter(only_for=user, done_at=None).exists():
        schedule.begin(f"try:{user.pk}:{timezone.now().timestamp():.3f}", only_for=user)
    said = gettext("A worker makes it now and sends it to %(address)s.")
    messages.success(request, said % {"address": user.email})


DEEDS = {"pause": pause, "resume": resume, "try": try_out}

"""The pages of the reports: all of them, one, the leads behind a figure, and files."""

from collections.abc import Sequence
from typing import Any, Final, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from contacts.models import Contact
from contacts.normalise import normalise
from leadscoring.site import admin_page
from scoring.engine.admin.leads import add_words
from scoring.engine.leads import Lead
from scoring.reports import kinds
from scoring.reports.asking import Question, QuestionForm, ask, no_file
from scoring.reports.exports import FORMATS, Impossible
from scoring.reports.filing import file_of
from scoring.reports.making import Behind, answer, facts_of, pinned
from scoring.reports.models import KeptReport
from scoring.reports.naming import Names
from scoring.reports.report import REPORTS, Report, reports_for, sections_for
from scoring.reports.saved.menu import menu_of
from scoring.reports.saved.models import ReportView
from scoring.reports.shown import ALL, contents, shown_sections

__all__ = ["kinds"]

PAGE: Final = 50
TITLE_MOST: Final = 200
COUNTED: Final = "counted"
PARTS: Final = {COUNTED: _("Counted"), ALL: _("All of them")}


def report_for(request: HttpRequest, slug: str) -> Report:
    """Raises Http404 for an unknown one, PermissionDenied for whom it is not."""
    report = REPORTS.get(slug)
    if report is None:
        raise Http404
    if not request.user.has_perm(report.permission):
        raise PermissionDenied
    return report


def form_for(request: HttpRequest, report: Report) -> QuestionForm:
    return ask(request.GET, report.asks, report.days, report.numbers)


@admin_page("reports/", "reports")
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    reports = reports_for(request.user)
    if not reports:
        raise PermissionDenied
    views = list(ReportView.objects.visible_to(request.user).select_related("author"))
    context = {
        **admin.site.each_context(request),
        "title": gettext("Reports"),
        "reports": [
            (report, address(report), [view for view in views if view.slug == report.slug])
            for report in reports
        ],
    }
    return TemplateResponse(request, "scoring/reports/index.html", context)


def address(report: Report, query: str = "", name: str = "report") -> str:
    found = reverse(f"admin:{name}", args=[report.slug])
    return f"{found}?{query}" if query else found


@admin_page("reports/<slug:slug>/", "report")
@require_safe
def report_view(request: HttpRequest, slug: str) -> HttpResponse:
    report = report_for(request, slug)
    if not request.GET and (view := ReportView.objects.of(report).default_of(request.user)):
        return HttpResponseRedirect(view.address)
    form = form_for(request, report)
    question = form.question()
    found = answer(report, question)
    sections = sections_for(request.user, found.sections or ())
    query = question.query()
    shown = shown_sections(report, sections, Names(sections, request.user), query)
    context = {
        **admin.site.each_context(request),
        "title": report.title,
        "report": report,
        "reports": [(each, address(each)) for each in reports_for(request.user)],
        "form": form,
        "facts": facts_of(question, report.asks, report.numbers),
        "answer": found,
        "sections": shown,
        "contents": contents(shown),
        "query": query,
        "formats": sorted(FORMATS.values(), key=lambda kind: kind.order),
        **menu_of(request, report, form, query),
    }
    return TemplateResponse(request, "scoring/reports/report.html", context)


@admin_page("reports/<slug:slug>/again/", "report_again")
@require_POST
def again_view(request: HttpRequest, slug: str) -> HttpResponse:
    """Have a slow report worked out anew."""
    report = report_for(request, slug)
    question = form_for(request, report).question()
    if not report.is_slow:
        raise Http404
    KeptReport.objects.ask(report.slug, pinned(question))
    return HttpResponseRedirect(address(report, question.query()))


@admin_page("reports/<slug:slug>/leads/", "report_leads")
@require_safe
def leads_view(request: HttpRequest, slug: str) -> HttpResponse:
    """The contacts that a figure counts, of those that this person may see.

    Of a share also all that it is of: one or the other, with how many there are of both.
    """
    report = report_for(request, slug)
    question = form_for(request, report).question()
    lists = lists_behind(request, report, question)
    part = ALL if request.GET.get("part") == ALL and ALL in lists else COUNTED
    numbers = {name: leads.values("pk").distinct().count() for name, leads in lists.items()}
    seen = Lead.objects.visible_to(request.user).filter(pk__in=lists[part].values("pk"))
    track = question.track
    page: Any = Paginator(seen.order_by("pk"), PAGE).get_page(request.GET.get("page"))
    asked = {name: request.GET.get(name, "") for name in ("of", "among")}
    # It comes from the address, in which anything may stand.
    asked["title"] = Truncator(" ".join(request.GET.get("title", "").split())).chars(TITLE_MOST)
    context = {
        **admin.site.each_context(request),
        "title": report.title,
        "subtitle": asked["title"],
        "back": address(report, question.query()),
        "leads": scored_rows([lead.pk for lead in page], track),
        "page": page,
        "number": numbers[part],
        "hidden": numbers[part] - page.paginator.count,
        "parts": [
            (PARTS[name], number, question.query(**asked, part=name), name == part)
            for name, number in numbers.items()
        ],
        "query": question.query(**asked, part=part),
        "track": track,
    }
    return TemplateResponse(request, "scoring/reports/leads.html", context)


def lists_behind(
    request: HttpRequest, report: Report, question: Question
) -> dict[str, QuerySet[Contact]]:
    """Those that a figure counts, and of a share all that it is of.

    Raises Http404 for what there is not, PermissionDenied for whom it is not.
    """
    keys = {COUNTED: request.GET.get("of", ""), ALL: request.GET.get("among", "")}
    lists, behind = {}, Behind(report, question)
    for part, asked in keys.items():
        if part == ALL and not asked:
            continue
        key = asked.replace("\0", "")
        found = behind.figure(key)
        if found is None:
            raise Http404
        if not request.user.has_perms(["scoring.view_lead", report.permission_behind(key)]):
            raise PermissionDenied
        lists[part] = found.order_by()
    return lists


def scored_rows(ids: Sequence[int], track: Any) -> list[Any]:
    """The contacts of a page, the highest score first; the ones without a score at the end."""
    scored = {
        lead.pk: lead
        for lead in Lead.objects.on_track(track).filter(pk__in=ids).select_related("company")
    }
    if track is not None:
        add_words(scored.values(), track)
    others = Contact.objects.filter(pk__in=set(ids) - scored.keys()).select_related("company")
    ranked = sorted(scored.values(), key=lambda lead: (-lead.total, lead.pk))  # type: ignore[attr-defined]
    return [*ranked, *sorted(others, key=lambda contact: normalise(str(contact)))]


@admin_page("reports/<slug:slug>/files/<slug:kind>/", "report_file")
@require_safe
def file_view(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """A report as a file, named by its days; none of other numbers than were asked for."""
    report = report_for(request, slug)
    if kind not in FORMATS:
        raise Http404
    form = form_for(request, report)
    if form.faults:
        # Back to the page, which shows the same beside the field.
        messages.error(request, no_file(form.faults))
        return HttpResponseRedirect(address(report, request.GET.urlencode()))
    question = form.question()
    try:
        file = file_of(report, question, kind, cast(User, request.user))
    except Impossible as missing:
        messages.error(request, str(missing))
        return HttpResponseRedirect(address(report, question.query()))
    if file is None:
        return not_yet(request, report, question.query())
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return HttpResponse(file.content, content_type=file.mime, headers=headers)


def not_yet(request: HttpRequest, report: Report, query: str) -> HttpResponse:
    text = gettext("This report is still being worked out; take the file when it is there.")
    messages.warning(request, text)
    return HttpResponseRedirect(address(report, query))

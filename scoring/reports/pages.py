"""The pages of the reports: all of them, one, the leads behind a figure, and files."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from contacts.models import Contact
from contacts.normalise import normalise
from leadscoring.site import admin_page
from scoring.engine.admin.leads import add_words
from scoring.engine.leads import Lead
from scoring.reports import kinds
from scoring.reports.asking import QuestionForm, ask
from scoring.reports.exports import FORMATS, Impossible, Made
from scoring.reports.making import Answer, answer, facts_of, pinned
from scoring.reports.models import KeptReport
from scoring.reports.naming import Names
from scoring.reports.report import REPORTS, Report, reports_for
from scoring.reports.shown import shown_sections

__all__ = ["kinds"]

PAGE: Final = 50


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
    context = {
        **admin.site.each_context(request),
        "title": gettext("Reports"),
        "reports": [(report, address(report)) for report in reports],
    }
    return TemplateResponse(request, "scoring/reports/index.html", context)


def address(report: Report, query: str = "", name: str = "report") -> str:
    found = reverse(f"admin:{name}", args=[report.slug])
    return f"{found}?{query}" if query else found


@admin_page("reports/<slug:slug>/", "report")
@require_safe
def report_view(request: HttpRequest, slug: str) -> HttpResponse:
    report = report_for(request, slug)
    form = form_for(request, report)
    question = form.question()
    found = answer(report, question)
    sections = found.sections or ()
    query = question.query()
    context = {
        **admin.site.each_context(request),
        "title": report.title,
        "report": report,
        "reports": [(each, address(each)) for each in reports_for(request.user)],
        "form": form,
        "facts": facts_of(question, report.asks, report.numbers),
        "answer": found,
        "sections": shown_sections(report, sections, Names(sections, request.user), query),
        "query": query,
        "formats": sorted(FORMATS.values(), key=lambda kind: kind.order),
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
    """The contacts that a figure counts, of those that this person may see."""
    report = report_for(request, slug)
    question = form_for(request, report).question()
    behind = report.behind(question, request.GET.get("of", "").replace("\0", ""))
    if behind is None:
        raise Http404
    if not request.user.has_perm("scoring.view_lead"):
        raise PermissionDenied
    ids = behind.order_by().values("pk")
    number = behind.order_by().values("pk").distinct().count()
    seen = Lead.objects.visible_to(request.user).filter(pk__in=ids)
    track = question.track
    page: Any = Paginator(seen.order_by("pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request),
        "title": report.title,
        "subtitle": request.GET.get("title", "")[:200],
        "back": address(report, question.query()),
        "leads": scored_rows([lead.pk for lead in page], track),
        "page": page,
        "hidden": number - page.paginator.count,
        "query": question.query(of=request.GET.get("of", ""), title=request.GET.get("title", "")),
        "track": track,
    }
    return TemplateResponse(request, "scoring/reports/leads.html", context)


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
    """A report as a file, named by its days."""
    report = report_for(request, slug)
    if kind not in FORMATS:
        raise Http404
    question = form_for(request, report).question()
    found = answer(report, question)
    if found.sections is None:
        return not_yet(request, report, found, question.query())
    made = Made(
        report=report,
        question=question,
        sections=found.sections,
        facts=[*facts_of(question, report.asks, report.numbers), made_at(found)],
        names=Names(found.sections, request.user),
    )
    try:
        content = FORMATS[kind].write(made)
    except Impossible as missing:
        messages.error(request, str(missing))
        return HttpResponseRedirect(address(report, question.query()))
    name = f"{made.file_name}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=FORMATS[kind].mime, headers=headers)


def made_at(found: Answer) -> str:
    from_then = timezone.localtime(found.made_at) if found.made_at else ""
    return gettext("as of %(instant)s") % {"instant": f"{from_then:%Y-%m-%d %H:%M %Z}"}


def not_yet(request: HttpRequest, report: Report, found: Answer, query: str) -> HttpResponse:
    text = gettext("This report is still being worked out; take the file when it is there.")
    messages.warning(request, text)
    return HttpResponseRedirect(address(report, query))

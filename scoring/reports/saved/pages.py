"""Views of reports: saved, renamed, shared, opened at first, deleted."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from leadscoring.saved.pages import (
    Deed,
    Refused,
    changeable,
    delete,
    do,
    given_name,
    rename,
    shown_again,
    store,
    whole,
    wrongly_asked,
)
from leadscoring.site import admin_page
from scoring.reports.asking import ask
from scoring.reports.pages import address, report_for
from scoring.reports.report import Report
from scoring.reports.saved.models import USUAL, ReportView

ROUTE: Final = "reports/<slug:slug>/views/"


def given_query(request: HttpRequest, report: Report) -> str:
    """Raises Refused for a question that the report would not answer as it stands."""
    given = whole(request.POST.get("query", ""))
    form = ask(QueryDict(given), report.asks, report.days, report.numbers)
    query = form.question().query()
    if not form.is_valid():
        raise wrongly_asked()
    return whole(query)


@admin_page(ROUTE, "report_view_save")
@require_POST
def save_view(request: HttpRequest, slug: str) -> HttpResponse:
    """What the page asks, as a view of this person's."""
    report = report_for(request, slug)
    user: Any = request.user
    asked = QueryDict(request.POST.get("query", "")).urlencode()
    try:
        view = ReportView(
            slug=slug,
            author=user,
            name=given_name(request),
            query=given_query(request, report),
            is_shared="is_shared" in request.POST,
        )
        store(view)
    except Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(address(report, shown_again(asked) or USUAL))
    messages.success(request, gettext("The view “%(name)s” is saved.") % {"name": view.name})
    return HttpResponseRedirect(view.address)


def view_for(request: HttpRequest, slug: str, view_id: int) -> ReportView:
    """One that this person may see. Raises Http404, PermissionDenied."""
    report = report_for(request, slug)
    user: Any = request.user
    return get_object_or_404(ReportView.objects.visible_to(user).of(report), pk=view_id)


@admin_page(f"{ROUTE}<int:view_id>/delete/", "report_view_delete")
@require_http_methods(["GET", "HEAD", "POST"])
def delete_view(request: HttpRequest, slug: str, view_id: int) -> HttpResponse:
    """Asked first: the letters that are made of it end too."""
    view = view_for(request, slug, view_id)
    changeable(request, view)
    if request.method == "POST":
        messages.success(request, delete(request, view) % {"name": view.name})
        return HttpResponseRedirect(address(view.report, USUAL))
    letters = view.schedules.count()
    end = ngettext(
        "%(count)d e-mail on a schedule is made of it, and ends too.",
        "%(count)d e-mails on a schedule are made of it, and end too.",
        letters,
    )
    context = {
        **admin.site.each_context(request),
        "title": gettext("Delete the view “%(name)s”") % {"name": view.name},
        "lines": [
            gettext("It is deleted for everybody who uses it.")
            if view.is_shared
            else gettext("Nobody else uses it."),
            *([end % {"count": letters}] if letters else []),
        ],
        "button": gettext("Delete this view"),
        "back": view.address,
    }
    return TemplateResponse(request, "scoring/reports/confirm.html", context)


@admin_page(f"{ROUTE}<int:view_id>/<slug:deed>/", "report_view_do")
@require_POST
def change_view(request: HttpRequest, slug: str, view_id: int, deed: str) -> HttpResponse:
    view = view_for(request, slug, view_id)
    do(request, view, DEEDS, deed)
    return HttpResponseRedirect(view.address)


def replace(request: HttpRequest, view: ReportView) -> str:
    """With what the page asks now."""
    changeable(request, view)
    view.query = given_query(request, view.report)
    store(view, ["query"])
    return gettext("“%(name)s” asks this now.")


def begin(request: HttpRequest, view: ReportView) -> str:
    view.begin_with(request.user)
    return gettext("From now on this report opens with “%(name)s” for you.")


def forget(request: HttpRequest, view: ReportView) -> str:
    view.begin_without(request.user)
    return gettext("From now on this report opens with the usual question for you.")


DEEDS: Final[Mapping[str, Deed[ReportView]]] = {
    "rename": rename,
    "replace": replace,
    "begin": begin,
    "forget": forget,
}

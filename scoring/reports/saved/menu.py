"""The views of a report as its page shows them, and which one is open."""

from typing import Any

from django.http import HttpRequest
from unfold.widgets import INPUT_CLASSES

from leadscoring.saved.menu import entries_of
from leadscoring.saved.models import NAME_MOST
from scoring.reports.asking import QuestionForm
from scoring.reports.report import Report
from scoring.reports.saved.models import OPEN, USUAL, ReportView


def menu_of(request: HttpRequest, report: Report, form: QuestionForm, query: str) -> dict[str, Any]:
    """``query``: what the page asks now."""
    user: Any = request.user
    views = list(ReportView.objects.visible_to(user).of(report).select_related("author"))
    first = ReportView.objects.of(report).default_of(user)
    wanted = request.GET.get(OPEN, "")
    chosen = next((view for view in views if str(view.pk) == wanted), None)
    if chosen is None:
        chosen = next((view for view in views if view.query == query), None)
    return {
        "views": entries_of(views, first, user, lambda view: view == chosen),
        "view": chosen,
        "view_is_changed": bool(chosen and chosen.query != query and not form.gone),
        "view_may_change": bool(chosen and chosen.may_be_changed_by(user)),
        "gone": form.gone,
        "usual": USUAL,
        "name_most": NAME_MOST,
        "input_class": " ".join(INPUT_CLASSES),
    }

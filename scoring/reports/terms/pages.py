"""The page of the terms: what holds, how far it is, who signs, and how it came to be."""

from typing import Any, Final, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadscoring.site import admin_page
from scoring.agreement.admin.doing import done
from scoring.agreement.changes import Refused
from scoring.agreement.sides import Side, sides_of
from scoring.criteria.models import ScoringModel
from scoring.reports.asking import Question, QuestionForm, ask
from scoring.reports.charts import draw
from scoring.reports.exports import FORMATS
from scoring.reports.kinds.goals import Goals
from scoring.reports.naming import Names
from scoring.reports.periods import Grain
from scoring.reports.report import REPORTS
from scoring.reports.shown import shown_sections
from scoring.reports.terms.agreeing import (
    CHANGE,
    VIEW,
    NewSet,
    SignTerms,
    UnsignTerms,
    WithdrawTerms,
    last_number,
    page_of,
    standing_sets,
    terms_of,
)
from scoring.reports.terms.forms import TermsForm
from scoring.reports.terms.history import differences, past_sets
from scoring.reports.terms.models import Terms
from scoring.reports.terms.progress import lately

# So many weeks or months are shown, the last of which is under way.
PERIODS: Final = 12


def need(request: HttpRequest, permission: str) -> User:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return cast(User, request.user)


def asked(request: HttpRequest) -> QuestionForm:
    """Which model is meant; the days follow from the terms."""
    return ask({"model": request.GET.get("model", "")}, Goals.asks, Goals.days)


def question_of(form: QuestionForm) -> Question:
    """Of the last periods of the terms of the model that was asked for."""
    question = form.question()
    terms = terms_of(question.model) if question.model else None
    return lately(question, terms.grain if terms else Grain.MONTH, PERIODS)


@admin_page("terms/", "terms")
@require_safe
def terms_view(request: HttpRequest) -> HttpResponse:
    user = need(request, VIEW)
    form = asked(request)
    question = question_of(form)
    report = REPORTS[Goals.slug]
    sections, query = report.make(question), question.query()
    shown = shown_sections(report, sections, Names(sections, user), query)
    context = {
        **admin.site.each_context(request),
        "title": report.title,
        "report": report,
        "models": form.models,
        "sections": list(map(pictured, shown)),
        "formats": sorted(FORMATS.values(), key=lambda kind: kind.order),
        "query": query,
        "zone": question.period.zone,
        "may_change": user.has_perm(CHANGE),
        **(agreement_of(request, user, question.model) if question.model else {}),
    }
    return TemplateResponse(request, "scoring/terms/page.html", context)


def pictured(section: dict[str, Any]) -> dict[str, Any]:
    """Charts made small, each with the table of the same key folded below it."""
    blocks = section["blocks"]
    tables = {each["block"].key: each for each in blocks if each["kind"] == "table"}
    charts = [each["block"] for each in blocks if each["kind"] == "chart"]
    pictures = [(chart, draw(chart, is_small=True), tables[chart.key]) for chart in charts]
    return {**section, "blocks": [] if pictures else blocks, "pictures": pictures}


def agreement_of(request: HttpRequest, user: User, model: ScoringModel) -> dict[str, Any]:
    in_force, waiting = standing_sets(model)
    page, past = past_sets(model, request.GET.get("page"))
    signed = {each.side: each for each in waiting.standing} if waiting else {}
    own = next((each for each in signed.values() if each.user_id == user.pk), None)
    return {
        "model": model,
        "waiting": waiting,
        "changes": differences(in_force, waiting) if waiting else [],
        "sides": [(side, signed.get(side)) for side in Side],
        "own": own,
        "may_sign": [side for side in sides_of(user) if side not in signed] if not own else [],
        "page": page,
        "past": past,
    }


@admin_page("terms/edit/", "terms_edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_view(request: HttpRequest) -> HttpResponse:
    """A new set, begun with what the last one says."""
    user = need(request, CHANGE)
    question = asked(request).question()
    model, track = question.model, question.track
    if model is None or track is None:
        messages.info(
            request, gettext("No scoring model is live yet: there is nothing to agree on.")
        )
        return HttpResponseRedirect(reverse("admin:terms"))
    in_force, waiting = standing_sets(model)
    bands = [band.name for band in track.version.document_value.bands]
    form = TermsForm(request.POST or None, bands, waiting or in_force, last_number(model))
    if request.method == "POST" and form.is_valid():
        try:
            NewSet(user, model, form.said(), form.cleaned_data["looked_at"]).execute()
        except Refused as refused:
            for reason in refused.reasons:
                messages.error(request, reason)
        else:
            said = gettext("The new terms are there; they hold when both sides have signed them.")
            messages.success(request, said)
            return HttpResponseRedirect(page_of(model))
    context = {
        **admin.site.each_context(request),
        "title": gettext("Change the terms and goals"),
        "subtitle": model.name,
        "form": form,
        "back": page_of(model),
        "in_force": in_force,
        "waiting": waiting,
    }
    return TemplateResponse(request, "scoring/terms/edit.html", context)


@admin_page("terms/<int:pk>/<slug:deed>/", "terms_do")
@require_POST
def do_view(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Sign, take the signature back, or put the set away."""
    user = need(request, VIEW)
    terms = get_object_or_404(Terms.objects.select_related("model"), pk=pk)
    back = page_of(terms.model)
    if deed == "sign":
        change = SignTerms(user, terms, request.POST.get("side", ""))
        return done(request, change, gettext("You have signed."), back)
    if deed == "unsign":
        said = gettext("Your signature is taken back.")
        return done(request, UnsignTerms(user, terms), said, back)
    if deed == "withdraw":
        return done(request, WithdrawTerms(user, terms), gettext("The set is put away."), back)
    raise Http404

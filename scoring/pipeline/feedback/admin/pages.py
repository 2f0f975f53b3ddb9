"""The page “Feedback”: what waits by its deadline, what was answered, and answering many."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case, F, When
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadscoring.site import admin_page, sidebar_badge
from scoring.criteria.models import ScoringModel
from scoring.pipeline.assigning.claiming import NotPossible, within_reach
from scoring.pipeline.feedback.admin.forms import AnsweredFilter, AnswerForm, HandoverFilter
from scoring.pipeline.feedback.admin.shown import lines_of
from scoring.pipeline.feedback.answering import ANSWER, Answer, Said, may_still_change
from scoring.pipeline.feedback.models import Handover, HandoverQuerySet, VerdictKind
from scoring.pipeline.feedback.people import owned_by

SHOWN: Final = 50
AT_ONCE: Final = 200
TOLD_MOST: Final = 5
VIEW: Final = "scoring.view_handover"
LIST: Final = "admin:pipeline_feedback"


@sidebar_badge(LIST)
def waiting_count(request: HttpRequest) -> int | None:
    """How many wait for this person; a manager's page tells of the others."""
    if not request.user.has_perm(ANSWER):
        return None
    return Handover.objects.waiting().filter(owned_by(request.user)).count() or None


@admin_page("feedback/", "pipeline_feedback")
@require_safe
def feedback(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    is_answered = request.GET.get("show") == "answered"
    seen = Handover.objects.visible_to(request.user)
    rows = (
        seen.exclude(answered_at=None).order_by("-answered_at", "-pk")
        if is_answered
        else in_order(seen.waiting())
    )
    # The library's classes have no types.
    kind: Any = AnsweredFilter if is_answered else HandoverFilter
    filters = kind(request.GET, rows)
    if ScoringModel.objects.count() < 2:
        filters.form.fields.pop("model")
    found = filters.qs if filters.is_valid() else rows.none()
    related = ("contact__company", "reason", "answered_by", "model")
    page = Paginator(found.select_related(*related), SHOWN).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request),
        "title": gettext("Feedback"),
        "is_answered": is_answered,
        "filters": filters.form,
        "is_filtered": any(request.GET.get(name) for name in filters.form.fields),
        "page": page,
        "lines": lines_of(page.object_list),
        "query": query_of(request),
        "counts": {"waiting": seen.waiting().count()},
        "form": AnswerForm(None),
        "may_answer": request.user.has_perm(ANSWER),
        "may_see_levels": request.user.has_perm("scoring.view_servicelevel"),
        "may_see_lead": request.user.has_perm("scoring.view_lead"),
        "now": timezone.now(),
    }
    return TemplateResponse(request, "scoring/feedback/list.html", context)


def in_order(rows: HandoverQuerySet) -> HandoverQuerySet:
    """What is due first stands first; what has no deadline comes last."""
    attempt = Case(When(responded_at=None, then=F("respond_by")))
    return rows.order_by(Coalesce(attempt, F("feedback_by")).asc(nulls_last=True), "pk")


def query_of(request: HttpRequest) -> str:
    """The filters, for the links to other pages of the list."""
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


@admin_page("feedback/<int:pk>/", "pipeline_feedback_one")
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One handover with all that was said of it, and the form to answer it."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    if request.method != "POST":
        handover = found_for(request, Handover.objects.visible_to(request.user), pk)
        initial = initial_of(handover, request.GET.get("verdict", ""))
        return one_page(request, handover, AnswerForm(handover, initial=initial))
    if not request.user.has_perm(ANSWER):
        raise PermissionDenied
    handover = found_for(request, reachable(request), pk)
    form = AnswerForm(handover, request.POST)
    if not form.is_valid():
        found_for(request, Handover.objects.visible_to(request.user), pk)
        return one_page(request, handover, form)
    said = form.said(form.cleaned_data)
    tell(request, answer(request, [(handover, form.cleaned_data["seen"])], said), said)
    return HttpResponseRedirect(way_back(request))


def initial_of(handover: Handover, wanted: str) -> dict[str, Any]:
    return {
        "verdict": wanted if wanted in VerdictKind.values else handover.verdict,
        "reason": handover.reason_id,
        "text": handover.text,
        "seen": handover.state,
    }


def found_for(request: HttpRequest, rows: HandoverQuerySet, pk: int) -> Handover:
    """Raises Http404."""
    related = ("contact__company", "reason", "answered_by", "model")
    found = rows.select_related(*related).filter(pk=pk).first() if pk < 2**31 else None
    if found is None:
        raise Http404
    return found


def reachable(request: HttpRequest) -> HandoverQuerySet:
    """Also those of leads that were in the pool a moment ago: who is late is told who has them."""
    return Handover.objects.filter(contact__in=within_reach(request.user).values("pk"))


def one_page(request: HttpRequest, handover: Handover, form: AnswerForm) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": gettext("Feedback: %(lead)s") % {"lead": lead_name(handover)},
        "line": lines_of([handover])[0],
        "handover": handover,
        "form": form,
        "verdicts": handover.verdicts.select_related("by", "reason").order_by("-pk"),
        "may_answer": request.user.has_perm(ANSWER) and may_still_change(handover, timezone.now()),
        "may_see_lead": request.user.has_perm("scoring.view_lead"),
        "back": request.POST.get("back") or request.GET.get("back", ""),
        "now": timezone.now(),
    }
    return TemplateResponse(request, "scoring/feedback/one.html", context)


@admin_page("feedback/answer/", "pipeline_feedback_answer")
@require_POST
def answer_ticked(request: HttpRequest) -> HttpResponse:
    """Accept or reject one by its button, or all that are ticked, for one reason."""
    if not request.user.has_perm(ANSWER):
        raise PermissionDenied
    single = request.POST.get("accept", "")
    given = request.POST.copy()
    if single:
        given.update({"verdict": VerdictKind.ACCEPTED.value})
    form = AnswerForm(None, given)
    chosen = wanted([single] if single else request.POST.getlist("handover"))
    if not chosen:
        messages.warning(request, gettext("Tick the leads first."))
    elif not form.is_valid():
        for faults in form.errors.values():
            messages.error(request, " ".join(map(str, faults)))
    else:
        rows = reachable(request).select_related("contact").filter(pk__in=chosen).order_by("pk")
        pairs = [(row, request.POST.get(f"seen-{row.pk}", "")) for row in rows]
        said = form.said(form.cleaned_data)
        tell(request, answer(request, pairs, said), said)
    return HttpResponseRedirect(way_back(request))


def wanted(keys: Sequence[str]) -> list[int]:
    return [int(key) for key in keys[:AT_ONCE] if key.isdecimal() and len(key) < 10]


def answer(
    request: HttpRequest, pairs: Sequence[tuple[Handover, str]], said: Said
) -> tuple[list[Handover], list[str]]:
    """Each in a transaction of its own: those that were answered, and why the others were not."""
    done: list[Handover] = []
    refused: list[str] = []
    for handover, seen in pairs:
        try:
            done.append(Answer(handover, request.user, said, seen).execute())
        except NotPossible as reason:
            refused.append(f"{lead_name(handover)}: {reason}")
        except Handover.DoesNotExist:
            refused.append(gettext("A lead was removed meanwhile."))
    return done, refused


def tell(request: HttpRequest, outcome: tuple[list[Handover], list[str]], said: Said) -> None:
    done, refused = outcome
    if done:
        messages.success(request, told(done, said))
    for reason in refused[:TOLD_MOST]:
        messages.error(request, reason)
    if (more := len(refused) - TOLD_MOST) > 0:
        text = ngettext(
            "%(count)d more could not be answered.", "%(count)d more could not be answered.", more
        )
        messages.error(request, text % {"count": more})


def told(done: Sequence[Handover], said: Said) -> str:
    facts = {"lead": lead_name(done[0]), "count": len(done), "reason": str(said.reason or "")}
    if said.verdict == VerdictKind.ACCEPTED:
        if len(done) == 1:
            return gettext("“%(lead)s” is accepted.") % facts
        text = ngettext("%(count)d lead is accepted.", "%(count)d leads are accepted.", len(done))
        return text % facts
    if len(done) == 1:
        return gettext("“%(lead)s” is rejected: %(reason)s.") % facts
    text = ngettext(
        "%(count)d lead is rejected: %(reason)s.",
        "%(count)d leads are rejected: %(reason)s.",
        len(done),
    )
    return text % facts


def lead_name(handover: Handover) -> str:
    return handover.contact.full_name or handover.contact.email


def way_back(request: HttpRequest) -> str:
    """Where the person came from, on this site; otherwise to the list."""
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return back if safe and back.startswith("/") else reverse(LIST)

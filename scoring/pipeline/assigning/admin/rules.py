"""The page of assignment rules: in order, with what is wrong, where today's leads would go."""

from collections import Counter
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from contacts.normalise import normalise
from leadscoring.site import admin_page
from scoring.engine.admin.tracks import chosen_track, title_of
from scoring.engine.leads import Lead
from scoring.pipeline.assigning.admin.pool import PoolFilter, pool_of
from scoring.pipeline.assigning.choosing import Desk
from scoring.pipeline.assigning.handing import HAND_OVER
from scoring.pipeline.assigning.ordering import ADD, CHANGE, DEEDS, DELETE, Rules
from scoring.pipeline.assigning.rules import AssignmentRule

VIEW: Final = "scoring.view_assignmentrule"
# Of the unowned leads the hottest: they are shared out first.
PREVIEWED: Final = 200
NAMED: Final = 20
TRIED: Final = 3
DELETED: Final = "assignment_rule_deleted"


@admin_page("pipeline/rules/", "pipeline_rules")
def rules(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    now = timezone.now()
    shown: Any = list(AssignmentRule.objects.kept())
    for rule in shown:
        rule.faults = rule.problems(now)
    gone = request.session.pop(DELETED, None)
    sought = request.GET.get("lead", "").replace("\0", " ").strip()[:200]
    context = {
        **site.each_context(request),
        "title": gettext("Assignment rules"),
        "rules": shown,
        "may_add": request.user.has_perm(ADD),
        "may_change": request.user.has_perm(CHANGE),
        "may_delete": request.user.has_perm(DELETE),
        "may_hand_over": request.user.has_perm(HAND_OVER),
        "deleted": AssignmentRule.objects.filter(pk=gone).exclude(deleted_at=None).first(),
        "sought": sought,
        "tried": tried(request, sought) if sought else [],
    }
    return TemplateResponse(request, "scoring/assigning/rules.html", context)


def tried(request: HttpRequest, sought: str) -> list[dict[str, Any]]:
    """Who would get each of the leads that are sought, and why, in words."""
    track = chosen_track(request)
    found: Any = Lead.objects.visible_to(request.user)
    for word in normalise(sought).split():
        found = found.filter(PoolFilter.having(word))
    leads = list(found.select_related("company").order_by("pk")[:TRIED])
    model = track.model if track else None
    return [
        {"lead": lead, "choice": Desk(model, timezone.now()).choose([lead.pk])[0]} for lead in leads
    ]


@admin_page("pipeline/rules/preview/", "pipeline_rules_preview")
def preview(request: HttpRequest) -> HttpResponse:
    """Where the unowned leads would go today; nothing is written."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    track = chosen_track(request)
    pool = pool_of(request, track)
    leads = {lead.pk: lead for lead in pool.hottest()[:PREVIEWED]}
    desk = Desk(track.model if track else None, timezone.now())
    choices = desk.choose(list(leads))
    context = {
        "track": title_of(track) if track else None,
        "shares": Counter(choice.who for choice in choices).most_common(),
        "rows": [(leads[choice.contact_id], choice) for choice in choices[:NAMED]],
        "count": len(choices),
        "all": pool.count(),
    }
    return TemplateResponse(request, "scoring/assigning/preview.html", context)


@admin_page("pipeline/rules/<int:pk>/<slug:deed>/", "pipeline_rule_do")
@require_POST
def do(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    if deed not in DEEDS:
        raise Http404
    hands = Rules(request.user)
    if not hands.may(deed):
        raise PermissionDenied
    if not request.user.has_perm(VIEW) or pk >= 2**31:
        raise Http404
    try:
        rule = hands.do(deed, pk)
    except AssignmentRule.DoesNotExist:
        gone = gettext("This rule is not there any more: somebody has deleted it meanwhile.")
        messages.warning(request, gone)
        return HttpResponseRedirect(reverse("admin:pipeline_rules"))
    told = gettext("“%(rule)s” %(what)s.") % {"rule": rule.name, "what": DEEDS[deed]}
    if deed == "delete":
        request.session[DELETED] = rule.pk
    messages.success(request, told)
    return HttpResponseRedirect(reverse("admin:pipeline_rules"))

"""The narrow column of a lead's page: what is open, who else is there, where it came from."""

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext

from contacts.admin.base import visible
from contacts.models import Campaign, CampaignTouch, Deal, Task
from contacts.models.people import sees_everybody
from contacts.tasking import Finish
from leadscoring.site import admin_page
from scoring.engine.admin.badges import badge
from scoring.engine.admin.more import Place, lead_part
from scoring.engine.leads import Lead
from scoring.pipeline.leads.admin.deeds import Asked, done, lead_for

SHOWN_MOST: Final = 8


@lead_part(Place.SIDE, 10)
def beside(lead: Lead, request: HttpRequest) -> str:
    return rendered(Asked(request, lead))


@admin_page("scoring/lead/<int:contact_id>/beside/", "pipeline_lead_beside")
def beside_view(request: HttpRequest, contact_id: int) -> HttpResponse:
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    return HttpResponse(rendered(Asked(request, lead_for(request, contact_id))))


def rendered(asked: Asked) -> str:
    context = {
        "lead": asked.lead,
        "deals": deals(asked),
        "tasks": tasks(asked),
        "colleagues": colleagues(asked),
        "campaign": Campaign.objects.filter(name=asked.lead.campaign).first(),
        "touches": touches(asked),
        "may": {
            name: asked.user.has_perm(f"contacts.view_{name}")
            for name in ("deal", "task", "campaign", "campaigntouch")
        },
        "now": timezone.now(),
        "query": asked.query,
    }
    return render_to_string("scoring/leads/beside.html", context, asked.request)


def few(rows: Any) -> tuple[list[Any], bool]:
    """As many as are shown, and whether there are more."""
    found = list(rows[: SHOWN_MOST + 1])
    return found[:SHOWN_MOST], len(found) > SHOWN_MOST


def deals(asked: Asked) -> Any:
    if not asked.user.has_perm("contacts.view_deal"):
        return ([], False)
    rows = visible(Deal.objects.filter(contact=asked.lead.pk), asked.request)
    newest = (F("closed_at").desc(nulls_first=True), F("opened_at").desc(nulls_last=True), "-pk")
    return few(rows.select_related("stage", "product").order_by(*newest))


def tasks(asked: Asked) -> Any:
    if not asked.user.has_perm("contacts.view_task"):
        return ([], False)
    rows: Any = visible(Task.objects.filter(contact=asked.lead.pk), asked.request)
    found, more = few(rows.open().urgent_first(asked.user).select_related("assignee"))
    for task in found:
        task.may_finish = may_finish(asked, task)
        task.is_late = task.is_overdue(timezone.now())
    return found, more


def may_finish(asked: Asked, task: Task) -> bool:
    own = task.is_of(asked.user) or sees_everybody(asked.user)
    return own and asked.user.has_perm("contacts.change_task")


def colleagues(asked: Asked) -> Any:
    """Others of the company by score, of those that this person sees."""
    if asked.lead.company_id is None:
        return ([], False)
    rows = Lead.objects.on_track(asked.track).filter(company=asked.lead.company_id)
    seen: Any = visible(rows.exclude(pk=asked.lead.pk), asked.request)
    found, more = few(seen.hottest())
    for lead in found:
        document = asked.track.version.document_value if asked.track else None
        lead.badge = badge(lead.total, lead.band, document) if document else ""
    return found, more


def touches(asked: Asked) -> Any:
    if not asked.user.has_perm("contacts.view_campaigntouch"):
        return ([], False)
    rows = visible(CampaignTouch.objects.filter(contact=asked.lead.pk), asked.request)
    return few(rows.select_related("campaign"))


@admin_page("scoring/lead/<int:contact_id>/task/<int:pk>/done/", "pipeline_lead_task_done")
def finish_task(request: HttpRequest, contact_id: int, pk: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = Asked(request, lead_for(request, contact_id))
    rows: Any = visible(Task.objects.filter(contact=contact_id), request)
    task = rows.filter(pk=pk).first()
    if task is None:
        raise Http404
    if not may_finish(asked, task):
        raise PermissionDenied
    closed, _calls = Finish(rows.filter(pk=pk), asked.user).execute()
    if not closed:
        return done(request, gettext("This task was closed meanwhile."))
    return done(request, gettext("“%(task)s” is done.") % {"task": task})

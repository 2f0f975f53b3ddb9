"""The head of a lead's page: how to reach them, where they stand, and what can be done."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.utils import timezone

from contacts.admin.base import visible
from contacts.models import Contact, Deal, Stage, Task
from contacts.models.teams import person_for_owner
from contacts.normalise import normalise
from leadscoring.site import admin_page
from scoring.automations.outbox.messages import why_not
from scoring.engine.admin.badges import shade
from scoring.engine.admin.more import SCRIPTS, Place, lead_part
from scoring.engine.leads import Lead
from scoring.pipeline.assigning.claiming import Claim, NotPossible, within_reach
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.admin.deeds import DEEDS, Asked, done, lead_for
from scoring.pipeline.leads.admin.qualifying import standing_for

SCRIPTS.append("leadscoring/lead_sales.js")


@lead_part(Place.HEAD, 10)
def head(lead: Lead, request: HttpRequest) -> str:
    deeds = [each for each in DEEDS.values() if each.may(request.user)]
    context = {"deeds": sorted(deeds, key=lambda each: each.order), **facts(Asked(request, lead))}
    return render_to_string("scoring/leads/head.html", context, request)


@admin_page("scoring/lead/<int:contact_id>/facts/", "pipeline_lead_facts")
def facts_view(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The facts alone, for after something was done."""
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    context = facts(Asked(request, lead_for(request, contact_id)))
    return HttpResponse(render_to_string("scoring/leads/facts.html", context, request))


def facts(asked: Asked) -> dict[str, Any]:
    lead, manual = asked.lead, standing_for(asked)
    claim = Claim(lead, asked.user)
    owner = person_for_owner(lead.owner)
    return {
        "lead": lead,
        "owner": owner,
        "owner_gone": bool(lead.owner) and owner is None,
        "is_pool": not normalise(lead.owner),
        "claim": claim if claim.may() and not normalise(lead.owner) else None,
        "claim_obstacles": claim.check() if claim.may() and not normalise(lead.owner) else [],
        "deal": open_deal(asked),
        "task": next_task(asked),
        "handover": waiting_handover(asked),
        "manual": manual,
        "manual_shade": shade(manual.band, asked.track.version.document_value)
        if manual and asked.track
        else "",
        "no_mail": why_not(lead),
        "now": timezone.now(),
        "query": asked.query,
    }


def open_deal(asked: Asked) -> Deal | None:
    if not asked.user.has_perm("contacts.view_deal"):
        return None
    deals: Any = visible(Deal.objects.filter(contact=asked.lead.pk), asked.request)
    found = deals.filter(stage__outcome=Stage.Outcome.OPEN).select_related("stage")
    deal: Deal | None = found.order_by("-opened_at", "-pk").first()
    return deal


def next_task(asked: Asked) -> Task | None:
    if not asked.user.has_perm("contacts.view_task"):
        return None
    tasks: Any = visible(Task.objects.filter(contact=asked.lead.pk), asked.request)
    task: Task | None = tasks.open().urgent_first(asked.user).select_related("assignee").first()
    return task


def waiting_handover(asked: Asked) -> Handover | None:
    if not asked.user.has_perm("scoring.view_handover") or asked.track is None:
        return None
    found = Handover.objects.filter(contact=asked.lead.pk, model=asked.track.model_id)
    return found.waiting().first()


@admin_page("scoring/lead/<int:contact_id>/take/", "pipeline_lead_take")
def take(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Whoever is a moment too late is told who has the lead, though they do not see it now."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not request.user.has_perm("scoring.view_lead"):
        raise PermissionDenied
    contact = within_reach(request.user).filter(pk=contact_id).first()
    if contact is None:
        raise Http404
    try:
        claimed = Claim(contact, request.user).execute()
    except NotPossible as problem:
        return done(request, str(problem))
    except Contact.DoesNotExist:
        raise Http404 from None
    return done(request, claimed.message)

"""Accept and reject on the page of the lead itself."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from scoring.engine.admin.more import SCRIPTS, Place, lead_part
from scoring.engine.leads import Lead
from scoring.pipeline.feedback.admin.pages import VIEW
from scoring.pipeline.feedback.answering import ANSWER, CHANGE_FOR
from scoring.pipeline.feedback.models import Handover

SCRIPTS.append("leadscoring/feedback.js")


@lead_part(Place.HEAD, 20)
def answer_here(lead: Lead, request: HttpRequest) -> str:
    """What waits for an answer in each model, or the answer of the last days."""
    if not request.user.has_perm(VIEW):
        return ""
    now = timezone.now()
    rows = Handover.objects.filter(contact=lead.pk).select_related("model", "reason", "answered_by")
    shown = list(rows.waiting())
    shown += rows.filter(answered_at__gte=now - CHANGE_FOR)[: 0 if shown else 1]
    if not shown:
        return ""
    context = {
        "handovers": shown,
        "lead": lead,
        "may_answer": request.user.has_perm(ANSWER),
        "now": now,
    }
    return render_to_string("scoring/feedback/lead.html", context, request)

"""What the board adds to the first page: the way to it, with who waits for a first attempt."""

from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext

from contacts.admin.base import visible
from scoring.engine.admin.home_blocks import SHOWN_MOST, Block, Item, home_block
from scoring.pipeline.board.page import BOARD
from scoring.pipeline.feedback.models import Handover


@home_block(order=10)
def waiting_leads(request: HttpRequest) -> Block | None:
    """For those who move deals: the leads that wait for them, the soonest due first."""
    user = request.user
    if not (user.has_perm("contacts.change_deal") and user.has_perm("contacts.view_contact")):
        return None
    items = []
    if user.has_perm("scoring.view_handover"):
        rows = visible(Handover.objects.waiting().filter(responded_at=None), request)
        now = timezone.now()
        for handover in rows.select_related("contact").order_by("respond_by", "pk")[:SHOWN_MOST]:
            hint = time_left(handover.respond_by, now)
            url = reverse("admin:scoring_lead_change", args=[handover.contact_id])
            contact = handover.contact
            text = contact.full_name or contact.email
            items.append(Item(text, url, "call", hint, handover.respond_by))
    return Block(
        "board",
        gettext("Leads that wait for a first attempt"),
        "local_fire_department",
        items,
        empty=gettext("No lead waits for a first call or e-mail."),
        more_url=reverse(BOARD),
        more=gettext("Open the board"),
    )


def time_left(due: datetime | None, now: datetime) -> str:
    if due is None:
        return gettext("no time agreed")
    if due < now:
        return gettext("overdue for %(time)s") % {"time": timesince(due, now)}
    return gettext("%(time)s left") % {"time": timeuntil(due, now)}

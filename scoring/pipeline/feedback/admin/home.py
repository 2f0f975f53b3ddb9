"""What feedback adds to the first page: what waits for me, and what is late in the team."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from scoring.engine.admin.home_blocks import SHOWN_MOST, Block, Item, home_block
from scoring.pipeline.feedback.admin.pages import LIST, in_order, lead_name
from scoring.pipeline.feedback.answering import ANSWER
from scoring.pipeline.feedback.models import Handover, HandoverQuerySet
from scoring.pipeline.feedback.people import owned_by

OVERSEE = "scoring.change_servicelevel"


@home_block(order=12)
def waiting_for_me(request: HttpRequest) -> Block | None:
    """My leads that wait for an answer; left out for managers who have none."""
    if not request.user.has_perm(ANSWER):
        return None
    seen = Handover.objects.visible_to(request.user).waiting()
    mine = seen.filter(owned_by(request.user))
    oversees = request.user.has_perm(OVERSEE)
    empty = gettext("No lead of yours waits for an answer.")
    if pooled := seen.filter(contact__owner_norm="").count():
        said = ngettext(
            "No lead of yours waits for an answer; %(count)d of the pool does.",
            "No lead of yours waits for an answer; %(count)d of the pool do.",
            pooled,
        )
        empty = said % {"count": pooled}
    return Block(
        "feedback",
        gettext("Accept or reject"),
        "thumbs_up_down",
        items_of(in_order(mine), "hourglass_top"),
        empty="" if oversees else empty,
        more_url=reverse(LIST),
        more=gettext("Feedback"),
    )


@home_block(order=13)
def late_answers(request: HttpRequest) -> Block | None:
    """Left out while nothing is late."""
    if not request.user.has_perm(OVERSEE):
        return None
    late = Handover.objects.visible_to(request.user).overdue(timezone.now())
    return Block(
        "late_feedback",
        gettext("Late answers"),
        "alarm",
        items_of(in_order(late), "alarm"),
        more_url=reverse(LIST),
        more=gettext("Feedback"),
        is_alarm=True,
    )


def items_of(rows: HandoverQuerySet, icon: str) -> list[Item]:
    return [
        Item(
            lead_name(row),
            reverse("admin:pipeline_feedback_one", args=[row.pk]),
            icon,
            hint=row.contact.owner,
            since=row.handed_at,
        )
        for row in rows.select_related("contact")[:SHOWN_MOST]
    ]

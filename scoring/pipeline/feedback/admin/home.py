"""What feedback adds to the first page: what waits for me, and what is late in the team."""

from dataclasses import replace

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext

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
        [item_of(row, "hourglass_top") for row in first_of(in_order(mine))],
        empty="" if oversees else empty,
        more_url=reverse(LIST),
        more=gettext("Feedback"),
    )


@home_block(order=13)
def late_answers(request: HttpRequest) -> Block | None:
    """Of which the answer is due, as reports count it; left out while there is none."""
    if not request.user.has_perm(OVERSEE):
        return None
    late = Handover.objects.visible_to(request.user).waiting().late(timezone.now())
    first = first_of(late.order_by("feedback_by", "pk"))
    return Block(
        "late_feedback",
        gettext("Late answers"),
        "alarm",
        [
            replace(
                item_of(row, "alarm"), since=row.feedback_by, time_is=pgettext("answer", "was due")
            )
            for row in first
        ],
        more_url=reverse(LIST),
        more=gettext("Feedback"),
        is_alarm=True,
    )


def first_of(rows: HandoverQuerySet) -> HandoverQuerySet:
    return rows.select_related("contact")[:SHOWN_MOST]


def item_of(row: Handover, icon: str) -> Item:
    return Item(
        lead_name(row),
        reverse("admin:pipeline_feedback_one", args=[row.pk]),
        icon,
        hint=row.contact.owner,
        since=row.handed_at,
        time_is=pgettext("lead", "handed over"),
    )

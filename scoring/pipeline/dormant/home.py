"""What dormant opportunities add to the first page: the best of one's own."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from contacts.admin.base import visible
from contacts.normalise import normalise
from scoring.engine.admin.home_blocks import SHOWN_MOST, Block, Item, home_block
from scoring.engine.admin.tracks import chosen_track
from scoring.engine.leads import Lead
from scoring.pipeline.dormant import doing, page
from scoring.pipeline.dormant.finding import cut_of, dormant
from scoring.pipeline.dormant.models import DormantChoice
from scoring.pipeline.dormant.words import shown

__all__ = ["doing", "page"]


@home_block(order=45)
def dormant_leads(request: HttpRequest) -> Block | None:
    """For sales, of their own leads; left out where none of them is dormant."""
    may = request.user.has_perm
    if not (may("scoring.view_lead") and may("contacts.change_task")):
        return None
    if (track := chosen_track(request)) is None:
        return None
    now = timezone.now()
    choice = DormantChoice.objects.of(cast(User, request.user))
    cut = cut_of(choice, track.version.document_value, now)
    seen: Any = visible(Lead.objects.all(), request)
    own = seen.filter(owner_norm=normalise(request.user.get_username()))
    rows = dormant(track, cut, own).select_related("company")[:SHOWN_MOST]
    items = [
        Item(
            each.lead.full_name or each.lead.email,
            reverse("admin:scoring_lead_change", args=[each.lead.pk]),
            "bedtime",
            each.said,
        )
        for each in shown(rows, track, cut, now)
    ]
    return Block(
        "dormant",
        gettext("Dormant opportunities"),
        "bedtime",
        items,
        more_url=reverse("admin:pipeline_dormant"),
        more=gettext("All dormant opportunities"),
    )

"""Deals: when they were opened, moved by a person, and won or lost."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from contacts.admin.sections import amount
from contacts.models import Deal, Stage
from contacts.models.teams import name_of
from scoring.pipeline.leads.timeline.base import Entry, Source, View, register

# Of one lead, the newest.
DEALS_MOST: Final = 50


class Deals(Source):
    kind: ClassVar[str] = "deals"
    permission: ClassVar[str] = "contacts.view_deal"

    def rows(self, view: View) -> QuerySet[Any]:
        found = Deal.objects.filter((f"{self.at}__isnull", False), contact=view.lead.pk)
        return found.visible_to(view.user).select_related("stage", "product")

    def shown(self, deal: Deal, title: str, **given: Any) -> Entry:
        facts = [deal.product.name if deal.product else "", amount(deal.amount)]
        text = [" · ".join(filter(None, facts)), given.pop("text", "")]
        link = reverse("admin:contacts_deal_change", args=[deal.pk])
        return self.entry(deal, title, text="\n".join(filter(None, text)), link=link, **given)


@register
class Opened(Deals):
    name: ClassVar[str] = "deal"
    at: ClassVar[str] = "opened_at"

    def entries(self, rows: Sequence[Any], view: View) -> list[Entry]:
        title = gettext("Deal opened: %(deal)s")
        return [
            self.shown(row, title % {"deal": row.name}, by=row.owner, state=row.stage.name)
            for row in rows
        ]


@register
class Closed(Deals):
    name: ClassVar[str] = "deal_end"
    at: ClassVar[str] = "closed_at"

    def entries(self, rows: Sequence[Any], view: View) -> list[Entry]:
        return [self.ended(row) for row in rows]

    def ended(self, deal: Deal) -> Entry:
        is_won = deal.stage.outcome == Stage.Outcome.WON
        title = gettext("Deal won: %(deal)s") if is_won else gettext("Deal closed: %(deal)s")
        return self.shown(
            deal,
            title % {"deal": deal.name},
            state=deal.stage.name,
            tone="success" if is_won else "warning",
            text=deal.reason,
        )


@register
class Moved(Source):
    """As the board notes a move: an automation notes its own with the crossing."""

    name: ClassVar[str] = "deal_move"
    kind: ClassVar[str] = "deals"
    permission: ClassVar[str] = "contacts.view_deal"
    at: ClassVar[str] = "action_time"

    def rows(self, view: View) -> QuerySet[Any]:
        deals = Deal.objects.filter(contact=view.lead.pk).visible_to(view.user)
        # The log has no index by row: it is not asked for a lead that never had a deal.
        ids = [str(pk) for pk in deals.order_by("-pk").values_list("pk", flat=True)[:DEALS_MOST]]
        moves = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Deal),
            object_id__in=ids,
            action_flag=CHANGE,
            change_message__contains='"stage": ',
        )
        return moves.select_related("user")

    def entries(self, rows: Sequence[Any], view: View) -> list[Entry]:
        stages = {row: stage_in(row.change_message) for row in rows}
        names = dict(Stage.objects.filter(pk__in=stages.values()).values_list("pk", "name"))
        return [
            self.entry(
                row,
                gettext("Deal moved: %(deal)s") % {"deal": row.object_repr},
                after=names.get(stages[row], "–"),
                by=name_of(row.user),
                link=reverse("admin:contacts_deal_change", args=[row.object_id]),
            )
            for row in rows
        ]


def stage_in(message: str) -> int:
    """The id of the stage that a move led to; 0 where the line says none."""
    try:
        lines = json.loads(message)
    except ValueError:
        return 0
    found = [line["changed"].get("stage", 0) for line in lines if "changed" in line]
    return next((pk for pk in found if isinstance(pk, int)), 0)

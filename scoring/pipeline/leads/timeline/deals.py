"""Deals: when they were opened, and when won or lost."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from contacts.admin.sections import amount
from contacts.models import Deal, Stage
from scoring.pipeline.leads.timeline.base import Entry, Source, View, register


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

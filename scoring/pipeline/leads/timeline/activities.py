"""What the contact did, or what was done with them; what sales said of a lead stands apart."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet

from contacts.admin.sections import details, short
from contacts.models import Activity
from scoring.pipeline.leads.timeline.base import Entry, Source, View, register

VERDICTS = ("lead_accepted", "lead_rejected")
ICONS = {
    "call": "call",
    "meeting": "groups",
    "meeting_booked": "event",
    "email_sent": "forward_to_inbox",
    "email_open": "drafts",
    "email_click": "ads_click",
    "email_reply": "reply",
    "page_view": "visibility",
    "form_submit": "assignment",
    "download": "download",
    "unsubscribe": "unsubscribe",
    "lead_accepted": "thumb_up",
    "lead_rejected": "thumb_down",
}


@register
class Activities(Source):
    name: ClassVar[str] = "activity"
    kind: ClassVar[str] = "activities"
    permission: ClassVar[str] = "contacts.view_activity"
    at: ClassVar[str] = "occurred_at"

    def rows(self, view: View) -> QuerySet[Any]:
        return self.all_rows(view).exclude(type__slug__in=VERDICTS)

    def all_rows(self, view: View) -> QuerySet[Any]:
        found = Activity.objects.filter(contact=view.lead.pk).visible_to(view.user)
        return found.select_related("type", "target")

    def entries(self, rows: Sequence[Any], view: View) -> list[Entry]:
        return [
            self.entry(
                row,
                str(row.type),
                icon=ICONS.get(row.type.slug, ""),
                text=" · ".join(filter(None, (short(row.target.text), short(details(row))))),
            )
            for row in rows
        ]


@register
class Verdicts(Activities):
    name: ClassVar[str] = "verdict"
    kind: ClassVar[str] = "feedback"

    def rows(self, view: View) -> QuerySet[Any]:
        return self.all_rows(view).filter(type__slug__in=VERDICTS)

"""When the lead was handed over to sales, and how soon somebody tried to reach it."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext

from contacts.admin.sections import moment
from scoring.engine.admin.badges import badge
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.timeline.base import Entry, Source, View, register


@register
class Handovers(Source):
    name: ClassVar[str] = "handover"
    kind: ClassVar[str] = "feedback"
    permission: ClassVar[str] = "scoring.view_handover"
    at: ClassVar[str] = "handed_at"

    def rows(self, view: View) -> QuerySet[Any]:
        return Handover.objects.filter(contact=view.lead.pk).visible_to(view.user)

    def entries(self, rows: Sequence[Any], view: View) -> list[Entry]:
        return [self.shown(row, view) for row in rows]

    def shown(self, handover: Handover, view: View) -> Entry:
        tried = handover.responded_at
        document = view.track.version.document_value if view.track else None
        return self.entry(
            handover,
            gettext("Handed over to sales"),
            by=handover.owner,
            after=badge(handover.total, handover.band, document) if document else handover.band,
            text=gettext("First attempt to reach the lead: %(when)s") % {"when": moment(tried)}
            if tried
            else "",
        )

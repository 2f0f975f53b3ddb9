"""How the lead came from band to band, computed and by hand."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext

from contacts.models.teams import name_of
from scoring.engine.admin.badges import badge
from scoring.engine.models import ScoreChange
from scoring.pipeline.leads.manual import ManualBand
from scoring.pipeline.leads.timeline.base import Entry, Source, View, register


@register
class Crossings(Source):
    """Changes of the score that changed the band, with the total before and after."""

    name: ClassVar[str] = "score"
    kind: ClassVar[str] = "bands"
    permission: ClassVar[str] = "scoring.view_lead"
    at: ClassVar[str] = "as_of"
    order: ClassVar[str] = "revision"

    def rows(self, view: View) -> QuerySet[Any]:
        if view.track is None:
            return ScoreChange.objects.none()
        changes = ScoreChange.objects.filter(track=view.track, contact=view.lead.pk)
        moved = ~Q(band=F("band_before")) | Q(band=None) | Q(band_before=None)
        return changes.filter(moved).select_related("version__model")

    def entries(self, rows: Sequence[Any], view: View) -> list[Entry]:
        return [self.shown(row) for row in rows]

    def shown(self, change: ScoreChange) -> Entry:
        document = change.version.document_value
        before, after = (
            badge(total, band, document) if band else ""
            for total, band in (
                (change.total_before, change.band_before),
                (change.total, change.band),
            )
        )
        if not before:
            title = gettext("First score")
        elif not after:
            title = gettext("No score any more: outside the audience")
        else:
            title = gettext("Another band")
        return self.entry(
            change, title, before=before, after=after, text=change.get_cause_display()
        )


class ByHand(Source):
    kind: ClassVar[str] = "bands"
    permission: ClassVar[str] = "scoring.view_manualband"

    def of_track(self, view: View) -> QuerySet[Any]:
        found = ManualBand.objects.filter(contact=view.lead.pk)
        if view.track is not None:
            found = found.filter(model=view.track.model_id)
        return found.visible_to(view.user).select_related("set_by", "ended_by")


@register
class Given(ByHand):
    name: ClassVar[str] = "manual"
    at: ClassVar[str] = "set_at"

    def rows(self, view: View) -> QuerySet[Any]:
        return self.of_track(view)

    def entries(self, rows: Sequence[Any], view: View) -> list[Entry]:
        return [
            self.entry(
                row,
                gettext("Qualified by hand: %(band)s") % {"band": row.band},
                icon="approval",
                by=row.giver,
                text=row.reason,
            )
            for row in rows
        ]


@register
class Ended(ByHand):
    name: ClassVar[str] = "manual_end"
    at: ClassVar[str] = "ended_at"

    def rows(self, view: View) -> QuerySet[Any]:
        return self.of_track(view).filter(ended_at__isnull=False)

    def entries(self, rows: Sequence[Any], view: View) -> list[Entry]:
        return [
            self.entry(
                row,
                gettext("Band by hand ended: %(band)s") % {"band": row.band},
                icon="approval_delegation",
                by=name_of(row.ended_by) if row.ended_by else "",
            )
            for row in rows
        ]

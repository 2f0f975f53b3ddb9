"""What people wrote down; pinned notes stand above the timeline as well."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext

from contacts.models import Note
from contacts.models.teams import name_of
from scoring.pipeline.leads.timeline.base import Entry, Source, View, register


@register
class Notes(Source):
    name: ClassVar[str] = "note"
    kind: ClassVar[str] = "notes"
    permission: ClassVar[str] = "contacts.view_note"
    at: ClassVar[str] = "created_at"

    def rows(self, view: View) -> QuerySet[Any]:
        found = Note.objects.filter(contact=view.lead.pk).visible_to(view.user)
        return found.select_related("author")

    def entries(self, rows: Sequence[Any], view: View) -> list[Entry]:
        return [
            self.entry(
                row,
                gettext("Note"),
                text=row.text,
                by=name_of(row.author) if row.author else gettext("somebody who has left"),
                note=row,
            )
            for row in rows
        ]

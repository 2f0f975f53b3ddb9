"""Tasks that are over, with what came of them."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse

from contacts.models import Task
from contacts.models.teams import name_of
from scoring.pipeline.leads.timeline.base import Entry, Source, View, register


@register
class Tasks(Source):
    name: ClassVar[str] = "task"
    kind: ClassVar[str] = "tasks"
    permission: ClassVar[str] = "contacts.view_task"
    at: ClassVar[str] = "done_at"

    def rows(self, view: View) -> QuerySet[Any]:
        found = Task.objects.filter(contact=view.lead.pk, done_at__isnull=False)
        return found.visible_to(view.user).select_related("done_by")

    def entries(self, rows: Sequence[Any], view: View) -> list[Entry]:
        return [
            self.entry(
                row,
                row.title,
                by=name_of(row.done_by) if row.done_by else "",
                text=row.result_text,
                state=row.get_result_display() or row.get_state_display(),
                tone="success" if row.state == Task.State.DONE else "warning",
                link=reverse("admin:contacts_task_change", args=[row.pk]),
            )
            for row in rows
        ]

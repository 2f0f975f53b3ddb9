"""Changes of the contact's fields: what was, what became, and by which way."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet

from contacts.admin.sections import company_names, field_label, short, shown_value
from contacts.models import FieldChange
from scoring.pipeline.leads.timeline.base import Entry, Source, View, register


@register
class Fields(Source):
    name: ClassVar[str] = "field"
    kind: ClassVar[str] = "fields"
    permission: ClassVar[str] = "contacts.view_fieldchange"
    at: ClassVar[str] = "changed_at"

    def rows(self, view: View) -> QuerySet[Any]:
        return FieldChange.objects.filter(contact=view.lead.pk).visible_to(view.user)

    def entries(self, rows: Sequence[Any], view: View) -> list[Entry]:
        companies = company_names(rows)

        def shown(change: FieldChange, value: Any) -> str:
            return companies.get(value, "") if change.field == "company_id" else shown_value(value)

        return [
            self.entry(
                row,
                field_label(row.field),
                before=short(shown(row, row.before)) or "–",
                after=short(shown(row, row.after)) or "–",
                by=row.origin,
            )
            for row in rows
        ]

"""A filter of the lists of contacts and leads: who is in a segment now."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from scoring.criteria.document import DocumentInvalid
from scoring.criteria.segments import Segment


class SegmentFilter(DropdownFilter):
    """Offered to those who may look at segments."""

    title = _("segment")
    parameter_name = "segment"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        if not request.user.has_perm("scoring.view_segment"):
            return []
        return list(Segment.objects.values_list("key", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = (self.value() or "").replace("\0", "")
        if not wanted:
            return queryset
        segment = Segment.objects.filter(key=wanted).first()
        try:
            return segment.narrow(queryset) if segment else queryset.none()
        except DocumentInvalid:
            return queryset.none()

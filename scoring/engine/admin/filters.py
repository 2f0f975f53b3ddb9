"""Filters of the list of leads, which offer what the chosen model's document has."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeNumericListFilter

from scoring.criteria.document import EXCLUDED
from scoring.engine.admin.badges import band_name
from scoring.engine.admin.tracks import PARAMETER, chosen_track, title_of, tracks_of

Choices = list[tuple[str, Any]]


class TrackFilter(DropdownFilter):
    """Whose scores the list shows; the page itself chooses by the same parameter."""

    title = _("model")
    parameter_name = PARAMETER
    all_option: Any = None

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        self.chosen = chosen_track(request)
        super().__init__(request, *args)

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(str(track.pk), title_of(track)) for track in tracks_of(request)]

    def value(self) -> str | None:
        return str(self.chosen.pk) if self.chosen else None

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset


class BandFilter(DropdownFilter):
    title = _("band")
    parameter_name = "band"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        track = chosen_track(request)
        if track is None:
            return []
        bands = [band.name for band in reversed(track.version.document_value.bands)]
        return [(band, band_name(band)) for band in [*bands, EXCLUDED]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(band=self.value()) if self.value() else queryset


class GradeFilter(DropdownFilter):
    title = _("grade")
    parameter_name = "grade"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        track = chosen_track(request)
        matrix = track and track.version.document_value.matrix
        if not matrix:
            return []
        grades = [fit.grade + interest.grade for fit in matrix.fit for interest in matrix.interest]
        return [(grade, grade) for grade in grades]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(grade=self.value()) if self.value() else queryset


class TotalFilter(RangeNumericListFilter):
    title = _("score")
    parameter_name = "total"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """From and to; what is no number, or none that a total can be, finds nothing."""
        for end, lookup in (("from", "gte"), ("to", "lte")):
            given = self.used_parameters.get(f"total_{end}")
            if given in (None, ""):
                continue
            try:
                queryset = queryset.filter((f"total__{lookup}", float(str(given))))
            except (ValueError, OverflowError, ValidationError):
                return queryset.none()
        return queryset

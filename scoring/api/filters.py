"""What lists of the API are filtered by: the contact, and its scores by the live models."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter

from contacts.filters import ContactFilter, InstantFilter, WholeFilter
from scoring.engine.models import Score, Track


class ScoreFilter(ContactFilter):
    """Scores, by themselves and by their contact."""

    path: ClassVar[str] = "contact__"

    model = CharFilter(
        field_name="track__model__name", max_length=200, label=_("name of the scoring model")
    )
    band = CharFilter(field_name="band", max_length=200, label=_("band"))
    grade = CharFilter(field_name="grade", max_length=100, label=_("grade"))
    total_min = WholeFilter(field_name="total", lookup_expr="gte", label=_("lowest total"))
    total_max = WholeFilter(field_name="total", lookup_expr="lte", label=_("highest total"))
    changed_since = InstantFilter(
        field_name="changed_at",
        lookup_expr="gte",
        label=_("score changed since"),
    )


class ContactListFilter(ContactFilter):
    """Contacts, by themselves and by one of their live scores, which has all that is asked."""

    model = CharFilter(method="as_score", max_length=200, label=_("name of the scoring model"))
    band = CharFilter(method="as_score", max_length=200, label=_("band by a live model"))
    grade = CharFilter(method="as_score", max_length=100, label=_("grade by a live model"))
    total_min = WholeFilter(method="as_score", label=_("lowest total by a live model"))
    total_max = WholeFilter(method="as_score", label=_("highest total by a live model"))

    LOOKUPS: ClassVar[dict[str, str]] = {
        "model": "track__model__name",
        "band": "band",
        "grade": "grade",
        "total_min": "total__gte",
        "total_max": "total__lte",
    }

    def as_score(self, rows: QuerySet[Any], name: str, value: object) -> QuerySet[Any]:
        return rows  # all of them together, below

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().filter_queryset(queryset)  # type: ignore[no-untyped-call]
        asked = {
            lookup: value
            for name, lookup in self.LOOKUPS.items()
            if (value := self.form.cleaned_data.get(name)) not in (None, "")
        }
        if not asked:
            return rows
        scores = Score.objects.filter(track__role=Track.Role.LIVE)
        for lookup, value in asked.items():
            scores = scores.filter((lookup, value))
        return rows.filter(pk__in=scores.values("contact_id"))

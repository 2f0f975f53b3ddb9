"""Filters of lists that ask the normalised columns."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import DateField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RangeDateFilter, TextFilter

from contacts.normalise import normalise


class NormalisedFilter(TextFilter):
    """What was typed, compared without case and accents, with a column."""

    column: str
    lookup = "contains"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = normalise((self.value() or "").replace("\0", " "))
        return queryset.filter((f"{self.column}__{self.lookup}", wanted)) if wanted else queryset


class CountryFilter(NormalisedFilter):
    title = _("country (two letters)")
    parameter_name = "country"
    column = "country_norm"
    lookup = "exact"


class SourceFilter(NormalisedFilter):
    title = _("source")
    parameter_name = "source"
    column = "source_norm"


class IndustryFilter(NormalisedFilter):
    title = _("industry")
    parameter_name = "industry"
    column = "industry_norm"


class OwnerNameFilter(NormalisedFilter):
    title = _("owner's user name")
    parameter_name = "owner_name"
    column = "owner_norm"


class TargetFilter(NormalisedFilter):
    title = _("target")
    parameter_name = "target"
    column = "target__norm"


class DaysFilter(RangeDateFilter):
    """Instants by whole days of the reader's time zone, the last day included."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (self.day(end) for end in ("from", "to"))
        if first:
            queryset = queryset.filter((f"{self.field_path}__gte", start_of(first)))
        if last and last < date.max:
            after = start_of(last + timedelta(days=1))
            queryset = queryset.filter((f"{self.field_path}__lt", after))
        return queryset

    def day(self, end: str) -> date | None:
        """What was typed, in any way in which the reader's language writes a date."""
        typed = self.used_parameters.get(f"{self.field_path}_{end}")
        try:
            day: date | None = DateField(required=False).clean(typed)
        except ValidationError:
            return None
        return day


def start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class OwnerFilter(DropdownFilter):
    """Whose leads: one's own, or those that nobody has taken."""

    title = _("owner")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("Mine")), ("pool", _("Nobody's (the pool)"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        owners = {"mine": normalise(request.user.get_username()), "pool": ""}
        if (whose := self.value() or "") in owners:
            return queryset.filter(owner_norm=owners[whose])
        return queryset

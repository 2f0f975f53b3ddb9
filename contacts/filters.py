"""Filters of contacts, and of rows that belong to one, for every list that offers them."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, CharFilter, ChoiceFilter, Filter
from django_filters.filterset import FilterSet

from contacts import values
from contacts.models import ContactTag, EmailAlias, FieldChange, Lifecycle
from contacts.normalise import email_key, normalise

WHOLE_MOST = 10**15
SWITCHES = {"true": True, "1": True, "false": False, "0": False}


class InstantField(forms.CharField):
    """An instant with its offset, as everywhere at the border."""

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        try:
            return values.instant(text) if text else None
        except values.Wrong as wrong:
            raise ValidationError(str(wrong)) from None


class InstantFilter(Filter):
    field_class: Any = InstantField

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]


class WholeField(forms.IntegerField):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": -WHOLE_MOST, "max_value": WHOLE_MOST, **options})


class WholeFilter(Filter):
    field_class: Any = WholeField

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]


class SwitchField(forms.CharField):
    """Yes or no. Django's own field takes whatever it does not know for no answer at all."""

    def clean(self, value: Any) -> bool | None:
        text = super().clean(value)
        if text and text.lower() not in SWITCHES:
            raise ValidationError(_("This is true or false."))
        return SWITCHES.get(text.lower())


class SwitchFilter(BooleanFilter):
    field_class: Any = SwitchField

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)  # type: ignore[no-untyped-call]


class ContactFilter(FilterSet):
    """``path``: from the filtered rows to their contact, as in a lookup."""

    path: ClassVar[str] = ""

    email = CharFilter(method="by_email", max_length=254, label=_("e-mail address"))
    owner = CharFilter(
        method="by_owner", max_length=255, label=_("user name of the owner; “-”: nobody's")
    )
    country = CharFilter(method="by_norm", max_length=2, label=_("country, two letters"))
    lifecycle = ChoiceFilter(
        method="by_norm", choices=Lifecycle.choices, label=_("lifecycle"), empty_label=None
    )
    source = CharFilter(method="by_norm", max_length=255, label=_("source of the contact"))
    tag = CharFilter(method="by_tag", max_length=100, label=_("has this tag"))
    company = CharFilter(
        method="by_company", max_length=255, label=_("name or domain of the company")
    )
    unsubscribed = SwitchFilter(method="by_switch", label=_("unsubscribed"))
    bounced = SwitchFilter(method="by_switch", label=_("bounced"))
    stored_since = InstantFilter(method="by_stored", label=_("first stored since"))
    changed_since = InstantFilter(method="by_change", label=_("stored or changed since"))

    def on(self, column: str, value: object) -> Q:
        return Q((f"{self.path}{column}", value))

    def by_email(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        key = email_key(value)
        merged = EmailAlias.objects.filter(key=key).values_list("contact_id", flat=True)
        # An address is somebody's own or a former one, never both.
        if pk := merged.first():
            return rows.filter(self.on("pk", pk))
        return rows.filter(self.on("email_key", key))

    def by_norm(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(self.on(f"{name}_norm", normalise(value)))

    def by_owner(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return rows.filter(self.on("owner_norm", "" if value == "-" else normalise(value)))

    def by_tag(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        tagged = ContactTag.objects.filter(tag__name_norm=normalise(value))
        return rows.filter(self.on("pk__in", tagged.values("contact")))

    def by_company(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        wanted = normalise(value)
        named = self.on("company__name_norm", wanted) | self.on("company__domain_norm", wanted)
        return rows.filter(named)

    def by_switch(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return rows.filter(self.on(name, value))

    def by_stored(self, rows: QuerySet[Any], name: str, value: datetime) -> QuerySet[Any]:
        return rows.filter(self.on("stored_at__gte", value))

    def by_change(self, rows: QuerySet[Any], name: str, value: datetime) -> QuerySet[Any]:
        changes = FieldChange.objects.filter(changed_at__gte=value, contact__isnull=False)
        changed = self.on("pk__in", changes.values("contact"))
        return rows.filter(self.on("stored_at__gte", value) | changed)

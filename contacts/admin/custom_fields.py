"""Custom fields as fields of a form: each with the input that fits its declared type."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminNullBooleanSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

from contacts.models import CustomField
from contacts.records import FieldSpec
from contacts.values import LONG_TEXT_MOST, Wrong

PREFIX: Final = "custom_"


def text(field: CustomField, value: Any) -> forms.Field:
    return forms.CharField(max_length=LONG_TEXT_MOST, widget=UnfoldAdminTextInputWidget())


def number(field: CustomField, value: Any) -> forms.Field:
    return forms.DecimalField(widget=UnfoldAdminDecimalFieldWidget({"step": "any"}))


def boolean(field: CustomField, value: Any) -> forms.Field:
    return forms.NullBooleanField(widget=UnfoldAdminNullBooleanSelectWidget())


def day(field: CustomField, value: Any) -> forms.Field:
    return forms.DateField(widget=UnfoldAdminSingleDateWidget())


def choice(field: CustomField, value: Any) -> forms.Field:
    # A value that was taken off the list since stays what it is until somebody changes it.
    known = [*field.choices, *([value] if value and value not in field.choices else [])]
    choices = [("", _("Select value")), *((one, one) for one in known)]
    return forms.ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget())


FORM_FIELDS: Final[Mapping[str, Callable[[CustomField, Any], forms.Field]]] = {
    CustomField.Type.TEXT: text,
    CustomField.Type.NUMBER: number,
    CustomField.Type.BOOLEAN: boolean,
    CustomField.Type.DATE: day,
    CustomField.Type.CHOICE: choice,
}


def form_fields(fields: Iterable[CustomField], values: Mapping[str, Any]) -> dict[str, forms.Field]:
    """Form fields by their name in the form, filled with a contact's values."""
    made = {}
    for field in fields:
        value = values.get(field.key)
        form_field = FORM_FIELDS[field.type](field, value)
        form_field.label = field.label
        form_field.required = False
        form_field.initial = as_date(value) if field.type == CustomField.Type.DATE else value
        made[PREFIX + field.key] = form_field
    return made


def as_date(value: Any) -> Any:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return value


class CustomFieldsForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that keeps its fields named ``custom_KEY`` in the instance's ``attributes``."""

    declared: Iterable[CustomField] = ()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        attributes = dict(self.instance.attributes)
        for field in self.declared:
            name = PREFIX + field.key
            if name not in self.cleaned_data:
                continue
            try:
                value = read(field, self.cleaned_data[name])
            except Wrong as wrong:
                self.add_error(name, str(wrong))
                continue
            attributes.pop(field.key, None)
            if value is not None:
                attributes[field.key] = value
        if not self.errors:
            self.instance.attributes = attributes
        return cleaned


def read(field: CustomField, value: Any) -> Any:
    """The value as it is stored, by the parser of imports and the API. Raises Wrong."""
    if value in ("", None):
        return None
    spec = FieldSpec(field.type, tuple(field.choices))
    if field.type == CustomField.Type.CHOICE and value not in field.choices:
        return value  # the form offered it because it is stored already
    return spec.read(value.isoformat() if isinstance(value, date) else value)

"""Form fields of conditions and of whatever else a person puts together from a document's parts."""

import re
import uuid
from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from scoring.criteria.durations import LONGEST, Duration, DurationFault, Unit
from scoring.criteria.fields import FieldKind
from scoring.criteria.operators import Operator, Takes, names_for, operator

TOO_OLD: Final = _("This form cannot be sent any more: open it again.")
Data = dict[str, Any]
Choices = list[tuple[str, Any]]

UNITS: Final = [
    (Unit.DAYS.value, _("days")),
    (Unit.WEEKS.value, _("weeks")),
    (Unit.MONTHS.value, _("months")),
    (Unit.YEARS.value, _("years")),
]
# Where the words of an operator alone do not tell it from another one.
OPERATOR_LABELS: Final[dict[str, Any]] = {
    "in": _("is one of"),
    "not_in": _("is none of"),
    "has_any": _("include one of"),
    "has_none": _("include none of"),
    "has_all": _("include all of"),
    "between": _("is from … to …"),
    "is_true": _("is true"),
    "is_false": _("is not true"),
}


class DurationWidget(forms.MultiWidget):
    """A number and a unit beside one another."""

    def __init__(self, attrs: Data | None = None) -> None:
        number = UnfoldAdminIntegerFieldWidget({"min": 1, "max": LONGEST})
        unit = UnfoldAdminSelectWidget({"aria-label": _("Unit")}, choices=UNITS)
        super().__init__([number, unit], attrs)

    def decompress(self, value: Any) -> list[Any]:
        try:
            found = Duration.parse(value or "")
        except DurationFault:
            return [None, Unit.DAYS.value]
        return [found.count, found.unit.value]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = self.get_context(name, value, attrs)
        parts = [
            widget.render(f"{name}_{place}", given, {**attrs, "id": f"{attrs['id']}_{place}"})
            for place, (widget, given) in enumerate(
                zip(self.widgets, self.values(value), strict=True)
            )
        ]
        return render_to_string("scoring/conditions/duration.html", {**context, "parts": parts})

    def values(self, value: Any) -> Sequence[Any]:
        return value if isinstance(value, list | tuple) else self.decompress(value)


class DurationField(forms.MultiValueField):
    """Gives the text that a document has: ``30 days``."""

    widget = DurationWidget

    def __init__(self, **options: Any) -> None:
        fields = [
            forms.IntegerField(min_value=1, max_value=LONGEST),
            forms.ChoiceField(choices=UNITS),
        ]
        super().__init__(fields, require_all_fields=False, **options)

    def clean(self, value: Any) -> Any:
        """A unit without a number is nothing."""
        if isinstance(value, list | tuple) and not (value and value[0]):
            value = None
        return super().clean(value)

    def compress(self, data_list: list[Any]) -> str:
        if not data_list or data_list[0] is None:
            return ""
        return str(Duration(data_list[0], Unit(data_list[1] or Unit.DAYS)))


def text_field(label: Any, **options: Any) -> forms.CharField:
    attrs = options.pop("attrs", {})
    options = {"required": False, "max_length": 2000, **options}
    return forms.CharField(label=label, widget=UnfoldAdminTextInputWidget(attrs), **options)


def lines_field(label: Any, **options: Any) -> forms.CharField:
    options = {"required": False, "max_length": 20_000, **options}
    return forms.CharField(label=label, widget=UnfoldAdminTextareaWidget({"rows": 3}), **options)


def number_field(label: Any, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, widget=UnfoldAdminIntegerFieldWidget(), **options)


def token_field() -> forms.UUIDField:
    """One for each form that is opened, so that what a click that comes twice does is done once."""
    return forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        error_messages=dict.fromkeys(("invalid", "required"), TOO_OLD),
    )


def choice_field(label: Any, choices: Any, **options: Any) -> forms.ChoiceField:
    attrs = options.pop("attrs", {})
    widget = UnfoldAdminSelectWidget(attrs)
    return forms.ChoiceField(label=label, choices=choices, widget=widget, **options)


def operator_label(found: Operator[Any]) -> str:
    """What an operator does, without the field: ``starts with``."""
    if found.name in OPERATOR_LABELS:
        return str(OPERATOR_LABELS[found.name])
    said = str(found.words) % {"field": "", "value": "…"}
    return said.strip().removesuffix("…").rstrip(" :")


def operators_of(kind: FieldKind) -> Choices:
    return [(name, operator_label(operator(kind, name))) for name in names_for(kind)]


def typed_value(takes: Takes, text: str) -> Any:
    """What was typed as a document has it; None where nothing belongs there.

    Whether it will do is left to the reader of documents.
    """
    if takes is Takes.NOTHING:
        return None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if takes is Takes.TEXTS:
        return lines
    if takes is Takes.NUMBER:
        return as_number(text.strip())
    if takes is Takes.RANGE:
        return [as_number(part) for part in re.split(r"\s+|;", text.strip()) if part]
    return text.strip()


def as_number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def shown_value(value: Any) -> str:
    """A value of a document as it is typed."""
    if isinstance(value, list | tuple):
        return "\n".join(str(item) for item in value)
    return "" if value is None else str(value)

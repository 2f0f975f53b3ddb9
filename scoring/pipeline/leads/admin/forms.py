"""The small forms of a lead's page, each of one thing that a salesperson does."""

from typing import Any, Final, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models.notes import TEXT_MOST
from contacts.values import Wrong, storable
from scoring.criteria.form_fields import token_field

FIELD: Final = "qual-input"
LOCAL: Final = "%Y-%m-%dT%H:%M"


class LeadForm(forms.Form):
    """Fields dressed alike. ``token`` is one for each form that is opened: see ``NoteContact``."""

    token = token_field()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.RadioSelect | forms.CheckboxInput):
                field.widget.attrs.setdefault("class", FIELD)

    def dressed(self) -> Self:
        """As it is shown: what is wrong is marked, and the first such field has the focus."""
        wanted = list(self.errors) if self.is_bound else []
        for name in set(wanted) & self.fields.keys():
            attributes = self.fields[name].widget.attrs
            attributes["aria-invalid"] = "true"
            attributes["aria-describedby"] = f"{self[name].auto_id}_fault"
        shown = [name for name in self.fields if not self[name].is_hidden]
        first = next((name for name in [*wanted, *shown] if name in shown), None)
        if first is not None:
            self.fields[first].widget.attrs["autofocus"] = True
        return self

    def clean(self) -> dict[str, Any]:
        """What no database keeps is refused before it gets there."""
        for name, value in self.cleaned_data.items():
            if isinstance(value, str):
                try:
                    storable(value)
                except Wrong as wrong:
                    self.add_error(name, str(wrong))
        return self.cleaned_data

    @property
    def key(self) -> str:
        return str(self.cleaned_data["token"].hex)


def text_field(label: Any, rows: int = 3, **options: Any) -> forms.CharField:
    given = {"max_length": TEXT_MOST, **options}
    return forms.CharField(label=label, widget=forms.Textarea({"rows": rows}), **given)


def instant_field(label: Any, **options: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput({"type": "datetime-local"}, format=LOCAL)
    return forms.DateTimeField(
        label=label, widget=widget, input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S"], **options
    )


def this_minute() -> str:
    return timezone.localtime().strftime(LOCAL)


class TalkForm(LeadForm):
    """A meeting, or an e-mail written elsewhere."""

    text = text_field(_("What was said"), required=False)
    at = instant_field(_("When (UTC)"), initial=this_minute)


class CallForm(TalkForm):
    result = forms.ChoiceField(label=_("Result"))
    minutes = forms.IntegerField(label=_("Minutes"), required=False, min_value=0, max_value=1440)
    field_order = ("result", "text", "minutes", "at")


class NoteForm(LeadForm):
    text = text_field(_("Note"))
    pinned = forms.BooleanField(label=_("Keep it on top"), required=False)


class BandForm(LeadForm):
    band = forms.ChoiceField(label=_("Band"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("Why"), max_length=500)
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        help_text=_("The last day on which it stands. Empty: until somebody ends it."),
    )
    known = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until is not None and until.year > timezone.now().year + 50:
            raise ValidationError(gettext("This day is too far off."))
        return until

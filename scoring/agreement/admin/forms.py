"""The forms of the agreement: what people add to a change of state."""

from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from contacts.models import Calendar

TEXT_MOST: Final = 4000
NOW, LATER = "now", "later"
QUIET, LOUD = "quiet", "loud"


def text(label: Any, *, required: bool = False, help_text: Any = "", rows: int = 3) -> Any:
    return forms.CharField(
        label=label,
        required=required,
        max_length=TEXT_MOST,
        help_text=help_text,
        widget=UnfoldAdminTextareaWidget({"rows": rows}),
    )


def day(label: Any, help_text: Any = "") -> Any:
    return forms.DateField(
        label=label,
        required=False,
        help_text=help_text,
        widget=UnfoldAdminTextInputWidget({"type": "date"}),
    )


class LookedAtForm(forms.Form):
    """A form that carries what the page showed, so that what is done is what was looked at."""

    def shown_anew(self, name: str, value: str | int) -> None:
        """The page shows what is there now, and what was typed stays."""
        self.data = {**self.data, name: value}


class ProposeForm(LookedAtForm):
    reason = text(
        _("What changes and why"),
        required=True,
        rows=4,
        help_text=_("Those who sign read this first."),
    )
    review_on = day(
        _("To be reviewed on"), _("Both sides are reminded on this day. Empty: no reminder.")
    )
    hash = forms.CharField(widget=forms.HiddenInput, max_length=64)


class SignForm(forms.Form):
    comment = text(_("Comment"), help_text=_("May be left empty."), rows=2)
    hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    side = forms.CharField(widget=forms.HiddenInput, max_length=10)


class ReviewForm(forms.Form):
    due_on = day(_("Next review"))


class LiveForm(LookedAtForm):
    """``crossings``: how many the impact has counted; None where it was not worked out."""

    when = forms.ChoiceField(
        label=_("When"),
        choices=[(NOW, _("Now")), (LATER, _("At a set time"))],
        initial=NOW,
        widget=UnfoldAdminRadioSelectWidget,
    )
    due_at = forms.DateTimeField(
        required=False,
        widget=UnfoldAdminTextInputWidget({"type": "datetime-local"}),
    )
    how = forms.ChoiceField(
        label=_("What it sets off"),
        choices=[
            (QUIET, _("Quietly: nobody is bothered; what it sets off is held back")),
            (LOUD, _("Automations act on what it sets off, once all is computed")),
        ],
        initial=QUIET,
        widget=UnfoldAdminRadioSelectWidget,
    )
    confirmed = forms.IntegerField(
        label=_("At most so many crossings"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text=_("If it sets off more than that, all of them are held back, and you are told."),
        widget=UnfoldAdminIntegerFieldWidget,
    )
    reason = text(_("Reason"), rows=2)
    former = forms.IntegerField(widget=forms.HiddenInput, max_value=2**31, min_value=0)

    def __init__(self, *args: Any, crossings: int | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["confirmed"].initial = crossings
        self.zone = Calendar.objects.default().zone
        said = _("Time (%(zone)s)") % {"zone": self.zone.key}
        self.fields["due_at"].label = said
        if crossings is None:
            self.fields["how"].help_text = _(
                "Work out the impact first: only then can automations act on a number you know."
            )

    def clean_due_at(self) -> datetime | None:
        """What the clock says there; an hour that a change of the clocks leaves out is refused."""
        given: datetime | None = self.cleaned_data["due_at"]
        if given is None:
            return None
        bare = given.replace(tzinfo=None)
        try:
            return on_the_clock(bare, self.zone)
        except ValueError:
            raise forms.ValidationError(
                _("The clocks are changed then: choose an hour that is there once.")
            ) from None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("when") == LATER and not given.get("due_at") and "due_at" not in self.errors:
            self.add_error("due_at", _("Say when."))
        if given.get("how") == LOUD and self.fields["confirmed"].initial is None:
            self.add_error("how", _("Work out the impact first."))
        unsaid = given.get("confirmed") is None and "confirmed" not in self.errors
        if given.get("how") == LOUD and unsaid:
            self.add_error("confirmed", _("Confirm how many the automations may act on."))
        return given


def on_the_clock(bare: datetime, zone: ZoneInfo) -> datetime:
    """Raises ValueError where the clocks show that time twice or never."""
    first, second = (bare.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise ValueError
    return first


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("A model document as YAML or JSON, at most 1 MB."),
        widget=UnfoldAdminFileFieldWidget,
    )


class AuditForm(forms.Form):
    """The filters of the audit trail; what is wrong in them is left out."""

    user = forms.CharField(required=False, max_length=150)
    action = forms.CharField(required=False, max_length=20)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)

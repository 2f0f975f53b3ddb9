"""What is typed for calls, checked at the border: results, and the routine."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib.auth.models import User
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from contacts.models.notes import TEXT_MOST
from contacts.values import Wrong, storable
from scoring.criteria.segments import Segment
from scoring.pipeline.calls.models import CAPACITY_MOST, CallEntry, CallRoutine
from scoring.pipeline.calls.results import Result, Said
from scoring.pipeline.calls.times import TITLES, Clock, Later, TimeInvalid
from scoring.pipeline.feedback.answering import Said as Word
from scoring.pipeline.feedback.models import TEXT_MOST as VERDICT_MOST
from scoring.pipeline.feedback.models import RejectionReason, VerdictKind

MINUTES_MOST: Final = 24 * 60
# With these somebody is called again.
AGAIN: Final = {Result.LATER: Later.OWN, Result.VOICEMAIL: Later.TOMORROW}


class LocalInput(forms.DateTimeInput):
    """A day and a time on the wall, as browsers offer them."""

    input_type = "datetime-local"


def when_choices(first: "str | Promise") -> list[tuple[str, Any]]:
    return [("", first), *((choice.value, title) for choice, title in TITLES.items())]


class ResultForm(forms.Form):
    """``result`` is a result, or one with a time behind a colon: ``later:tomorrow``."""

    result = forms.CharField(max_length=40)
    again_at = forms.CharField(max_length=40, required=False)
    step = forms.CharField(
        label=_("Next step"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget()
    )
    step_when = forms.ChoiceField(
        label=_("Until"),
        choices=when_choices(_("no time")),
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    step_at = forms.CharField(label=_("Day and time"), max_length=40, required=False)
    minutes = forms.IntegerField(
        label=_("Minutes"),
        min_value=0,
        max_value=MINUTES_MOST,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget({"min": 0, "max": MINUTES_MOST}),
    )
    verdict = forms.ChoiceField(choices=[("", _("not yet")), *VerdictKind.choices], required=False)
    reason = forms.ModelChoiceField(
        RejectionReason.objects.active(),
        label=_("Reason"),
        required=False,
        empty_label="",
        widget=UnfoldAdminSelectWidget(),
    )
    verdict_text = forms.CharField(
        label=_("Comment"),
        max_length=VERDICT_MOST,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
    )
    seen = forms.CharField(max_length=40, required=False)
    note = forms.CharField(
        label=_("Note"),
        max_length=TEXT_MOST,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
    )

    def __init__(self, user: User, now: datetime, data: Any = None) -> None:
        super().__init__(data, auto_id="call-%s")
        self.clock = Clock.of(user, now)

    def clean_note(self) -> str:
        return clean_text(self.cleaned_data["note"])

    def clean_step(self) -> str:
        return clean_text(self.cleaned_data["step"])

    def clean_verdict_text(self) -> str:
        return clean_text(self.cleaned_data["verdict_text"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        result, _colon, choice = str(given.get("result", "")).partition(":")
        if result not in CallEntry.Result.values or (choice and choice not in set(Later)):
            raise forms.ValidationError(gettext("There is no such result."))
        found = CallEntry.Result(result)
        given["result"], given["again"] = result, None
        if found in AGAIN:
            wanted = Later(choice) if choice else AGAIN[found]
            given["again"] = self.time("again_at", wanted, given.get("again_at", ""))
        given["due"] = None
        if given.get("step") and given.get("step_when"):
            wanted = Later(given["step_when"])
            given["due"] = self.time("step_at", wanted, given.get("step_at", ""))
        word = self.word(given)
        for fault in word.faults() if word else ():
            self.add_error("reason", fault)
        return given

    def time(self, name: str, choice: Later, typed: str) -> datetime | None:
        try:
            return self.clock.at(choice, typed)
        except TimeInvalid as invalid:
            self.add_error(name, str(invalid))
            return None

    def word(self, given: dict[str, Any]) -> Word | None:
        """What marketing is told; None where nothing is."""
        if not given.get("verdict"):
            return None
        kind = VerdictKind(given["verdict"])
        reason = given.get("reason") if kind is VerdictKind.REJECTED else None
        return Word(kind, reason, given.get("verdict_text") or "")

    def said(self) -> Said:
        """Of a form that is valid."""
        given = self.cleaned_data
        return Said(
            result=given["result"],
            again=given["again"],
            step=given["step"],
            step_at=given["due"],
            note=given["note"],
            minutes=given["minutes"],
            verdict=self.word(given),
            seen=given["seen"],
        )


def clean_text(text: str) -> str:
    """Raises ValidationError for what no column could hold."""
    try:
        return storable(text).strip()
    except Wrong as wrong:
        raise forms.ValidationError(str(wrong)) from None


class RoutineForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = CallRoutine
        fields = ("cadence", "capacity", "from_total", "quiet_days", "never")
        widgets = {
            "cadence": UnfoldAdminSelectWidget(),
            "capacity": UnfoldAdminIntegerFieldWidget({"min": 1, "max": CAPACITY_MOST}),
            "from_total": UnfoldAdminIntegerFieldWidget(),
            "quiet_days": UnfoldAdminIntegerFieldWidget({"min": 0, "max": 365}),
            "never": UnfoldAdminSelectWidget(),
        }

    def __init__(self, data: Any = None, *, instance: CallRoutine) -> None:
        super().__init__(data, instance=instance, auto_id="routine-%s")
        field: Any = self.fields["never"]
        field.queryset = Segment.objects.all()
        field.empty_label = gettext("nobody is left out")


class CapacityForm(forms.Form):
    """Of one person; empty is what everybody makes."""

    capacity = forms.IntegerField(
        min_value=1,
        max_value=CAPACITY_MOST,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget({"min": 1, "max": CAPACITY_MOST}),
    )

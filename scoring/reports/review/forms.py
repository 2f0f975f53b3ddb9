"""What people type on the pages of the weekly review, checked at the border."""

from collections.abc import Sequence
from datetime import time
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from scoring.criteria.models import ScoringModel, Version
from scoring.reports.mailing.forms import REVISION_MOST, getting, said
from scoring.reports.review.models import (
    DECISION_MOST,
    MINUTES_MOST,
    NOTE_MOST,
    MeetingSchedule,
)

HOURS = [time(hour, minute) for hour in range(7, 20) for minute in (0, 30)]


class Text(forms.CharField):
    """Ends of lines are one character, as the browser has counted them, not the two it sends."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class TextForm(forms.Form):
    """A text with the revision that was on the screen."""

    text = Text(required=False, max_length=NOTE_MOST)
    revision = forms.IntegerField(min_value=0, max_value=REVISION_MOST)
    keep_both = forms.BooleanField(required=False)


class DecisionTextForm(TextForm):
    text = Text(max_length=DECISION_MOST)


class DecisionForm(forms.Form):
    """``rules``: the names of those that it may be about."""

    text = Text(
        label=_("What was decided"),
        max_length=DECISION_MOST,
        error_messages={"required": _("Write what was decided.")},
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
    )
    rule = forms.ChoiceField(
        label=_("About the rule"), required=False, widget=UnfoldAdminSelectWidget()
    )

    def __init__(self, rules: Sequence[str], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["rule"]
        field.choices = [("", gettext("none in particular")), *((name, name) for name in rules)]
        if not rules:
            del self.fields["rule"]


def rules_of(model: ScoringModel | None) -> list[str]:
    """The names of those of its live version."""
    version = Version.objects.live().filter(model=model).first() if model else None
    return sorted({rule.name for rule in version.document_value.rules}) if version else []


class ItemForm(forms.Form):
    title = forms.CharField(label=_("Point"), max_length=200, widget=UnfoldAdminTextInputWidget())
    minutes = forms.IntegerField(
        label=_("Minutes"),
        min_value=1,
        max_value=MINUTES_MOST,
        initial=5,
        widget=UnfoldAdminTextInputWidget({"type": "number"}),
    )


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]
    at = forms.TypedChoiceField(
        label=_("At"), coerce=time.fromisoformat, widget=UnfoldAdminSelectWidget, choices=[]
    )
    recipients = forms.ModelMultipleChoiceField(
        label=_("Who gets it"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = MeetingSchedule
        fields = ("active", "weekday", "at", "days_before", "recipients")
        widgets = {
            "active": UnfoldBooleanWidget,
            "weekday": UnfoldAdminSelectWidget,
            "days_before": UnfoldAdminTextInputWidget({"type": "number", "min": 1, "max": 6}),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: Any = self.fields
        kept = {*HOURS, self.instance.at}
        fields["at"].choices = [
            (at.isoformat("minutes"), formats.time_format(at)) for at in sorted(kept)
        ]
        self.initial["at"] = self.instance.at.isoformat("minutes")
        self.initial["revision"] = self.instance.revision
        people = User.objects.with_perm("scoring.view_meeting", include_superusers=False)
        chosen = Q(pk__in=people.values("pk")) | getting(self.instance)
        fields["recipients"].queryset = User.objects.filter(chosen).order_by("username")
        fields["recipients"].label_from_instance = said

    def store(self) -> bool:
        """False where somebody has set it meanwhile; then nothing is changed."""
        with transaction.atomic():
            stored = MeetingSchedule.objects.select_for_update().order_by("pk").first()
            if (stored.revision if stored else 0) != self.cleaned_data["revision"]:
                return False
            self.instance.pk = stored.pk if stored else None
            self.instance.revision = self.cleaned_data["revision"] + 1
            self.save()
        return True

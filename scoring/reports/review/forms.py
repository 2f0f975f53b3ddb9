"""What people type on the pages of the weekly review, checked at the border."""

from datetime import time
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from contacts.models import Contact
from contacts.models.teams import name_of
from contacts.normalise import normalise
from scoring.reports.review.models import (
    DECISION_MOST,
    MINUTES_MOST,
    NOTE_MOST,
    MeetingSchedule,
)

HOURS = [time(hour, minute) for hour in range(7, 20) for minute in (0, 30)]
REVISION_MOST = 2**31 - 1


class TextForm(forms.Form):
    """A text with the revision that was on the screen."""

    text = forms.CharField(required=False, max_length=NOTE_MOST)
    revision = forms.IntegerField(min_value=0, max_value=REVISION_MOST)
    keep_both = forms.BooleanField(required=False)


class DecisionTextForm(TextForm):
    text = forms.CharField(max_length=DECISION_MOST)


class DecisionForm(forms.Form):
    text = forms.CharField(
        label=_("What was decided"),
        max_length=DECISION_MOST,
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
    )


class ItemForm(forms.Form):
    title = forms.CharField(label=_("Point"), max_length=200, widget=UnfoldAdminTextInputWidget())
    minutes = forms.IntegerField(
        label=_("Minutes"),
        min_value=1,
        max_value=MINUTES_MOST,
        initial=5,
        widget=UnfoldAdminTextInputWidget({"type": "number"}),
    )


class TaskForm(forms.Form):
    """For whom, and about which lead: a task is about one."""

    assignee = forms.ChoiceField(label=_("For"), widget=UnfoldAdminSelectWidget())
    contact = forms.EmailField(
        label=_("E-mail of the lead"), widget=UnfoldAdminTextInputWidget({"type": "email"})
    )

    def __init__(self, user: User, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user
        people = User.objects.with_perm("contacts.change_task", include_superusers=False)
        self.people = {str(one.pk): one for one in people.order_by("username")}
        field: Any = self.fields["assignee"]
        field.choices = [(pk, name_of(one)) for pk, one in self.people.items()]

    def clean_contact(self) -> Contact:
        """One that this person may see; of others they learn nothing."""
        key = normalise(self.cleaned_data["contact"])
        found = Contact.objects.visible_to(self.user).filter(email_key=key).first()
        if found is None:
            raise forms.ValidationError(gettext("You see no lead with this e-mail address."))
        return found

    def clean_assignee(self) -> User:
        return self.people[self.cleaned_data["assignee"]]


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
            "days_before": UnfoldAdminTextInputWidget({"type": "number", "min": 0, "max": 6}),
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
        fields["recipients"].queryset = people.order_by("username")
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


def said(user: User) -> str:
    name = name_of(user)
    return name if user.email else gettext("%(name)s (no e-mail address)") % {"name": name}

"""The forms around tasks: what came of one, until when it is put off, who gets it, its time."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from contacts.admin.sections import moment
from contacts.admin.teams import named, people
from contacts.models import Calendar, Task, Team
from contacts.quick_times import QuickTime, quick_times

PERSON, TEAM = "person", "team"


def times_for(calendar: Calendar) -> list[QuickTime]:
    return quick_times(calendar.working_time(), timezone.now())


class TaskForm(forms.ModelForm):  # type: ignore[type-arg]
    """A task, whose time may also be chosen at one click; that choice goes before a typed one."""

    # What can be chosen: each request has its own class.
    times: list[QuickTime] = []  # noqa: RUF012
    due_choice = forms.ChoiceField(
        label=_("or"), required=False, widget=UnfoldAdminSelectWidget, choices=[]
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "due_choice" in self.fields:
            field: Any = self.fields["due_choice"]
            field.choices = [
                ("", gettext("in working time…")),
                *((each.name, f"{each.title}: {moment(each.at)}") for each in self.times),
            ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen = {each.name: each.at for each in self.times}
        if at := chosen.get(given.get("due_choice", "")):
            given["due_at"] = at
        return given


class FinishForm(forms.Form):
    """The button that is pressed says what came of it."""

    text = forms.CharField(
        label=_("What came of it"),
        max_length=1000,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    as_call = forms.BooleanField(
        label=_("It was a call: write it into the contact's history"),
        required=False,
        widget=UnfoldBooleanWidget,
    )

    def __init__(self, *args: Any, may_write_calls: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not may_write_calls:
            del self.fields["as_call"]

    @property
    def results(self) -> list[tuple[str, Any]]:
        return list(Task.Result.choices)


class SnoozeForm(forms.Form):
    """The button that is pressed says until when; one of them reads the field."""

    until = forms.DateTimeField(
        label=_("Or until"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"}),
    )

    def __init__(self, *args: Any, times: list[QuickTime], **options: Any) -> None:
        super().__init__(*args, **options)
        self.times = times

    @property
    def choices(self) -> list[tuple[QuickTime, str]]:
        return [(each, moment(each.at)) for each in self.times]

    def chosen(self) -> datetime:
        """Raises ValidationError in words where nothing was chosen."""
        name = self.data.get("choice", "")
        at = next((each.at for each in self.times if each.name == name), None)
        at = at or self.cleaned_data.get("until")
        if at is None:
            raise ValidationError(gettext("Choose until when."))
        return at


class HandOverForm(forms.Form):
    """To one person, or to the team, whose members take turns."""

    to = forms.ChoiceField(label=_("Who gets it"), widget=UnfoldAdminSelectWidget, choices=[])

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.people = {f"{PERSON}-{user.pk}": user for user in people()}
        self.teams = {f"{TEAM}-{team.pk}": team for team in Team.objects.all()}
        field: Any = self.fields["to"]
        field.choices = [
            ("", "---------"),
            (gettext("Person"), [(key, named(user)) for key, user in self.people.items()]),
            (
                gettext("Whose turn it is in the team"),
                [(key, team.name) for key, team in self.teams.items()],
            ),
        ]

    @property
    def person(self) -> User | None:
        return self.people.get(self.cleaned_data["to"])

    @property
    def team(self) -> Team | None:
        return self.teams.get(self.cleaned_data["to"])

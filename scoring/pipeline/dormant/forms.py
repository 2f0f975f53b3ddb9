"""What is chosen on the page of dormant opportunities: where they begin, what to do with them."""

from typing import Any, Final

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from contacts.admin.teams import named, people
from contacts.models import Team
from scoring.automations.sequences.models import Sequence
from scoring.pipeline.dormant.deeds import MONTHS_MOST
from scoring.pipeline.dormant.models import Dismissal, DormantChoice

PERSON: Final = "person"
TEAM: Final = "team"
FIT_MOST: Final = 100_000


class ChoiceForm(forms.ModelForm):  # type: ignore[type-arg]
    fit_least = forms.IntegerField(
        label=_("Fit of at least"),
        required=False,
        min_value=-FIT_MOST,
        max_value=FIT_MOST,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    class Meta:
        model = DormantChoice
        fields = ("fit_least", "peak", "months", "weeks")
        widgets: Any = {
            "peak": UnfoldAdminSelectWidget,
            "months": UnfoldAdminIntegerFieldWidget,
            "weeks": UnfoldAdminIntegerFieldWidget,
        }

    def __init__(self, *args: Any, usual_fit: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["fit_least"].widget.attrs["placeholder"] = str(usual_fit)
        self.fields["peak"].choices = DormantChoice.Peak.choices  # type: ignore[attr-defined]


class DeedForm(forms.Form):
    """One form for all deeds; each reads of it what it needs."""

    sequence = forms.ModelChoiceField(
        label=_("Sequence"),
        queryset=Sequence.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget,
        empty_label=_("a sequence…"),
    )
    to = forms.ChoiceField(
        label=_("Who gets it"), required=False, widget=UnfoldAdminSelectWidget, choices=[]
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        choices=Dismissal.Reason.choices,
    )
    text = forms.CharField(
        label=_("Remark"), max_length=500, required=False, widget=UnfoldAdminTextInputWidget
    )
    months = forms.IntegerField(
        label=_("Months"),
        required=False,
        min_value=1,
        max_value=MONTHS_MOST,
        initial=3,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: Any = self.fields
        fields["sequence"].queryset = Sequence.objects.filter(active=True).order_by("name")
        self.people = {f"{PERSON}-{user.pk}": user for user in people()}
        self.teams = {f"{TEAM}-{team.pk}": team for team in Team.objects.all()}
        fields["to"].choices = [
            ("", gettext("a person or a team…")),
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

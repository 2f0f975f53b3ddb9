"""What people type on the page of the terms, checked at the border into a value."""

from collections.abc import Iterator
from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from scoring.agreement.sides import Side
from scoring.reports.stages import STAGES
from scoring.reports.terms.agreeing import Said
from scoring.reports.terms.models import NUMBER_MOST, WORDS_MOST, Goal, Terms, What
from scoring.reports.terms.words import title_of

REVISION_MOST: Final = 2**31 - 1
LEADS: Final = (What.MQL, What.SQL, What.OPPORTUNITY, What.CUSTOMER)


def number_field(label: Any, most: int) -> Any:
    widget = UnfoldAdminIntegerFieldWidget({"min": 1, "max": most})
    return forms.IntegerField(
        label=label, required=False, min_value=1, max_value=most, widget=widget
    )


def words_field(label: Any) -> Any:
    widget = UnfoldAdminTextareaWidget({"rows": 3, "maxlength": WORDS_MOST})
    return forms.CharField(label=label, required=False, max_length=WORDS_MOST, widget=widget)


class TermsForm(forms.Form):
    """Of the bands of the live version. An empty number sets no goal."""

    every = forms.ChoiceField(
        label=_("Goals are for"), choices=Terms.Every.choices, widget=UnfoldAdminSelectWidget()
    )
    looked_at = forms.IntegerField(min_value=0, max_value=REVISION_MOST, widget=forms.HiddenInput())

    def __init__(self, data: Any, bands: list[str], terms: Terms | None, last: int) -> None:
        initial: dict[str, Any] = {"looked_at": last}
        if terms is not None:
            initial |= {"every": terms.every, "notes": terms.notes}
            initial |= {stage.value: said for stage, said in terms.words.items()}
        # The lowest is where everybody is who came.
        self.names = {
            f"band_{place}": (What.BAND, band) for place, band in enumerate(bands) if place
        }
        self.names |= {f"goal_{what.value}": (what, "") for what in LEADS}
        self.names |= {f"goal_{what.value}": (what, "") for what in What if what.is_share}
        set_before = {goal.key: goal.number for goal in terms.goals.all()} if terms else {}
        for name, (what, band) in self.names.items():
            initial[name] = set_before.get((what.value, band))
        super().__init__(data, initial=initial)
        for name, (what, band) in self.names.items():
            most = 100 if what.is_share else NUMBER_MOST
            self.fields[name] = number_field(label_of(what, band), most)
        for stage in STAGES:
            self.fields[stage.value] = words_field(stage.label)
        self.fields["notes"] = words_field(_("What else holds"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(cleaned.get(name) for name in self.names):
            raise forms.ValidationError(gettext("Set at least one goal."))
        return cleaned

    def said(self) -> Said:
        data = self.cleaned_data
        goals = {
            (what.value, band): data[name]
            for name, (what, band) in self.names.items()
            if data.get(name)
        }
        words = {stage: plain(data[stage.value]) for stage in STAGES}
        return Said(data["every"], words, plain(data["notes"]), goals)

    def parts(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The fields under headings: who promises what, and what the words mean."""
        titles = (
            (Side.MARKETING, gettext("Marketing promises")),
            (Side.SALES, gettext("Sales promise")),
            (None, gettext("Both work for")),
        )
        for side, title in titles:
            names = [name for name, (what, _band) in self.names.items() if what.side is side]
            yield title, [self[name] for name in names]
        stages = [self[stage.value] for stage in STAGES]
        yield gettext("What the words mean"), [*stages, self["notes"]]


def plain(text: str) -> str:
    """With one kind of line end, so that the same text is the same."""
    return text.replace("\r\n", "\n").strip()


def label_of(what: What, band: str) -> str:
    """What is asked for, with its unit."""
    said = title_of(Goal(what=what.value, band=band))
    if what.is_share:
        said = gettext("%(what)s, in per cent") % {"what": said}
    return said[:1].upper() + said[1:]

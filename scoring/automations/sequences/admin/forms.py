"""The forms of a sequence: its goal as a text, its steps, a file to import, a contact."""

from typing import Any

import yaml as plain_yaml
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget

from contacts.admin.pointing import PointingSelect
from contacts.models import Contact
from contacts.yamlfile import YamlInvalid, read_exact_yaml
from scoring.automations.sequences.document import SLUG
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.goals import goal_data, parse_goal
from scoring.automations.sequences.models import Sequence, SequenceStep
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.yaml import Writer

GOAL_HELP = _(
    "Whoever meets all of these conditions leaves: one a line, as in "
    "- {activity: {type: purchase}} or - {when: {field: lifecycle, op: equals, value: customer}}"
)


class SequenceForm(forms.ModelForm):  # type: ignore[type-arg]
    """``goal`` as YAML, with faults that name their place."""

    goal = forms.CharField(
        label=_("Goal"),
        required=False,
        max_length=10_000,
        help_text=GOAL_HELP,
        widget=UnfoldAdminTextareaWidget({"rows": 3, "spellcheck": "false", "class": "font-mono"}),
    )

    class Meta:
        model = Sequence
        fields = ("name", "slug", "purpose", "calendar", "active", "leave_on_band_change", "goal")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["goal"] = goal_text(self.instance.goal)
        if "calendar" in self.fields:
            self.fields["calendar"].empty_label = gettext("The default calendar")  # type: ignore[attr-defined]

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"])
        if not SLUG.fullmatch(slug):
            raise ValidationError(gettext("Use small letters, digits and hyphens only."))
        return slug

    def clean_goal(self) -> list[dict[str, object]]:
        text = self.cleaned_data["goal"].strip()
        if not text:
            return []
        try:
            return goal_data(parse_goal(read_exact_yaml(text)))
        except YamlInvalid as invalid:
            raise ValidationError(str(invalid)) from None
        except DocumentInvalid as invalid:
            raise ValidationError([str(fault) for fault in invalid.faults]) from None


def goal_text(goal: Any) -> str:
    """One condition a line."""
    lines = [
        plain_yaml.dump(
            condition,
            Dumper=Writer,
            default_flow_style=True,
            sort_keys=False,
            allow_unicode=True,
            width=10_000,
        ).strip()
        for condition in goal or []
    ]
    return "\n".join(f"- {line}" for line in lines)


class StepForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = SequenceStep
        fields = "__all__"  # noqa: DJ007 - the inline names them
        widgets = {"text": UnfoldAdminTextareaWidget({"rows": 6})}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        kind, assignee = cleaned.get("kind"), cleaned.get("assignee")
        if kind == SequenceStep.Kind.EMAIL:
            if "text" in cleaned and not cleaned["text"].strip():
                self.add_error("text", gettext("An e-mail needs a text."))
        elif assignee in ("team", "person") and not cleaned.get(assignee):
            self.add_error(assignee, gettext("Say who it is for."))
        return cleaned


class ContactSelect(PointingSelect):
    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        attrs: dict[str, Any] = super().build_attrs(base_attrs, extra_attrs)
        look = f"unfold-admin-autocomplete {attrs.get('class', '')}"
        return attrs | {"class": look, "data-placeholder": gettext("Find a contact…")}


class ContactForm(forms.Form):
    """A contact among those that a person may see, found by typing."""

    contact = forms.ModelChoiceField(Contact.objects.none(), label=_("Contact"))

    def __init__(self, contacts: QuerySet[Contact], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["contact"]
        field.widget = ContactSelect(Enrolment._meta.get_field("contact"), admin.site)
        field.widget.choices = field.choices
        field.queryset = contacts


class ImportForm(forms.Form):
    file = forms.FileField(label=_("File"), widget=UnfoldAdminFileFieldWidget)

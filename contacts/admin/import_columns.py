"""The form in which a person says what each column of a file is to be."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.contrib.auth.models import AnonymousUser, User
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from contacts.imports.drafts import NEW, Column, columns_in, constants_in
from contacts.imports.kinds import ACTIVITIES, CONTACTS
from contacts.imports.labels import custom_labels, target_choices, target_label
from contacts.models import CustomField, ImportJob

# Empty lines for values that all rows have in common.
CONSTANTS: Final = 3
PROPERTY_TYPES: Final = [("text", _("Text")), ("number", _("Number")), ("boolean", _("Yes or no"))]


class ColumnsForm(forms.Form):
    """A choice for each column, and some values that are the same for all rows.

    Only what is offered to this person can be chosen.
    """

    def __init__(
        self,
        job: ImportJob,
        user: User | AnonymousUser,
        columns: Sequence[Column],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data)
        self.job = job
        self.shown = columns
        self.custom = custom_labels() | declared(job.document)
        targets = self.targets()
        offered = [("", _("Leave out")), *targets, *new_targets(job.kind, user)]
        for column in columns:
            label = gettext("What “%(name)s” becomes") % {"name": column.header}
            self.fields[f"column_{column.place}"] = choice(offered, column.target, label)
        self.constant_count = 0
        for target, value in constants_in(job.document).items():
            self._add_constant(targets, target, as_typed(value))
        while self.constant_count < CONSTANTS:
            self._add_constant(targets, "", "")

    def _add_constant(self, targets: Sequence[tuple[str, Any]], target: str, value: str) -> None:
        place = self.constant_count
        self.fields[f"target_{place}"] = choice([("", ""), *targets], target, gettext("Field"))
        self.fields[f"value_{place}"] = forms.CharField(
            label=_("Value"),
            required=False,
            max_length=255,
            initial=value,
            widget=UnfoldAdminTextInputWidget(attrs={"aria-label": gettext("Value")}),
        )
        self.constant_count += 1

    def targets(self) -> list[tuple[str, str]]:
        """What a column may become, with what the mapping fills beyond that."""
        known = list(target_choices(self.job.kind, self.custom))
        here = {target for target, _label in known}
        return known + [
            (name, target_label(self.job.kind, name, self.custom))
            for name, about in self.job.document.get("record", {}).items()
            if name not in here and (columns_in(about) or "constant" in about)
        ]

    def rows(self) -> Iterator[tuple[Column, BoundField]]:
        for column in self.shown:
            yield column, self[f"column_{column.place}"]

    def constant_rows(self) -> Iterator[tuple[BoundField, BoundField]]:
        for place in range(self.constant_count):
            yield self[f"target_{place}"], self[f"value_{place}"]

    def templates(self) -> Iterator[tuple[str, str]]:
        """The fields that are put together from several columns; they are only shown."""
        for target, about in self.job.document.get("record", {}).items():
            if isinstance(about, dict) and "template" in about:
                yield target_label(self.job.kind, target, self.custom), about["template"]

    def columns(self) -> dict[str, str]:
        """Header -> what was chosen."""
        return {column.header: self.cleaned_data[f"column_{column.place}"] for column in self.shown}

    def constants(self) -> dict[str, str]:
        """Target -> what is typed for all rows."""
        given = self.cleaned_data
        pairs = [(given[f"target_{n}"], given[f"value_{n}"]) for n in range(self.constant_count)]
        return {target: value for target, value in pairs if target and value}


def choice(choices: Sequence[tuple[str, Any]], initial: str, label: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=choices,
        initial=initial,
        label=label,
        required=False,
        widget=UnfoldAdminSelectWidget(attrs={"aria-label": label}),
    )


def declared(document: Mapping[str, Any]) -> dict[str, str]:
    """Key -> label of the custom fields that a mapping declares."""
    return {field["key"]: field.get("label", "") for field in document.get("fields", [])}


def new_targets(kind: str, user: User | AnonymousUser) -> list[tuple[str, str]]:
    """What is made on the way: properties, and custom fields by those who may."""
    if kind == ACTIVITIES:
        return [
            (NEW + name, gettext("New property (%(type)s)") % {"type": label})
            for name, label in PROPERTY_TYPES
        ]
    if kind != CONTACTS or not user.has_perm("contacts.add_customfield"):
        return []
    return [
        (NEW + name, gettext("New custom field (%(type)s)") % {"type": label})
        for name, label in CustomField.Type.choices
        if name != CustomField.Type.CHOICE
    ]


def as_typed(value: object) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return "" if value is None else str(value)

"""The forms of an import: the upload, and how its file writes things."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from contacts.imports.drafts import DATE_ORDERS
from contacts.imports.sources.csvfile import ENCODINGS
from contacts.imports.sources.opening import SUFFIXES
from contacts.models import ImportKind, ImportMapping

DATE_FORMS: Final = [
    ("", _("2026-03-31 10:30 (ISO)")),
    *(
        ("|".join(forms), label)
        for forms, label in zip(
            DATE_ORDERS,
            (
                _("31/03/2026 10:30 (day first)"),
                _("03/31/2026 10:30 (month first)"),
                _("31-03-2026 10:30 (day first)"),
                _("31.03.2026 10:30 (day first)"),
            ),
            strict=True,
        )
    ),
]


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is in the file"), widget=UnfoldAdminSelectWidget)
    file = forms.FileField(label=_("File"), widget=UnfoldAdminFileFieldWidget)
    mapping = forms.ModelChoiceField(
        ImportMapping.objects.none(),
        label=_("Mapping"),
        required=False,
        empty_label=_("Guess from the names of the columns"),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(
        self, *args: Any, kinds: Sequence[str], too_large: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.too_large = too_large
        choices = [(kind, label) for kind, label in ImportKind.choices if kind in kinds]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]
        saved = ImportMapping.objects.filter(kind__in=kinds)
        self.fields["mapping"].queryset = saved  # type: ignore[attr-defined]
        self.fields["file"].help_text = gettext(
            "CSV, XLSX or JSON Lines, at most %(most)d MB; larger files are for the command "
            "manage.py import_contacts."
        ) % {"most": settings.IMPORT_MAX_BYTES // 1024**2}
        if too_large:
            self.fields["file"].error_messages["required"] = self.limit()

    def limit(self) -> str:
        return gettext("The file is larger than %(most)d MB.") % {
            "most": settings.IMPORT_MAX_BYTES // 1024**2
        }

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if Path(str(file.name)).suffix.lower() not in SUFFIXES:
            message = gettext("This kind of file cannot be imported; there are: %(kinds)s.")
            raise forms.ValidationError(message % {"kinds": ", ".join(SUFFIXES)})
        if (file.size or 0) > settings.IMPORT_MAX_BYTES:
            raise forms.ValidationError(self.limit())
        return file

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        saved = given.get("mapping")
        if saved and saved.kind != given.get("kind"):
            self.add_error("mapping", gettext("This mapping is for another kind of file."))
        return given


class OptionsForm(forms.Form):
    """How the file writes dates, numbers and nothing; what to do with bad rows."""

    time_zone = forms.CharField(
        label=_("Time zone"),
        required=False,
        max_length=64,
        help_text=_("Of dates and times without an offset, such as Europe/Madrid."),
        widget=UnfoldAdminTextInputWidget,
    )
    date_format = forms.CharField(
        label=_("Dates"), required=False, max_length=200, widget=UnfoldAdminSelectWidget
    )
    decimal_comma = forms.BooleanField(
        label=_("Numbers have a decimal comma"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    empty = forms.CharField(
        label=_("Words that mean nothing"),
        required=False,
        max_length=500,
        help_text=_("Separated by commas, such as: Select, n/a"),
        widget=UnfoldAdminTextInputWidget,
    )
    separator = forms.CharField(
        label=_("Between tags"),
        required=False,
        max_length=5,
        widget=UnfoldAdminTextInputWidget,
    )
    encoding = forms.ChoiceField(
        label=_("Encoding"),
        required=False,
        choices=[("", _("Recognise it")), *((name, name) for name in ENCODINGS)],
        widget=UnfoldAdminSelectWidget,
    )
    skip_bad = forms.BooleanField(
        label=_("Leave out bad rows"),
        required=False,
        help_text=_("Otherwise one bad row stops the whole file."),
        widget=UnfoldBooleanSwitchWidget,
    )
    save_as = forms.CharField(
        label=_("Save this mapping as"),
        required=False,
        max_length=200,
        help_text=_("A name under which it can be chosen for the next file."),
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = list(DATE_FORMS)
        given = self.initial.get("date_format", "")
        if given and given not in dict(choices):
            choices.append((given, given))
        self.fields["date_format"].widget.choices = choices

    def told(self) -> dict[str, Any]:
        """The options as a mapping document has them."""
        given = self.cleaned_data
        return {
            "time_zone": given["time_zone"].strip(),
            "date_format": [form for form in given["date_format"].split("|") if form],
            "decimal_comma": given["decimal_comma"],
            "empty": [word.strip() for word in given["empty"].split(",") if word.strip()],
            "separator": given["separator"],
            "encoding": given["encoding"],
        }


def options_of(document: dict[str, Any]) -> dict[str, Any]:
    """The options of a mapping document as the form shows them."""
    listed = {
        key: given if isinstance(given, list) else [given]
        for key in ("date_format", "empty")
        if (given := document.get(key))
    }
    return {
        "time_zone": document.get("time_zone", ""),
        "date_format": "|".join(listed.get("date_format", [])),
        "decimal_comma": bool(document.get("decimal_comma")),
        "empty": ", ".join(listed.get("empty", [])),
        "separator": document.get("separator", ";"),
        "encoding": document.get("encoding", ""),
    }

"""What somebody sets for themselves."""

from datetime import time
from typing import Any

from django import forms
from django.conf import settings
from django.utils import formats
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanWidget

from contacts.models import Preferences

HOURS = [time(hour, minute) for hour in range(5, 21) for minute in (0, 30)]


class PreferencesForm(forms.ModelForm):  # type: ignore[type-arg]
    """No day that is ticked: all on which work is done."""

    language = forms.ChoiceField(
        label=_("Language"), required=False, widget=UnfoldAdminSelectWidget, choices=[]
    )
    digest = forms.BooleanField(
        label=_("Send me an e-mail in the morning"), required=False, widget=UnfoldBooleanWidget
    )
    digest_at = forms.TypedChoiceField(
        label=_("At"),
        required=False,
        coerce=time.fromisoformat,
        empty_value=None,
        widget=UnfoldAdminSelectWidget,
        choices=[],
    )
    digest_days = forms.TypedMultipleChoiceField(
        label=_("Only on these days"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        choices=[],
    )

    class Meta:
        model = Preferences
        fields = ("language", "digest", "digest_at", "digest_days")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: Any = self.fields
        installed = dict(settings.LANGUAGES)[settings.LANGUAGE_CODE]
        usual = gettext("as installed: %(language)s") % {"language": installed}
        fields["language"].choices = [("", usual), *settings.LANGUAGES]
        fields["digest_at"].choices = [
            ("", gettext("when the working day begins")),
            *((at.isoformat("minutes"), formats.time_format(at)) for at in HOURS),
        ]
        if at := self.instance.digest_at:
            self.initial["digest_at"] = at.isoformat("minutes")
        fields["digest_days"].choices = [
            (number, capfirst(str(name))) for number, name in WEEKDAYS.items()
        ]

    def clean_digest_days(self) -> list[int] | None:
        return sorted(self.cleaned_data["digest_days"]) or None

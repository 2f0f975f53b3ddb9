"""The scripts of calls: which one is shown for a lead, and the page on which they are written."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from contacts.admin.base import RecordAdmin, column
from contacts.models import Contact
from scoring.automations.texts import VARIABLES, Template, faults_of
from scoring.automations.values import name_of, values_of
from scoring.criteria.document import DocumentInvalid
from scoring.engine.models import Score, Track
from scoring.pipeline.calls.models import CallScript

# What only an automation or an e-mail can fill in.
NOT_HERE = ("automation.name", "unsubscribe.link")


def script_for(contact: Contact, band: str) -> CallScript | None:
    """Of those that are for this lead the most particular one; then the first in order."""
    scripts = CallScript.objects.filter(band__in=["", band]).select_related("segment")
    ranked = sorted(scripts, key=lambda script: -particular(script))
    return next((script for script in ranked if is_for(script, contact)), None)


def particular(script: CallScript) -> int:
    return 2 * (script.segment_id is not None) + (script.band != "")


def is_for(script: CallScript, contact: Contact) -> bool:
    if script.segment is None:
        return True
    try:
        return script.segment.narrow(Contact.objects.filter(pk=contact.pk)).exists()
    except DocumentInvalid:
        return False


def said(script: CallScript, contact: Contact, score: Score | None, track: Track, by: User) -> str:
    """The script with its variables filled in, in the lead's language or else the reader's."""
    text = script.text_in(contact.language, get_language() or "")
    # A text of before, with a variable that is gone, is shown as it is.
    if faults_of(text):
        return text
    values = values_of(contact, score, track.model.name, "")
    if not contact.owner:
        values |= {"owner.name": name_of(by), "owner.email": by.email}
    return Template(text).render(values)


class CallScriptForm(forms.ModelForm):  # type: ignore[type-arg]
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "band" in self.fields:
            known = bands()
            stored = self.instance.band
            names = [*known, *([stored] if stored and stored not in known else [])]
            choices = [("", gettext("every band")), *((name, name) for name in names)]
            self.fields["band"] = forms.ChoiceField(
                label=self.fields["band"].label,
                choices=choices,
                required=False,
                help_text=self.fields["band"].help_text,
                widget=UnfoldAdminSelectWidget(),
            )


def bands() -> list[str]:
    """Of the live models, the hottest first."""
    tracks = Track.objects.filter(role=Track.Role.LIVE).select_related("version__model")
    found = [band.name for track in tracks for band in reversed(track.version.document_value.bands)]
    return list(dict.fromkeys(found))


@admin.register(CallScript)
class CallScriptAdmin(RecordAdmin):
    empty_text = _(
        "No scripts yet. Write down what to say on the phone: for everybody, or for one band or "
        "segment."
    )
    form = CallScriptForm
    list_before_template: Any = "scoring/calls/scripts_before.html"
    list_display = ("name", "for_whom", "languages")
    list_select_related = ("segment",)
    search_fields = ("name",)
    readonly_fields = ("variables",)
    fieldsets = [
        (None, {"fields": ["name", ("band", "segment"), "position"]}),
        (_("What to say"), {"fields": ["text_en", "text_es", "variables"]}),
    ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name in ("text_en", "text_es"):
            options["widget"] = UnfoldAdminTextareaWidget({"rows": 12})
        return super().formfield_for_dbfield(db_field, request, **options)

    @column(_("for"))
    def for_whom(self, script: CallScript) -> str:
        facts = [script.band, str(script.segment or "")]
        return " · ".join(fact for fact in facts if fact) or gettext("everybody")

    @column(_("languages"))
    def languages(self, script: CallScript) -> str:
        texts = [(gettext("English"), script.text_en), (gettext("Spanish"), script.text_es)]
        return ", ".join(name for name, text in texts if text.strip())

    @column(_("variables"))
    def variables(self, script: CallScript) -> str:
        return ", ".join(f"{{{{ {name} }}}}" for name in VARIABLES if name not in NOT_HERE)

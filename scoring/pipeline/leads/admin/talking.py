"""Noting a call, a meeting, or an e-mail that was written elsewhere."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scoring.pipeline.calls.models import CallEntry
from scoring.pipeline.leads.admin.deeds import Asked, Deed, deed
from scoring.pipeline.leads.admin.forms import CallForm, LeadForm, TalkForm
from scoring.pipeline.leads.contacting import NoteContact


class Talk(Deed):
    kind: ClassVar[str]
    permission: ClassVar[str] = "contacts.add_activity"

    def form(self, asked: Asked, data: Any = None) -> LeadForm:
        return TalkForm(data)

    def do(self, asked: Asked, form: Any) -> str:
        given = form.cleaned_data
        NoteContact(
            contact=asked.lead,
            user=asked.user,
            kind=self.kind,
            at=given["at"],
            token=form.key,
            result=given.get("result", ""),
            minutes=given.get("minutes"),
            text=given["text"],
        ).execute()
        return gettext("Noted. The score is up to date.")


@deed
class Call(Talk):
    name: ClassVar[str] = "call"
    order: ClassVar[int] = 10
    kind: ClassVar[str] = "call"
    title: ClassVar[str | Promise] = _("Log a call")
    icon: ClassVar[str] = "call"

    def form(self, asked: Asked, data: Any = None) -> LeadForm:
        form = CallForm(data)
        result: Any = form.fields["result"]
        result.choices = CallEntry.Result.choices
        return form


@deed
class Meeting(Talk):
    name: ClassVar[str] = "meeting"
    order: ClassVar[int] = 20
    kind: ClassVar[str] = "meeting"
    title: ClassVar[str | Promise] = _("Log a meeting")
    icon: ClassVar[str] = "groups"


@deed
class Written(Talk):
    name: ClassVar[str] = "written"
    order: ClassVar[int] = 30
    kind: ClassVar[str] = "email_sent"
    title: ClassVar[str | Promise] = _("Log an e-mail")
    icon: ClassVar[str] = "forward_to_inbox"

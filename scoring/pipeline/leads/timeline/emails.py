"""E-mails to the contact, by a person, an automation or a sequence, and how each stands."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from scoring.automations.outbox.admin.messages import COLOURS
from scoring.automations.outbox.messages import Message
from scoring.pipeline.leads.timeline.base import Entry, Source, View, register


@register
class Emails(Source):
    name: ClassVar[str] = "email"
    kind: ClassVar[str] = "emails"
    permission: ClassVar[str] = "scoring.view_message"
    at: ClassVar[str] = "created_at"

    def rows(self, view: View) -> QuerySet[Any]:
        found = Message.objects.filter(contact=view.lead.pk, channel="email")
        return found.visible_to(view.user)

    def entries(self, rows: Sequence[Any], view: View) -> list[Entry]:
        return [self.shown(row) for row in rows]

    def shown(self, message: Message) -> Entry:
        state = "kept" if message.kept else message.state
        content = message.content
        return self.entry(
            message,
            message.subject,
            by=str(content.get("from_name", "")),
            text="\n".join(filter(None, (message.last_error, str(content.get("text", ""))))),
            state=gettext("kept here") if message.kept else message.get_state_display(),
            tone=COLOURS.get(state, "info"),
            link=reverse("admin:scoring_message_change", args=[message.pk]),
        )

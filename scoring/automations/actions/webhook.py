"""Tell another system: Zapier, Make, n8n or one's own, by a signed webhook."""

import re
from dataclasses import dataclass
from typing import Any, Final, Self

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from scoring.automations.actions.base import Action, ActionForm, Impossible, Occasion, register
from scoring.automations.outbox.channels.webhook import BODY_MOST
from scoring.automations.outbox.messages import Message, frozen
from scoring.automations.outbox.payloads import payload
from scoring.automations.outbox.receivers import Endpoint
from scoring.criteria.faults import Node

EVENT = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
LONGEST_EVENT: Final = 100
USUAL_EVENT: Final = "lead.crossed"


def endpoint_names() -> list[tuple[str, str]]:
    return [("", "---------"), *((name, name) for name in names_of_endpoints())]


def names_of_endpoints() -> list[str]:
    return list(Endpoint.objects.order_by("name").values_list("name", flat=True))


def is_event(text: str) -> bool:
    return len(text) <= LONGEST_EVENT and bool(EVENT.fullmatch(text))


class WebhookForm(ActionForm):
    endpoint = forms.ChoiceField(
        label=gettext_lazy("Endpoint"), choices=endpoint_names, widget=UnfoldAdminSelectWidget
    )
    event = forms.CharField(
        label=gettext_lazy("Event"),
        max_length=LONGEST_EVENT,
        initial=USUAL_EVENT,
        help_text=gettext_lazy("Words with dots between them, as in lead.hot"),
        widget=UnfoldAdminTextInputWidget,
    )

    def clean_event(self) -> str:
        event: str = self.cleaned_data["event"]
        if not is_event(event):
            raise forms.ValidationError(bad_event())
        return event


def bad_event() -> str:
    return _("must be small letters, digits and _, with dots between the words")


@register
@dataclass(frozen=True, slots=True)
class Webhook(Action):
    kind = "webhook"
    title = gettext_lazy("Send a webhook")
    icon = "webhook"
    form = WebhookForm

    endpoint: str
    event: str

    @classmethod
    def read(cls, node: Node) -> Self:
        fields = node.fields(required=["endpoint"], optional=["event"])
        endpoint = fields["endpoint"].name() if "endpoint" in fields else ""
        event = fields["event"].text() if "event" in fields else USUAL_EVENT
        if not is_event(event):
            fields["event"].fault(bad_event())
        return cls(endpoint, event)

    def data(self) -> dict[str, object]:
        return {"endpoint": self.endpoint, "event": self.event}

    def sentence(self) -> str:
        said = _("send the webhook %(event)s to “%(endpoint)s”")
        return said % {"event": self.event, "endpoint": self.endpoint}

    def problems(self) -> list[str]:
        found = Endpoint.objects.filter(name=self.endpoint).first()
        if found is None:
            return [no_endpoint(self.endpoint)]
        if not found.active:
            return [_("The endpoint “%(name)s” is switched off.") % {"name": self.endpoint}]
        return []

    def run(self, occasion: Occasion) -> str:
        endpoint = Endpoint.objects.filter(name=self.endpoint).first()
        if endpoint is None:
            raise Impossible(no_endpoint(self.endpoint))
        Message.objects.post(
            key=occasion.key,
            channel="webhook",
            recipient=self.endpoint,
            subject=self.event,
            body=self.body(occasion, endpoint),
            contact=occasion.contact,
            crossing=occasion.crossing,
        )
        return _("The webhook to “%(name)s” is in the outbox.") % {"name": self.endpoint}

    def body(self, occasion: Occasion, endpoint: Endpoint) -> dict[str, Any]:
        """With all fields only where they fit: receivers are promised 20 KB at most."""
        full = payload(self.event, occasion, full=endpoint.full_body)
        if len(frozen(full).encode()) <= BODY_MOST:
            return full
        return payload(self.event, occasion, full=False)


def no_endpoint(name: str) -> str:
    return _("There is no endpoint “%(name)s”.") % {"name": name}

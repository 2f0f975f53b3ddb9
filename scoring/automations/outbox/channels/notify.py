"""Notifications to a team's channel, by Apprise: Slack, Teams, Telegram, e-mail and others."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.automations.outbox.channel import (
    TOTAL_SECONDS,
    Channel,
    NotNow,
    Outcome,
    Parcel,
    Result,
    register,
)
from scoring.automations.outbox.guard import watched
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.receivers import Destination, apprise, service_of
from scoring.automations.outbox.sealed import Unreadable

if TYPE_CHECKING:
    from apprise import NotifyBase


@register
class NotifyChannel(Channel):
    """The recipient is the name of a destination."""

    name = "notify"
    title = gettext_lazy("Notification")
    icon = "campaign"

    def parcel(self, message: Message, now: datetime) -> Parcel:
        service = service_for(message)
        title = message.subject
        text = text_of(message)
        head = f"{service.service_name}\n{title}"
        return Parcel(head, lambda: send(service, title, text))


def service_for(message: Message) -> "NotifyBase":
    """Raises NotNow."""
    destination = Destination.objects.filter(name=message.recipient).first()
    if destination is None:
        problem = _("There is no destination “%(name)s”.")
    elif not destination.active:
        problem = _("The destination “%(name)s” is switched off.")
    elif isinstance(destination.url, Unreadable):
        problem = _("The address of “%(name)s” cannot be read: SECRET_KEY has changed.")
    elif (service := service_of(destination.url)) is None:
        problem = _("The address of “%(name)s” names no service.")
    else:
        return service
    raise NotNow(Outcome(Result.DEAD, problem % {"name": message.recipient}))


def text_of(message: Message) -> str:
    """With the message's id: these services know none, and a person tells repetitions by it."""
    content = message.content
    lines = [str(content.get(name, "")) for name in ("text", "link")]
    return "\n".join([*filter(None, lines), f"[{message.key}]"])


def send(service: "NotifyBase", title: str, text: str) -> Outcome:
    """One destination at a time: of several Apprise tells only whether all have taken it."""
    with watched(TOTAL_SECONDS, checked=True) as watch:
        result = apprise()([service]).notify(title=title, body=text)
    said = "\n".join(entry.message for entry in result.logs())
    if watch.refused:
        return Outcome(Result.BLOCKED, watch.refused[0], response=said)
    if result:
        return Outcome(Result.SENT, response=said)
    if watch.deadline.expired:
        seconds = round(TOTAL_SECONDS)
        problem = _("No answer within %(seconds)d s.") % {"seconds": seconds}
    else:
        problem = _("The service has not taken it.")
    return Outcome(Result.RETRY, problem, response=said)

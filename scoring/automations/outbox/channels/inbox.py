"""Notifications inside the admin, for the people who work here."""

from datetime import datetime

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.automations.outbox.channel import Channel, NotNow, Outcome, Parcel, Result, register
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import Notification


@register
class InboxChannel(Channel):
    """The recipient is a user name. Stored with the outcome: so it is there exactly once."""

    name = "inbox"
    title = gettext_lazy("In-app notification")
    icon = "notifications"
    leaves = False

    def lane(self, recipient: str) -> str:
        return self.name

    def parcel(self, message: Message, now: datetime) -> Parcel:
        if not User.objects.filter(username=message.recipient).exists():
            problem = _("There is no user “%(name)s”.") % {"name": message.recipient}
            raise NotNow(Outcome(Result.DEAD, problem))
        return Parcel("", lambda: Outcome(Result.SENT))

    def settle(self, message: Message, outcome: Outcome, now: datetime) -> None:
        user = User.objects.filter(username=message.recipient).first()
        if outcome.result is not Result.SENT or user is None:
            return
        content = message.content
        Notification.objects.get_or_create(
            message=message,
            defaults={
                "user": user,
                "title": message.subject,
                "text": str(content.get("text", "")),
                "link": str(content.get("link", ""))[:500],
            },
        )

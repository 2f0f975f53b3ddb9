"""E-mails to the people who work here."""

from datetime import datetime

from django.utils.translation import gettext_lazy

from scoring.automations.outbox.channel import Channel, Parcel, register
from scoring.automations.outbox.channels.email import head_of, letter_of, send
from scoring.automations.outbox.messages import Message


@register
class StaffChannel(Channel):
    """The recipient is the address of a colleague; no contact is asked."""

    name = "staff"
    title = gettext_lazy("E-mail to a colleague")
    icon = "forward_to_inbox"

    def lane(self, recipient: str) -> str:
        """All share the one mail server."""
        return "email"

    def parcel(self, message: Message, now: datetime) -> Parcel:
        letter = letter_of(message)
        link = str(message.content.get("link", ""))
        if link:
            letter.body = f"{letter.body}\n\n{link}"
        return Parcel(head_of(letter), lambda: send(letter))

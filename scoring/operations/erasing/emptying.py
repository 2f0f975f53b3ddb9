"""What is taken out of JSON where some of it has to stay: of activities and of messages."""

import hashlib
import re
from typing import Any, Final

from contacts.models import Activity
from scoring.automations.outbox.channel import CHANNELS
from scoring.automations.outbox.messages import Message, frozen
from scoring.operations.erasing.identity import Identity

# By these reports count: who it was of us, what came of it, and in which band.
COUNTED_PROPERTIES: Final = ("by", "result", "band", "answered", "minutes")
WORD: Final = re.compile(r"[\w.@+-]{1,150}")


def empty_activities(identity: Identity) -> None:
    """What reports count by stays: words, numbers, yes and no."""
    rows = Activity.objects.filter(contact=identity.contact_id, properties__isnull=False)
    for pk, properties in list(rows.values_list("pk", "properties")):
        given: dict[str, Any] = properties or {}
        kept = {name: value for name, value in given.items() if is_counted(name, value)}
        Activity.objects.filter(pk=pk).unnoted().update(properties=kept or None)


def is_counted(name: str, value: Any) -> bool:
    is_word = isinstance(value, str) and bool(WORD.fullmatch(value))
    return name in COUNTED_PROPERTIES and (is_word or isinstance(value, bool | int | float))


def empty_messages(identity: Identity) -> None:
    """That something was sent, when and how, stays; not to which address, nor what."""
    to_contact = [name for name, channel in CHANNELS.items() if channel.to_contact]
    messages = Message.objects.filter(contact=identity.contact_id)
    messages.filter(channel__in=to_contact).update(recipient=identity.address)
    for message in messages:
        body = frozen(emptied(message.content))
        digest = hashlib.sha256(body.encode()).hexdigest()
        Message.objects.filter(pk=message.pk).update(body=body, body_sha256=digest)


def emptied(value: Any) -> Any:
    """The same shape, every text in it empty."""
    if isinstance(value, dict):
        return {key: emptied(each) for key, each in value.items()}
    if isinstance(value, list):
        return [emptied(each) for each in value]
    return "" if isinstance(value, str) else value

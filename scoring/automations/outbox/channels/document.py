"""E-mails to the people who work here, with a file that is made when they leave."""

from datetime import datetime

from django.core.mail import EmailMultiAlternatives
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.automations.outbox.attachments import ATTACHMENTS, Facts, Without
from scoring.automations.outbox.channel import Channel, NotNow, Outcome, Parcel, Result, register
from scoring.automations.outbox.channels.email import head_of, letter_of, send
from scoring.automations.outbox.messages import Message


@register
class DocumentChannel(Channel):
    """Its body has ``attachment``: the ``kind`` of file and what that wants to know."""

    name = "document"
    title = gettext_lazy("E-mail with a file to a colleague")
    icon = "attach_email"
    takes_long = True

    def lane(self, recipient: str) -> str:
        """One of their own: a file that is being made holds up no other letter."""
        return self.name

    def parcel(self, message: Message, now: datetime) -> Parcel:
        letter = letter_of(message)
        said = attach(letter, message.content["attachment"])
        return Parcel(f"{head_of(letter)}\n{said}", lambda: send(letter))


def attach(letter: EmailMultiAlternatives, facts: Facts) -> str:
    """What became of the file, as a line of the head. Raises NotNow."""
    kind = ATTACHMENTS.get(str(facts["kind"]))
    if kind is None:
        problem = _("There is no kind of file “%(kind)s” any more.")
        raise NotNow(Outcome(Result.DEAD, problem % {"kind": facts["kind"]}))
    try:
        file = kind.make(facts)
    except Without as reason:
        letter.body = f"{letter.body}\n\n{reason}"
        return _("Without the file: %(reason)s") % {"reason": reason}
    letter.attach(file.name, file.content, file.mime)
    size = filesizeformat(len(file.content))
    return _("File: %(name)s, %(size)s") % {"name": file.name, "size": size}

"""E-mails from one person to one contact, through Django's mail backend."""

import hashlib
import smtplib
from datetime import datetime
from email.header import decode_header, make_header
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact
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
from scoring.automations.outbox.messages import Message, one_line, why_not


@register
class EmailChannel(Channel):
    """The recipient is an address; what the body may hold: ``letters.letter``."""

    name = "email"
    title = gettext_lazy("E-mail")
    icon = "mail"
    to_contact = True

    def lane(self, recipient: str) -> str:
        """All share the one mail server."""
        return self.name

    def parcel(self, message: Message, now: datetime) -> Parcel:
        # Read again: what was so when it was posted may have changed.
        contact = Contact.objects.get(messages=message)
        if reason := why_not(contact):
            raise NotNow(Outcome(Result.CANCELLED, reason))
        letter = letter_of(message)
        return Parcel(head_of(letter), lambda: send(letter))


def letter_of(message: Message) -> EmailMultiAlternatives:
    content = message.content
    letter = EmailMultiAlternatives(
        subject=message.subject,
        body=str(content.get("text", "")),
        from_email=sender(str(content.get("from_name", ""))),
        to=[message.recipient],
        reply_to=[formataddr(pair) for pair in reply_to(content)],
        headers={"Message-ID": message_id(message.key), **unsubscribe_headers(content)},
    )
    if html := content.get("html"):
        letter.attach_alternative(str(html), "text/html")
    return letter


def sender(name: str) -> str:
    """The owner by name; the address is ours, for only that may our mail server send."""
    known, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((one_line(name) or known, address))


def reply_to(content: dict[str, Any]) -> list[tuple[str, str]]:
    address = one_line(str(content.get("reply_to", "")), 320)
    return [(one_line(str(content.get("from_name", ""))), address)] if address else []


def message_id(key: str) -> str:
    """Made from the key alone: a mail program shows a repetition as the same letter."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{digest}@{domain}>"


def unsubscribe_headers(content: dict[str, Any]) -> dict[str, str]:
    """So that mail programs show their own button, which posts to that address (RFC 8058)."""
    url = one_line(str(content.get("unsubscribe_url", "")), 2000)
    if not url:
        return {}
    return {
        "List-Unsubscribe": f"<{url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def head_of(letter: EmailMultiAlternatives) -> str:
    """From, To, Subject and the rest, as people read them."""
    lines = {"From": readable(letter.from_email), "To": ", ".join(letter.to)}
    lines["Subject"] = str(letter.subject)
    if letter.reply_to:
        lines["Reply-To"] = readable(", ".join(letter.reply_to))
    return "\n".join(f"{name}: {text}" for name, text in {**lines, **letter.extra_headers}.items())


def readable(header: str) -> str:
    """Without the encoding that accents take on the way."""
    return str(make_header(decode_header(header)))


def send(letter: EmailMultiAlternatives) -> Outcome:
    with watched(TOTAL_SECONDS, checked=False) as watch:
        try:
            letter.send()
        except smtplib.SMTPRecipientsRefused as error:
            return refused(error)
        except BadHeaderError as error:
            return Outcome(Result.DEAD, str(error))
        except smtplib.SMTPResponseException as error:
            return answered(error)
        except (OSError, smtplib.SMTPException) as error:
            slow = _("No answer within %(seconds)d s.") % {"seconds": round(TOTAL_SECONDS)}
            return Outcome(Result.RETRY, slow if watch.deadline.expired else str(error))
    return Outcome(Result.SENT)


def answered(error: smtplib.SMTPResponseException) -> Outcome:
    """For good where the server says 5xx of the letter; who may send is another matter."""
    said = error.smtp_error
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    ours = isinstance(error, smtplib.SMTPAuthenticationError)
    result = Result.DEAD if error.smtp_code >= 500 and not ours else Result.RETRY
    return Outcome(result, _("The mail server refuses the letter."), error.smtp_code, text)


def refused(error: smtplib.SMTPRecipientsRefused) -> Outcome:
    """For good where the mail server says 5xx: it knows the address, and takes nothing for it."""
    code, said = next(iter(error.recipients.values()))
    text = said.decode(errors="replace")
    result = Result.DEAD if code >= 500 else Result.RETRY
    return Outcome(result, _("The mail server refuses the recipient."), code, text)

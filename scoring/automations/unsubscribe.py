"""Unsubscribing without a log-in: whoever has the link of an e-mail says no, or yes again.

The link is a signed token that names the contact and the message. It opens one page, which
asks; only a POST does it, for mail scanners follow every link that they see.
"""

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from contacts.models import Contact, Merge
from contacts.provenance import recorded_as
from contacts.records import ActivityRecord
from contacts.storing import store_activities
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.leaving import take_out

if TYPE_CHECKING:
    from collections.abc import Callable

SALT: Final = "unsubscribe"
ORIGIN: Final = "unsubscribe link"
LANGUAGES: Final = dict(settings.LANGUAGES)
HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
}


@dataclass(frozen=True, slots=True)
class Asker:
    """Who has come by a link, and with which message it went out."""

    contact: Contact
    message_key: str


def unsubscribe_link(contact: Contact, message_key: str) -> str:
    """The whole address of the page on which this contact says no to e-mails.

    That of a test run works for nobody: it is read by somebody else than the contact.
    """
    is_test = message_key.startswith("test:")
    token = "test" if is_test else token_of(contact, message_key)
    return settings.SITE_URL + reverse("unsubscribe", args=[token])


def token_of(contact: Contact, message_key: str) -> str:
    return signing.dumps([contact.pk, message_key], salt=SALT, compress=True)


def asker_of(token: str) -> Asker | None:
    """None where the token is not ours, or its contact is not there any more."""
    try:
        pk, message_key = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    # Letters that went out before a merge have the link of a contact that is another one now.
    rows = Contact.objects.all()
    contact = rows.filter(pk=pk).first() or rows.filter(pk=Merge.objects.current_id(pk)).first()
    return Asker(contact, message_key) if contact else None


def unsubscribe(asker: Asker) -> bool:
    """Nothing more is sent to this contact; False where that was so already."""
    with transaction.atomic(), recorded_as(ORIGIN):
        contact = Contact.objects.select_for_update(no_key=True).get(pk=asker.contact.pk)
        if contact.unsubscribed:
            return False
        contact.unsubscribed = True
        contact.save()
        note(contact, asker.message_key)
        take_out(contact, Enrolment.Reason.UNSUBSCRIBED)
        Message.objects.cancel_for(contact, _("The contact has unsubscribed."))
    return True


def note(contact: Contact, message_key: str) -> None:
    """An activity, one for each message, about what that message was known by."""
    sent = Message.objects.filter(key=message_key).values_list("target", flat=True).first()
    record = ActivityRecord(
        contact=contact.email,
        type="unsubscribe",
        occurred_at=timezone.now(),
        target=sent or "",
        source=ORIGIN,
        external_id=message_key,
    )
    store_activities([record])


def subscribe_again(asker: Asker) -> None:
    with transaction.atomic(), recorded_as(ORIGIN):
        contact = Contact.objects.select_for_update(no_key=True).get(pk=asker.contact.pk)
        if contact.unsubscribed:
            contact.unsubscribed = False
            contact.save()


def language_of(contact: Contact) -> str:
    """The contact's own language, where we speak it; otherwise empty."""
    code = contact.language.strip().lower()[:2]
    return code if code in LANGUAGES else ""


def masked(address: str) -> str:
    """An address that whoever has it recognises: ``a•••@e•••.com``."""
    name, _at, domain = address.rpartition("@")
    host, _dot, ending = domain.rpartition(".")
    return f"{name[:1]}•••@{host[:1]}•••.{ending}"


def strict(view: "Callable[..., HttpResponse]") -> "Callable[..., HttpResponse]":
    """Nothing is kept, indexed, loaded from elsewhere or run."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        response = view(request, *args, **options)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return wrapped


# The token is what permits it, and a mail program that posts has no cookie.
@csrf_exempt
@strict
def unsubscribe_view(request: HttpRequest, token: str) -> HttpResponse:
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    asker = asker_of(token)
    asked = request.GET.get("lang", "")
    own = language_of(asker.contact) if asker else ""
    language = asked if asked in LANGUAGES else own or translation.get_language() or "en"
    with translation.override(language):
        if asker is None:
            return page(request, language, {"state": "unknown"}, status=404)
        return page(request, language, answer(request, asker))


def answer(request: HttpRequest, asker: Asker) -> dict[str, Any]:
    """What the page says, after doing what was asked."""
    about = {"address": masked(asker.contact.email)}
    if request.method != "POST":
        return {**about, "state": "already" if asker.contact.unsubscribed else "asked"}
    if "again" in request.POST:
        subscribe_again(asker)
        return {**about, "state": "again"}
    return {**about, "state": "done" if unsubscribe(asker) else "already"}


def page(
    request: HttpRequest, language: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    others = [(code, name) for code, name in NAMES.items() if code != language]
    context = {**context, "language": language, "others": others}
    return TemplateResponse(
        request, "scoring/automations/unsubscribe.html", context, status=status
    ).render()


# Each in its own language, for whoever cannot read this one.
NAMES: Final = {"en": "English", "es": "Español"}

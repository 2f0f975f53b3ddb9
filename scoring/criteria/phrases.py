"""What people do, in words: the verb phrase of each activity type."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scoring.criteria.type_labels import type_label

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Each follows "they" and "they do not"; a translation has to fit both, as "visita una
# página" fits "cada vez que visita una página" and "si no visita una página".
PHRASES: "dict[str, StrOrPromise]" = {
    "page_view": gettext_lazy("visit a page"),
    "visit": gettext_lazy("visit the site"),
    "email_open": gettext_lazy("open an e-mail"),
    "email_click": gettext_lazy("click in an e-mail"),
    "email_reply": gettext_lazy("reply to an e-mail"),
    "form_submit": gettext_lazy("send a form"),
    "download": gettext_lazy("download something"),
    "document_view": gettext_lazy("read a document"),
    "webinar_signup": gettext_lazy("sign up for a webinar"),
    "webinar_attend": gettext_lazy("take part in a webinar"),
    "event_attend": gettext_lazy("take part in an event"),
    "purchase": gettext_lazy("buy something"),
    "unsubscribe": gettext_lazy("unsubscribe"),
    "call": gettext_lazy("have a call"),
    "meeting_booked": gettext_lazy("book a meeting"),
    "social_follow": gettext_lazy("follow us on a social network"),
    "social_like": gettext_lazy("like a post of ours"),
    "social_share": gettext_lazy("share a post of ours"),
    "social_comment": gettext_lazy("comment on a post of ours"),
    "newsletter_signup": gettext_lazy("sign up for the newsletter"),
    "newsletter_open": gettext_lazy("open the newsletter"),
    "newsletter_click": gettext_lazy("click in the newsletter"),
}


def phrase(slug: str) -> str:
    """Translated: ``visit a page``; of a type without a phrase: ``do “Asked a price”``."""
    if slug in PHRASES:
        return str(PHRASES[slug])
    return _("do “%(type)s”") % {"type": type_label(slug)}


def anything_of(slugs: tuple[str, ...]) -> str:
    phrases = [phrase(slug) for slug in slugs]
    if len(phrases) == 1:
        return phrases[0]
    return _("%(first)s or %(last)s") % {"first": ", ".join(phrases[:-1]), "last": phrases[-1]}

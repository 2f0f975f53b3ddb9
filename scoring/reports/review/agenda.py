"""The usual agenda: kept in English, and read by everybody in their own language."""

from typing import Final

from django.utils.translation import gettext, gettext_noop

# Title and minutes: 25 in all.
USUAL_AGENDA: Final = (
    (gettext_noop("What became of the last decisions"), 3),
    (gettext_noop("New hot leads and what sales did"), 7),
    (gettext_noop("Hot but rejected, cold but won"), 6),
    (gettext_noop("Rules that help and rules that do not"), 5),
    (gettext_noop("Decisions"), 4),
)
USUAL: Final = frozenset(title for title, _minutes in USUAL_AGENDA)


def said(title: str) -> str:
    """A usual point in the language in use; what people called one as they wrote it."""
    return gettext(title) if title in USUAL else title

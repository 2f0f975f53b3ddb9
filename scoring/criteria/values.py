"""The values that a document may hold: checked once, immutable, and back to plain data.

What a number, an instant or a text may be is said in ``contacts.values``, for data and
documents alike.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from django.utils.translation import gettext as _

from contacts import values
from contacts.normalise import normalise
from contacts.values import Number, Wrong
from scoring.criteria.durations import Duration


@dataclass(frozen=True)
class Text:
    """A text to compare with, as written; ``norm`` is what databases compare."""

    written: str

    @cached_property
    def norm(self) -> str:
        return normalise(self.written)


@dataclass(frozen=True, slots=True)
class Instant:
    """A day or an instant as written; ``at`` is it in UTC, a day being its midnight."""

    written: str
    at: datetime


Value = Text | tuple[Text, ...] | int | float | tuple[Number, ...] | Instant | Duration | None


def plain(value: Value) -> object:
    """The value as it stands in a document."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, Text | Instant):
        return value.written
    return str(value) if isinstance(value, Duration) else value


def clean_text(data: object) -> str:
    """Any text in NFC, without U+0000 and lone surrogates."""
    if not isinstance(data, str):
        raise Wrong(_("must be text; put it in quotes if it looks like something else"))
    return unicodedata.normalize("NFC", values.storable(data))


def comparable_text(data: object) -> Text:
    """A text that is not empty once normalised, so that it can be compared with."""
    text = Text(clean_text(data))
    if not text.norm:
        raise Wrong(_("must not be empty; to test for empty use is_empty"))
    return text


def number(data: object) -> Number:
    """A finite number of at most 15 significant digits: an int where it is whole."""
    read = values.number(data)
    if read is None:
        raise Wrong(_("must be a number"))
    return read


def whole_number(data: object) -> int:
    read = number(data)
    if isinstance(read, float):
        raise Wrong(_("must be a whole number"))
    return read


def day_or_instant(data: object) -> Instant:
    """A day, meaning its midnight in UTC, or an instant with its offset."""
    written = data.strip() if isinstance(data, str) else ""
    if values.DAY.fullmatch(written) and (day := values.day(written)):
        return Instant(day, datetime.fromisoformat(day).replace(tzinfo=UTC))
    if values.INSTANT.fullmatch(written) and (at := values.instant(written)):
        return Instant(written, at)
    raise Wrong(
        _(
            "must be a date as in 2026-03-31, or an instant with its offset as in "
            "2026-03-31T10:00:00Z"
        )
    )

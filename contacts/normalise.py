"""The one text normalisation of the product: what two texts must share to be equal.

Every text that a rule may compare is stored twice, as typed and normalised, so that a
database only ever compares plain text: neither SQLite's nor PostgreSQL's own ideas of
case and accents take part.
"""

import hashlib
import unicodedata
from collections.abc import Mapping
from datetime import date

EPOCH = date(1970, 1, 1)
PHONE_DIGITS = 9


def normalise(text: str) -> str:
    """The comparable form: no accents, no case, no outer or doubled white space.

    NFKD, then without the characters of non-zero canonical combining class, then
    ``str.casefold``, then ``str.split`` put together by single blanks.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


def email_key(address: str) -> str:
    """What makes two addresses the same contact: outer blanks and case do not count."""
    return address.strip().lower()


def phone_key(number: str) -> str:
    """What two ways of writing one number share: its last nine digits; empty for what is shorter.

    So with the prefix of the country or without, and with 00 or +.
    """
    digits = "".join(letter for letter in number if letter in "0123456789")
    return digits[-PHONE_DIGITS:] if len(digits) >= PHONE_DIGITS else ""


def digest(text: str) -> str:
    """SHA-256 in hex, for unique keys over texts longer than an index entry may be."""
    return hashlib.sha256(text.encode()).hexdigest()


def tag_types(values: Mapping[str, object], *, dates: bool = False) -> dict[str, object]:
    """The comparable form of typed values, each key led by its type: ``s: n: b: d:``.

    Texts are normalised, numbers are floats, dates (``YYYY-MM-DD``, only where asked for)
    are whole days since 1970-01-01 and stand beside their text, because whether a text is
    a date is for the declaration of the field to say. Empty values are left out, so that
    "no such key" is the whole test for empty.
    """
    tagged: dict[str, object] = {}
    for key, value in values.items():
        if isinstance(value, bool):
            tagged[f"b:{key}"] = value
        elif isinstance(value, int | float):
            tagged[f"n:{key}"] = float(value)
        elif isinstance(value, str) and (text := normalise(value)):
            tagged[f"s:{key}"] = text
            if dates and (days := days_since_epoch(value)) is not None:
                tagged[f"d:{key}"] = days
    return tagged


def days_since_epoch(text: str) -> int | None:
    """Whole days from 1970-01-01 to an ISO date; None where the text is none."""
    if len(text) != len("2026-01-31"):
        return None
    try:
        return (date.fromisoformat(text) - EPOCH).days
    except ValueError:
        return None

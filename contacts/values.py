"""Single values at the border: each function takes what JSON gave and returns what is stored.

They raise ``Wrong`` with a sentence that says what to do; where the value stood is for the
caller to know. Nothing that passes here can make a database fail or two databases differ.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Final, TypeAlias

from django.utils.translation import gettext as _

from contacts.normalise import normalise

Number: TypeAlias = int | float
Reader: TypeAlias = Callable[[object], object]

TEXT_MOST: Final = 255
LONG_TEXT_MOST: Final = 4096
EMAIL_MOST: Final = 254
# Of the addresses that erased contacts have.
ERASED_DOMAIN: Final = "erased.invalid"
DIGITS_MOST: Final = 15

KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
    r"(?:[Zz]|([+-])(\d\d):?(\d\d))",
    re.ASCII,
)
DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
COUNTRY = re.compile(r"[A-Za-z]{2}", re.ASCII)
# Doubles beyond these lose digits, and PostgreSQL refuses to read them.
SMALLEST, LARGEST = Decimal("1e-300"), Decimal("1e300")


class Wrong(ValueError):
    """A value that is refused; the message says what to do, the code is for programs."""

    def __init__(self, message: str, code: str = "invalid_value") -> None:
        super().__init__(message)
        self.code = code


def storable(value: str) -> str:
    """The text itself; refused are U+0000 and lone surrogates, which no database keeps."""
    if "\0" in value:
        raise Wrong(_("The text holds the character U+0000; take it out."), "invalid_text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            message = _("The text holds half a character (a lone surrogate).")
            raise Wrong(message, "invalid_text") from None
    return value


def text(value: object, most: int = TEXT_MOST) -> str:
    """A text of at most ``most`` characters, as typed; null is the empty text."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Wrong(_("This must be text, in quotation marks."))
    if len(value) > most:
        raise Wrong(
            _("The text has %(length)d characters; at most %(most)d are allowed.")
            % {"length": len(value), "most": most},
            "too_long",
        )
    return storable(value)


def filled(value: object, most: int = TEXT_MOST) -> str:
    """A text that has something in it even when normalised."""
    read = text(value, most)
    if not normalise(read):
        raise Wrong(_("The text is empty; write something or leave it out."))
    return read


def short_text(value: object) -> str:
    return text(value, 200)


def long_text(value: object) -> str:
    return text(value, LONG_TEXT_MOST)


def identifier(value: object) -> str | None:
    """A text of at most 200 characters that names a record in its source; None where empty."""
    return text(value, 200) or None


def email(value: object) -> str:
    """An address without outer blanks: one @ with something on both sides, no blanks."""
    address = text(value, TEXT_MOST + LONG_TEXT_MOST).strip()
    if not address:
        raise Wrong(_("The e-mail address is missing."), "required")
    if len(address) > EMAIL_MOST:
        raise Wrong(
            _("The e-mail address has %(length)d characters; at most %(most)d are allowed.")
            % {"length": len(address), "most": EMAIL_MOST}
        )
    before, _at, after = address.partition("@")
    if not before or not after or "@" in after:
        raise Wrong(_("An e-mail address has one @ with something on both sides."))
    if len(address.split()) > 1 or not address.isprintable():
        raise Wrong(_("An e-mail address has no blanks or control characters inside."))
    if after.lower() == ERASED_DOMAIN:
        raise Wrong(_("This address stands for a contact that was erased: it is nobody's."))
    return address


def country(value: object) -> str:
    """Two letters in upper case, or the empty text."""
    code = text(value).strip()
    if code and not COUNTRY.fullmatch(code):
        raise Wrong(_("A country is written with two letters, as in ES."))
    return code.upper()


def boolean(value: object) -> bool:
    """A JSON boolean; null is false."""
    if value is not None and not isinstance(value, bool):
        raise Wrong(_("This must be true or false, without quotation marks."))
    return bool(value)


def number(value: object) -> Number | None:
    """A finite number of at most 15 significant digits; whole ones become ``int``.

    Takes int, float and Decimal (what ``contacts.jsonlines.decode`` gives); null is None.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise Wrong(_("This must be a number, without quotation marks."))
    if isinstance(value, int) and -(10**DIGITS_MOST) < value < 10**DIGITS_MOST:
        return value
    try:
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except InvalidOperation:
        raise Wrong(_("The number is too large or too small.")) from None
    if not exact.is_finite():
        raise Wrong(_("This must be a number that is finite."))
    return _to_python(exact)


def _to_python(exact: Decimal) -> Number:
    """The same number as the databases give it back: whole as int, else a double."""
    if not exact:
        return 0
    if not SMALLEST <= abs(exact) <= LARGEST:
        raise Wrong(_("The number is too large or too small."))
    digits = "".join(map(str, exact.as_tuple().digits)).strip("0")
    if len(digits) > DIGITS_MOST:
        raise Wrong(
            _("The number has %(digits)d significant digits; at most %(most)d are allowed.")
            % {"digits": len(digits), "most": DIGITS_MOST}
        )
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def double(value: object) -> float | None:
    """As ``number``, for columns that hold doubles."""
    read = number(value)
    return None if read is None else float(read)


def money(value: object) -> Decimal | None:
    """An amount with at most 12 digits before the point and 2 after it; null is None."""
    if (read := number(value)) is None:
        return None
    amount = Decimal(str(read))
    if abs(amount) >= Decimal(10) ** 12 or amount != amount.quantize(Decimal("0.01")):
        raise Wrong(_("An amount has at most 12 digits before the point and 2 after it."))
    return amount.quantize(Decimal("0.01"))


def instant(value: object) -> datetime | None:
    """An ISO 8601 instant with offset or Z, as UTC, to the microsecond; null is None."""
    if value is None:
        return None
    if not isinstance(value, str) or not (found := INSTANT.fullmatch(value.strip())):
        raise Wrong(
            _("An instant is written with its offset, as in 2026-03-31T10:00:00Z or +02:00."),
            "invalid_timestamp",
        )
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups()
    if len(fraction or "") > 6:
        message = _("An instant has at most six digits after the second (microseconds).")
        raise Wrong(message, "invalid_timestamp")
    try:
        zone = UTC if sign is None else _offset(sign, int(hours), int(minutes))
        local = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0),
            int((fraction or "0").ljust(6, "0")), zone,
        )  # fmt: skip
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        message = _("There is no such day or time between the years 1 and 9999.")
        raise Wrong(message, "invalid_timestamp") from None


def _offset(sign: str, hours: int, minutes: int) -> timezone:
    if minutes > 59:
        raise ValueError(minutes)
    length = timedelta(hours=hours, minutes=minutes)
    return timezone(-length if sign == "-" else length)


def required_instant(value: object) -> datetime:
    read = instant(value)
    if read is None:
        raise Wrong(_("The instant is missing."), "required")
    return read


def day(value: object) -> str | None:
    """A date as ``YYYY-MM-DD``; null is None."""
    if value is None:
        return None
    found = DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise Wrong(_("A date is written as in 2026-03-31."))
    try:
        return date(*map(int, found.groups())).isoformat()
    except ValueError:
        raise Wrong(_("There is no such day.")) from None


def slug(value: object) -> str:
    """A lower-case word such as ``page_view``."""
    if not isinstance(value, str) or not KEY.fullmatch(value):
        raise Wrong(
            _(
                "This must be a word of lower-case letters, digits and _ that begins with a "
                "letter, as in page_view, with at most 64 characters."
            )
        )
    return value


def one_of(*allowed: str) -> Reader:
    """A reader of texts from a list, compared normalised, stored as in the list."""
    by_norm = {normalise(one): one for one in allowed}

    def read(value: object) -> str:
        wanted = normalise(text(value))
        if wanted and wanted not in by_norm:
            raise Wrong(_("This must be one of: %(allowed)s.") % {"allowed": ", ".join(allowed)})
        return by_norm[wanted] if wanted else ""

    return read

"""JSON as it is accepted at the border, and files of one JSON object a line."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import BinaryIO, Final

from django.utils.translation import gettext as _

LINE_MOST: Final = 10 * 1024 * 1024
DEPTH_MOST: Final = 20
BOM: Final = b"\xef\xbb\xbf"
# Longer integers are read as Decimal, so that no quadratic conversion is ever begun.
SHORT_INTEGER: Final = 18
# Whole texts, also one that does not end: so that a scan goes over each letter once.
TEXTS: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
BRACKETS: Final = re.compile(r"[][{}]")
BLANKS: Final = re.compile(r"[ \t\n\r]*+")


class JsonInvalid(ValueError):
    """What was read is not JSON as accepted here; the message says what to do.

    ``code``, for programs: not_json, invalid_encoding, duplicate_key, too_deep.
    """

    def __init__(self, message: str, code: str = "not_json") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank: its number from 1, and its data or what is wrong with it."""

    number: int
    data: object = None
    fault: str = ""


def decode(content: bytes | str) -> object:
    """JSON as Python values, numbers that are not short integers as Decimal.

    Raises JsonInvalid: not UTF-8, not JSON, a key twice in one object, deeper than 20
    levels. ``NaN`` and ``Infinity`` come back as Decimal, for the border to refuse by path.
    """
    text = decoded(content)
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise not_json(error) from None
    except RecursionError:
        raise too_deep() from None


def decode_parts(content: bytes | str) -> tuple[object, list[str]]:
    """As ``decode``, and of a list also the text of each of its items."""
    text = decoded(content)
    start = skip(text, 0)
    if not text.startswith("[", start):
        return decode(text), []
    try:
        return parts_of(text, skip(text, start + 1))
    except json.JSONDecodeError as error:
        raise not_json(error) from None
    except RecursionError:
        raise too_deep() from None


def parts_of(text: str, place: int) -> tuple[list[object], list[str]]:
    """The items of a list that begins before ``place``, and the text of each."""
    items: list[object] = []
    texts: list[str] = []
    while items or not text.startswith("]", place):
        item, end = DECODER.raw_decode(text, place)
        items.append(item)
        texts.append(text[place:end])
        place = skip(text, end)
        if text.startswith("]", place):
            break
        if not text.startswith(",", place):
            raise json.JSONDecodeError("Expecting ',' delimiter", text, place)
        place = skip(text, place + 1)
    if (end := skip(text, place + 1)) != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return items, texts


def skip(text: str, place: int) -> int:
    """The place of the first character from ``place`` on that is not blank."""
    found = BLANKS.match(text, place)
    return found.end() if found else place


def decoded(content: bytes | str) -> str:
    try:
        text = content.decode() if isinstance(content, bytes) else content
    except UnicodeDecodeError as error:
        message = _("This is not UTF-8: byte %(byte)d is wrong; save the file as UTF-8.")
        raise JsonInvalid(message % {"byte": error.start + 1}, "invalid_encoding") from None
    if deeper_than(text, DEPTH_MOST):
        raise too_deep()
    return text


def not_json(error: json.JSONDecodeError) -> JsonInvalid:
    message = _("This is not JSON: %(reason)s at character %(place)d.")
    return JsonInvalid(message % {"reason": error.msg, "place": error.pos + 1})


def too_deep() -> JsonInvalid:
    message = _("The data is nested too deeply: at most %(most)d levels are allowed.")
    return JsonInvalid(message % {"most": DEPTH_MOST}, "too_deep")


def deeper_than(text: str, levels: int) -> bool:
    """Whether nesting could pass ``levels``: brackets are only walked where there are many."""
    if text.count("[") + text.count("{") <= levels:
        return False
    depth = 0
    for bracket in BRACKETS.findall(TEXTS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > levels:
            return True
    return False


def without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counted = Counter(key for key, _value in pairs)
        twice = counted.most_common(1)[0][0]
        message = _('The key "%(key)s" stands twice in one object.') % {"key": twice[:64]}
        raise JsonInvalid(message, "duplicate_key")
    return found


def integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= SHORT_INTEGER else decimal(digits)


def decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation:  # an exponent beyond what even Decimal holds
        return Decimal("Infinity")


DECODER: Final = json.JSONDecoder(
    object_pairs_hook=without_repetition,
    parse_int=integer,
    parse_float=decimal,
    parse_constant=decimal,
)


def read_lines(file: BinaryIO) -> Iterator[Line]:
    """The lines of a JSON Lines file, one at a time; a line that is wrong does not end it.

    A BOM, CRLF and blank lines are accepted. A line over 10 MB is not read whole.
    """
    number = 0
    while content := file.readline(LINE_MOST + 1):
        number += 1
        if len(content) > LINE_MOST:
            skip_line(file, content)
            message = _("The line is longer than %(most)d MB.") % {"most": LINE_MOST // 1024**2}
            yield Line(number, fault=message)
            continue
        if number == 1:
            content = content.removeprefix(BOM)
        if content.strip():
            yield read_line(number, content)


def read_line(number: int, content: bytes) -> Line:
    try:
        return Line(number, data=decode(content.strip()))
    except JsonInvalid as invalid:
        return Line(number, fault=str(invalid))


def skip_line(file: BinaryIO, content: bytes) -> None:
    while content and not content.endswith(b"\n"):
        content = file.readline(LINE_MOST)

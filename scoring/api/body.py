"""The body of a call: read with limits, then decoded into items. Nothing else looks at it."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import UnreadablePostError
from django.http.request import HttpHeaders
from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from contacts.jsonlines import BOM, JsonInvalid, decode, decode_parts
from leadscoring.slow_clients import SECONDS, patience
from scoring.api.problems import Problem

BODY_MOST: Final = 1024 * 1024
ITEMS_MOST: Final = 500
ITEM_MOST: Final = 32 * 1024
JSON: Final = "application/json"
LINES: Final = ("application/x-ndjson", "application/jsonl", "application/json-lines")
CHARSETS: Final = ("", "utf-8", "utf8")
WIDE: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00")


@dataclass(frozen=True, slots=True)
class Item:
    """One object of a body: its data, and the text that it was."""

    index: int
    data: object
    text: str

    @property
    def size(self) -> int:
        return len(self.text) if self.text.isascii() else len(self.text.encode())


@dataclass(frozen=True, slots=True)
class Body:
    content: bytes
    is_lines: bool

    def items(self) -> list[Item]:
        """Raises Problem: 400 where it is no list of items, 413 where there are too many."""
        items = list(lines_of(self.content) if self.is_lines else parts_of(self.content))
        if not items:
            raise Problem(400, "empty", _("There is nothing in it: send at least one object."))
        if len(items) > ITEMS_MOST:
            message = _("It has %(count)d items; at most %(most)d may come at once.")
            values = {"count": len(items), "most": ITEMS_MOST}
            raise Problem(413, "too_many_items", message % values)
        return items


class BodyParser(BaseParser):
    """Takes what the API understands as it is; DRF chooses it by the media type."""

    is_lines = False

    def parse(
        self, stream: Any, media_type: str | None = None, context: Mapping[str, Any] | None = None
    ) -> Any:
        request = (context or {})["request"]
        refuse_encodings(request.headers, request.content_params or {})
        return Body(read(stream, request.META), self.is_lines)


class JsonParser(BodyParser):
    media_type = JSON


class NdjsonParser(BodyParser):
    media_type = LINES[0]
    is_lines = True


class JsonlParser(BodyParser):
    media_type = LINES[1]
    is_lines = True


class JsonLinesParser(BodyParser):
    media_type = LINES[2]
    is_lines = True


PARSERS: Final = [JsonParser, NdjsonParser, JsonlParser, JsonLinesParser]


def body_of(request: Request) -> Body:
    """The body of a call. Raises Problem where there is none."""
    if isinstance(request.data, Body):
        return request.data
    read(None, request.META)
    raise Problem(400, "empty", _("There is nothing in it: send at least one object."))


def refuse_encodings(headers: HttpHeaders, parameters: Mapping[str, str]) -> None:
    if headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        message = _("Compressed bodies are not accepted; send it as it is.")
        raise Problem(415, "unsupported_encoding", message)
    if parameters.get("charset", "").strip('"').lower() not in CHARSETS:
        message = _("Only UTF-8 is accepted.")
        raise Problem(415, "unsupported_charset", message)


def read(stream: Any, meta: Mapping[str, Any]) -> bytes:
    """The whole body. Raises Problem where it is too large, or did not all arrive."""
    length = str(meta.get("CONTENT_LENGTH") or "")
    if not length.isdecimal() or len(length) > 18:
        chunked = "chunked" in str(meta.get("HTTP_TRANSFER_ENCODING", "")).lower()
        if chunked or length:
            message = _("The header Content-Length is needed.")
            raise Problem(400, "length_required", message)
        return b""
    if int(length) > BODY_MOST:
        message = _("The body has %(length)d bytes; at most %(most)d are accepted.")
        values = {"length": int(length), "most": BODY_MOST}
        raise Problem(413, "too_large", message % values)
    with patience(meta.get("gunicorn.socket")):
        try:
            content: bytes = stream.read(int(length)) if stream else b""
        except (UnreadablePostError, OSError):
            content = b""
    # Of lines, those that did arrive would look whole.
    if len(content) < int(length):
        message = _("The body broke off before its end, or took longer than %(seconds)d seconds.")
        raise Problem(400, "incomplete", message % {"seconds": int(SECONDS)})
    return content


def parts_of(content: bytes) -> Iterator[Item]:
    """The objects of a JSON list, or the one object."""
    text = text_of(content)
    data, texts = decoded(text)
    if isinstance(data, list):
        yield from (Item(at, one, texts[at]) for at, one in enumerate(data))
    elif isinstance(data, dict) and data:
        yield Item(0, data, text.strip())
    elif not isinstance(data, dict):
        raise Problem(400, "wrong_shape", _("Send an object {...} or a list of them [...]."))


def decoded(text: str) -> tuple[object, list[str]]:
    try:
        return decode_parts(text)
    except JsonInvalid as invalid:
        raise Problem(400, invalid.code, str(invalid)) from None


def lines_of(content: bytes) -> Iterator[Item]:
    """The objects of JSON Lines. One line that is not JSON refuses the body."""
    index = 0
    for number, line in enumerate(io.StringIO(text_of(content), newline="\n"), 1):
        if not (text := line.strip(" \t\r\n")):
            continue
        try:
            yield Item(index, decode(text), text)
        except JsonInvalid as invalid:
            message = _("Line %(number)d: %(fault)s") % {"number": number, "fault": invalid}
            raise Problem(400, invalid.code, message) from None
        index += 1


def text_of(content: bytes) -> str:
    """Raises Problem where it is not UTF-8 without a mark, or nothing at all."""
    if content.startswith(BOM) or content.startswith(WIDE) or content[1:2] == b"\0":
        message = _("Only UTF-8 without a byte order mark is accepted.")
        raise Problem(400, "invalid_encoding", message)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        message = _("This is not UTF-8: byte %(byte)d is wrong.")
        raise Problem(400, "invalid_encoding", message % {"byte": error.start + 1}) from None
    if not text.strip():
        raise Problem(400, "empty", _("There is nothing in it: send at least one object."))
    return text

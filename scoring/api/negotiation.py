"""Which format is spoken: JSON, in UTF-8, whatever the client says that it likes."""

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation


class OneFormat(BaseContentNegotiation):
    """The view's first renderer, and the parser of exactly this media type."""

    def select_parser(self, request: Any, parsers: Iterable[Any]) -> Any:
        given = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == given), None)

    def select_renderer(
        self, request: Any, renderers: Iterable[Any], format_suffix: str | None = None
    ) -> tuple[Any, str]:
        first = next(iter(renderers))
        return first, first.media_type

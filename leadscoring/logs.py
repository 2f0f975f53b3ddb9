"""How a log line looks."""

import logging
import re
import time
from typing import Final

# What scoring.api.keys makes; the part before the last underscore is no secret.
API_KEY: Final = re.compile(r"(ls_[a-z0-9]{8})_[A-Za-z0-9_-]{43}")


class OneLine(logging.Formatter):
    """Time in UTC, level, logger, message.

    Control characters of a message are escaped: what a client sends cannot forge a line. An
    API key that somebody put into an address is left out.
    A traceback, which is ours, keeps its lines.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = API_KEY.sub(r"\1_***", super().formatMessage(record))
        return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)

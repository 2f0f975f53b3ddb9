"""How a log line looks."""

import copy
import logging
import re
import time
from http import HTTPStatus
from typing import Final

# What scoring.api.keys makes; the part before the last underscore is no secret.
API_KEY: Final = re.compile(r"(ls_[a-z0-9]{8})_[A-Za-z0-9_-]{43}")
# From here on an answer tells of a fault of ours.
FAULT: Final = HTTPStatus.INTERNAL_SERVER_ERROR
# The private address of somebody's calendar.
CALENDAR: Final = re.compile(r"/calendar/[^/\s?]+\.ics")


def without_secrets(line: str) -> str:
    """Without the keys that an address of ours may hold."""
    return CALENDAR.sub("/calendar/***.ics", API_KEY.sub(r"\1_***", line))


class OneLine(logging.Formatter):
    """Time in UTC, level, logger, message.

    Control characters of a message are escaped: what a client sends cannot forge a line. An
    API key that somebody put into an address, and that of a calendar, are left out.
    A traceback, which is ours, keeps its lines; of an answer that is no fault of ours, such as
    a refusal, there is none.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        # Django gives it with an answer: whoever may not, or asks wrongly, broke nothing.
        if getattr(record, "status_code", FAULT) < FAULT:
            record = copy.copy(record)
            record.exc_info = record.exc_text = None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = without_secrets(super().formatMessage(record))
        return "".join(char if char.isprintable() else repr(char)[1:-1] for char in line)

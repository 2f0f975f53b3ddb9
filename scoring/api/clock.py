"""When something happened, by clocks that may be wrong: pure, and the same for every source."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from contacts.values import Wrong

SKEW_LEAST: Final = timedelta(minutes=5)
AHEAD_MOST: Final = timedelta(hours=24)
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Instant:
    """``at``: what is stored; ``note``: "", ``skew_corrected`` or ``clamped``."""

    at: datetime
    note: str = ""


def corrected(given: datetime, sent_at: datetime | None, received_at: datetime) -> Instant:
    """The instant by our clock. Raises Wrong where it cannot be true.

    A client whose clock is off by five minutes or more has the difference taken off. What
    is then up to a day ahead happened when it was received.
    """
    at, note = given, ""
    if sent_at is not None and abs(skew := sent_at - received_at) >= SKEW_LEAST:
        try:
            at, note = given - skew, "skew_corrected"
        except OverflowError:
            message = _("There is no such day or time between the years 1 and 9999.")
            raise Wrong(message, "invalid_timestamp") from None
    if at - received_at > AHEAD_MOST:
        message = _("This lies more than 24 hours ahead; check the clock and the time zone.")
        raise Wrong(message, "future_timestamp")
    if at < EARLIEST:
        raise Wrong(_("This lies before the year 2000."), "past_timestamp")
    return Instant(received_at, "clamped") if at > received_at else Instant(at, note)

"""When a message is tried again: nothing but arithmetic."""

from datetime import timedelta
from typing import Final

# Before each attempt; three days and some hours in all.
DELAYS: Final = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MOST_ATTEMPTS: Final = len(DELAYS)
JITTER: Final = 0.2
# However long a receiver asks us to wait.
LONGEST_WAIT: Final = timedelta(hours=24)


def delay_after(attempts: int, chance: float, retry_after: float = 0.0) -> timedelta | None:
    """How long to wait after this many failed attempts; None where it was the last.

    ``chance`` from 0 to 1 spreads the messages that failed together; ``retry_after`` are the
    seconds for which the receiver wants to be left alone.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    spread = DELAYS[attempts] * (1 + JITTER * (2 * chance - 1))
    asked = timedelta(seconds=min(max(retry_after, 0.0), LONGEST_WAIT.total_seconds()))
    return max(spread, asked)

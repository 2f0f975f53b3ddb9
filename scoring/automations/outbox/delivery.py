"""The dispatcher: takes due messages, sends them outside of any transaction, notes the outcome.

Sending happens in a few threads that ask no database, everything else in the caller's: so a
receiver who takes all of the time he is given holds up one slot, and not the others.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from leadscoring.failpoints import failpoint
from scoring.automations.outbox.channel import NotNow, Outcome, Parcel, Result
from scoring.automations.outbox.channels import CHANNELS
from scoring.automations.outbox.claims import Claim, finish, renew, take, without_attempt

logger = logging.getLogger(__name__)

SLOTS: Final = 6
# Nothing new is begun after this; what is on its way then takes 15 seconds at most.
SLICE_SECONDS: Final = 10.0
# How often free slots are filled while others are under way.
LOOK_SECONDS: Final = 0.5


@dataclass
class Dispatcher:
    """One slice of work; ``clock`` tells the instants that are stored.

    ``long``: of the messages that take long to be made ready, one after the other. Nothing
    else waits meanwhile for its outcome to be noted.
    """

    clock: Callable[[], datetime] = timezone.now
    seconds: float = SLICE_SECONDS
    long: bool = False
    under_way: dict["Future[Outcome]", tuple[Claim, Parcel]] = field(default_factory=dict)
    done: int = 0

    def run(self) -> int:
        """How many messages were dealt with, whatever came of them."""
        until = time.monotonic() + self.seconds
        with ThreadPoolExecutor(SLOTS, thread_name_prefix="outbox") as slots:
            while True:
                taken = self.fill(slots) if time.monotonic() < until else 0
                if not self.under_way and not taken:
                    return self.done
                self.collect()

    def fill(self, slots: ThreadPoolExecutor) -> int:
        """Begin as many messages as there are free slots."""
        free = (1 if self.long else SLOTS) - len(self.under_way)
        claims = take(free, self.clock(), long=self.long)
        for claimed in claims:
            failpoint("dispatch.after_claim")
            if (parcel := self.made_ready(claimed)) is not None:
                sending = slots.submit(attempted, claimed, parcel)
                self.under_way[sending] = (claimed, parcel)
        return len(claims)

    def made_ready(self, claimed: Claim) -> Parcel | None:
        message = claimed.message
        try:
            parcel = CHANNELS[message.channel].parcel(message, self.clock())
        except NotNow as reason:
            self.done += without_attempt(claimed, reason.outcome)
        except Exception as error:  # noqa: BLE001 - one broken message must not stop the others
            logger.exception("The message %s cannot be made ready.", message.key)
            self.note(claimed, Outcome(Result.RETRY, repr(error)), head="", kept=False)
        else:
            if not self.long or renew(claimed, self.clock()):
                return parcel
            logger.warning("The message %s was in other hands by then.", message.key)
        return None

    def collect(self) -> None:
        """Wait until something is through, and note what came of it."""
        finished, _rest = wait(self.under_way, LOOK_SECONDS, FIRST_COMPLETED)
        for sending in finished:
            claimed, parcel = self.under_way.pop(sending)
            failpoint("dispatch.after_send_before_mark")
            self.note(claimed, sending.result(), parcel.head, is_kept(claimed))

    def note(self, claimed: Claim, outcome: Outcome, head: str, kept: bool) -> None:
        if finish(claimed, outcome, self.clock(), head=head, kept=kept):
            self.done += 1
        else:
            logger.warning("The message %s was in other hands by then.", claimed.message.key)


def attempted(claimed: Claim, parcel: Parcel) -> Outcome:
    """In a thread of its own: no database here."""
    if is_kept(claimed):
        return Outcome(Result.SENT, _("Kept here: nothing leaves this installation."))
    try:
        return parcel.send()
    except Exception as error:  # noqa: BLE001 - whatever a library raises, the message stays
        logger.exception("The message %s could not be sent.", claimed.message.key)
        return Outcome(Result.RETRY, repr(error))


def is_kept(claimed: Claim) -> bool:
    return bool(CHANNELS[claimed.message.channel].leaves and settings.DELIVERY == "sink")


def dispatch() -> int:
    return Dispatcher().run()


def dispatch_files() -> int:
    """The same of the letters whose file is made first."""
    return Dispatcher(long=True).run()

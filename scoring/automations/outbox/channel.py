"""What a channel is: how messages of one kind leave the outbox, and what may come of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final, TypeVar

from django.utils.functional import Promise

if TYPE_CHECKING:
    from scoring.automations.outbox.messages import Message

# From the first connection to the last byte, whatever the other end does.
TOTAL_SECONDS: Final = 15.0


class Result(StrEnum):
    SENT = "sent"
    RETRY = "retry"  # it failed, or nobody knows: both are tried again, with the same id
    DEAD = "dead"  # another try could not succeed
    BLOCKED = "blocked"  # the address may not be called
    CANCELLED = "cancelled"  # it must not be sent any more


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt. ``code``: as the protocol has it; ``response``: what was said."""

    result: Result
    error: str = ""
    code: int | None = None
    response: str = ""
    retry_after: float = 0.0


class NotNow(Exception):
    """A message cannot be made ready: no attempt takes place, this is what becomes of it."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.error)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message made ready. ``send`` asks no database: it runs in a thread of its own.

    ``head``: what goes out beside the body, for people to look at.
    """

    head: str
    send: Callable[[], Outcome]


class Channel(ABC):
    """One instance each, registered by ``register``."""

    name: ClassVar[str]
    title: ClassVar[str | Promise]
    icon: ClassVar[str]
    # Whether the contact gets it, who may have said no.
    to_contact: ClassVar[bool] = False
    # Whether it leaves this installation, and stays here where DELIVERY says so.
    leaves: ClassVar[bool] = True
    # Whether making ready may take long: then a chore of its own does it, one at a time.
    takes_long: ClassVar[bool] = False

    def lane(self, recipient: str) -> str:
        """Messages of one lane may be held up by the same slow receiver."""
        return f"{self.name}:{recipient}"

    @abstractmethod
    def parcel(self, message: "Message", now: datetime) -> Parcel:
        """Make a message ready. Raises NotNow."""

    def settle(  # noqa: B027 - to most channels it means nothing else
        self, message: "Message", outcome: Outcome, now: datetime
    ) -> None:
        """What else an outcome means, in the transaction that stores it."""


CHANNELS: dict[str, Channel] = {}
C = TypeVar("C", bound=type[Channel])


def register(channel: C) -> C:
    if channel.name in CHANNELS:
        raise ValueError(f"Two channels are called {channel.name!r}.")
    CHANNELS[channel.name] = channel()
    return channel

"""Files of e-mails: a message only describes one, and it is made when the message is sent.

So nothing large lies in the database, and a file says what its reader may see at that time.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeVar

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """``mime``: without parameters, as in text/csv."""

    name: str
    mime: str
    content: bytes


class Without(Exception):
    """The file cannot be made; the letter goes without it, with this reason and a link."""


class AttachmentKind(ABC):
    """One instance each, registered by ``register``; ``facts`` is what the message says."""

    name: ClassVar[str]

    @abstractmethod
    def described(self, facts: Facts) -> str:
        """Which file, for people who look at the message."""

    @abstractmethod
    def make(self, facts: Facts) -> File:
        """Raises Without, or channel.NotNow where nothing may be sent any more."""


ATTACHMENTS: Final[dict[str, AttachmentKind]] = {}
K = TypeVar("K", bound=type[AttachmentKind])


def register(kind: K) -> K:
    if kind.name in ATTACHMENTS:
        raise ValueError(f"Two kinds of attachments are called {kind.name!r}.")
    ATTACHMENTS[kind.name] = kind()
    return kind

"""Who is told of scores that have just changed, in the transaction that wrote them.

The engine knows nobody by name: what follows from a score registers itself here, and
whatever it stores is stored together with the score or not at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.db.models import Exists, QuerySet

from scoring.criteria.models import Version
from scoring.engine.models import Cause, Track


@dataclass(frozen=True, slots=True)
class Change:
    """One stored score that has just changed, with what it was.

    ``before`` is None where the contact had none, ``total`` where it has none any more,
    because it is outside the audience. A band may be ``excluded``.
    """

    contact_id: int
    revision: int
    before: int | None
    band_before: str | None
    total: int | None
    band: str | None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What one refresh did on one track: ``contact_ids`` are all, ``changes`` those that differ.

    ``quiet``: contacts for whom nothing is to be set off. ``depths``: how many automations
    led to this change one after another, by contact, where any did.
    """

    track: Track
    version: Version
    cause: Cause
    as_of: datetime
    contact_ids: Sequence[int]
    changes: Sequence[Change]
    quiet: frozenset[int] = frozenset()
    depths: Mapping[int, int] = field(default_factory=dict)


class Follower(Protocol):
    def wants(self) -> Exists:
        """A condition on tracks: whether changes on one matter to it at all."""

    def follow(self, refreshed: Refreshed) -> None:
        """Runs inside the transaction, and must not talk to the outside."""


FOLLOWERS: dict[str, Follower] = {}


def register(name: str, follower: Follower) -> None:
    if name in FOLLOWERS:
        raise ValueError(f"Two followers are called {name!r}.")
    FOLLOWERS[name] = follower


def followed(tracks: QuerySet[Track]) -> QuerySet[Track]:
    """The tracks, each with who follows it: asked along with them, for it is asked often."""
    return tracks.annotate(**{f"told_{name}": each.wants() for name, each in FOLLOWERS.items()})


def followers_of(track: Track) -> list[Follower]:
    """Who follows a track that comes from ``followed``."""
    return [each for name, each in FOLLOWERS.items() if getattr(track, f"told_{name}")]


def tell(refreshed: Refreshed) -> None:
    """The track comes from ``followed``."""
    for each in followers_of(refreshed.track):
        each.follow(refreshed)


def changes_of(rows: Iterable[tuple[object, ...]]) -> list[Change]:
    """Rows of columns in the order of ``Change`` as values."""
    return [Change(*row) for row in rows]  # type: ignore[arg-type]  # columns of these types

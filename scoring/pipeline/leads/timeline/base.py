"""What stands in a timeline, and where it comes from.

A source is one query for a page: rows of one table, each at an instant, newest first. Where
they begin is a place: the instant, the source and the row that were shown last.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Note
from scoring.engine.leads import Lead
from scoring.engine.models import Track


@dataclass(frozen=True, slots=True)
class Kind:
    """What a person filters by."""

    name: str
    title: str | Promise
    icon: str


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("activities", _("Activities"), "bolt"),
        Kind("notes", _("Notes"), "sticky_note_2"),
        Kind("tasks", _("Tasks done"), "task_alt"),
        Kind("emails", _("E-mails"), "mail"),
        Kind("bands", _("Bands"), "moving"),
        Kind("deals", _("Deals"), "handshake"),
        Kind("feedback", pgettext_lazy("timeline", "Handovers"), "swap_horiz"),
        Kind("fields", _("Field changes"), "edit"),
    )
}


@dataclass(frozen=True, slots=True)
class View:
    """Whose timeline, and who looks at it; ``track``: whose scores are told."""

    lead: Lead
    user: User | AnonymousUser
    track: Track | None


@dataclass(frozen=True, slots=True)
class Entry:
    """``source`` and ``order`` are its place among those of one instant."""

    source: str
    order: int
    at: datetime
    kind: Kind
    title: str
    icon: str = ""
    by: str = ""
    text: str = ""
    # Written down before and after, where something moved.
    before: str = ""
    after: str = ""
    # How it stands, as one word in colour.
    state: str = ""
    tone: str = "info"
    link: str = ""
    note: Note | None = None


class Source(ABC):
    name: ClassVar[str]
    kind: ClassVar[str]
    permission: ClassVar[str]
    # The columns of the instant and of the order within one instant.
    at: ClassVar[str]
    order: ClassVar[str] = "pk"

    @abstractmethod
    def rows(self, view: View) -> QuerySet[Any]:
        """Those of this lead that this person may see."""

    @abstractmethod
    def entries(self, rows: Sequence[Any], view: View) -> list[Entry]: ...

    def entry(self, row: Any, title: str, **given: Any) -> Entry:
        return Entry(
            source=self.name,
            order=getattr(row, self.order),
            at=getattr(row, self.at),
            kind=KINDS[self.kind],
            title=title,
            **given,
        )

    def older(self, rows: QuerySet[Any], place: "Place | None") -> QuerySet[Any]:
        """Those that come after a place, newest first."""
        newest = rows.order_by(f"-{self.at}", f"-{self.order}")
        if place is None:
            return newest
        # The order is that of reading.place_of, backwards.
        if self.name < place.source:
            return newest.filter((f"{self.at}__lte", place.at))
        if self.name > place.source:
            return newest.filter((f"{self.at}__lt", place.at))
        same = Q((self.at, place.at), (f"{self.order}__lt", place.order))
        return newest.filter(Q((f"{self.at}__lt", place.at)) | same)


@dataclass(frozen=True, slots=True)
class Place:
    """After which entry a page begins; entries of one instant are told apart by their source."""

    at: datetime
    source: str
    order: int

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """None for what is no place."""
        at, _bar, rest = text.partition("~")
        source, _bar, order = rest.partition("~")
        if source not in SOURCES or not order.isdecimal() or len(order) > 18:
            return None
        try:
            instant = datetime.fromisoformat(at)
        except ValueError:
            return None
        return cls(instant, source, int(order)) if instant.tzinfo else None

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.source}~{self.order}"


SOURCES: Final[dict[str, Source]] = {}


def register(source: type[Source]) -> type[Source]:
    SOURCES[source.name] = source()
    return source

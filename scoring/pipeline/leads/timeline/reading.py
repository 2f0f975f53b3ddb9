"""One page of a lead's timeline: as many queries as there are sources, whatever there is."""

import pkgutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from importlib import import_module
from itertools import islice
from typing import Final

from scoring.pipeline.leads import timeline
from scoring.pipeline.leads.timeline.base import KINDS, SOURCES, Entry, Kind, Place, View

for _module in pkgutil.iter_modules(timeline.__path__):
    if _module.name not in ("base", "reading"):
        import_module(f"{timeline.__name__}.{_module.name}")

AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """``next``: where the page after this begins; empty where this is the last."""

    entries: list[Entry]
    next: str


def read(
    view: View, kinds: Collection[str] = (), after: Place | None = None, most: int = AT_ONCE
) -> TimelinePage:
    """``kinds``: none means all."""
    wanted = [
        source
        for source in SOURCES.values()
        if (not kinds or source.kind in kinds) and view.user.has_perm(source.permission)
    ]
    # One more of each than is shown: then nobody has to count.
    lists = [
        source.entries(list(source.older(source.rows(view), after)[: most + 1]), view)
        for source in wanted
    ]
    found = list(islice(merge(*lists, key=place_of, reverse=True), most + 1))
    shown = found[:most]
    more = len(found) > most
    return TimelinePage(shown, str(Place(*place_of(shown[-1]))) if more else "")


def place_of(entry: Entry) -> tuple[datetime, str, int]:
    return entry.at, entry.source, entry.order


def kinds_for(view: View) -> list[Kind]:
    """Those that this person may see any of."""
    seen = {source.kind for source in SOURCES.values() if view.user.has_perm(source.permission)}
    return [kind for name, kind in KINDS.items() if name in seen]

"""Every address of the site, walked from the URLconf."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db.models import Model
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

MODEL_ROUTES: Final = ("changelist", "add", "history", "delete", "change")


@dataclass(frozen=True)
class Route:
    """``name`` with its namespaces; ``params`` are the names of what the address takes."""

    name: str
    pattern: str
    params: tuple[str, ...]
    converters: tuple[str, ...]

    @property
    def model(self) -> type[Model] | None:
        """Of the admin's own routes of a model, the model."""
        parts = self.name.removeprefix("admin:").split("_")
        if len(parts) != 3 or parts[2] not in MODEL_ROUTES:
            return None
        try:
            return apps.get_model(parts[0], parts[1])
        except LookupError:
            return None

    @property
    def verb(self) -> str:
        return self.name.rpartition("_")[2]


def walk(resolver: Any = None, prefix: str = "", spaces: tuple[str, ...] = ()) -> Iterator[Route]:
    """But those without a name: redirects, and what answers to any other address."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            own = (entry.namespace,) if entry.namespace else ()
            yield from walk(entry, address, spaces + own)
        elif isinstance(entry, URLPattern) and entry.name:
            name = ":".join([*spaces, entry.name])
            kinds: dict[str, Any] = dict(entry.pattern.converters)
            regex = getattr(entry.pattern, "regex", None)
            named = tuple(kinds) or tuple(regex.groupindex if regex else ())
            types = tuple(type(kinds[each]).__name__ if each in kinds else "" for each in named)
            yield Route(name, address, named, types)


def routes() -> list[Route]:
    """Each name once: one that an admin page overrides is found twice."""
    found: dict[str, Route] = {}
    for route in walk():
        found.setdefault(route.name, route)
    return list(found.values())

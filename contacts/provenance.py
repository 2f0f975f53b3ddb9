"""Where a change comes from, and what may come of it: noted beside whatever is stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_origin: ContextVar[str] = ContextVar("origin", default="")
_quiet: ContextVar[bool] = ContextVar("quiet", default=False)
_depth: ContextVar[int] = ContextVar("depth", default=0)


def current_origin() -> str:
    """The origin that the history notes for changes made now; empty where none was set."""
    return _origin.get()


@contextmanager
def recorded_as(origin: str) -> Iterator[None]:
    """Note ``origin`` (at most 200 characters) beside every change made inside."""
    token = _origin.set(origin[:200])
    try:
        yield
    finally:
        _origin.reset(token)


def is_quiet() -> bool:
    return _quiet.get()


@contextmanager
def quietly() -> Iterator[None]:
    """Changes made inside move scores, but set nothing off: an import, a merge."""
    token = _quiet.set(True)
    try:
        yield
    finally:
        _quiet.reset(token)


def chain_depth() -> int:
    """How many automations stand between a change made now and the person who began it."""
    return _depth.get()


@contextmanager
def caused_by_automation(depth: int) -> Iterator[None]:
    """Changes made inside are made by an automation, the ``depth``-th in a row."""
    token = _depth.set(depth)
    try:
        yield
    finally:
        _depth.reset(token)

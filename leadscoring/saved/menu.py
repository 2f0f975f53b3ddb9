"""The saved views of a page as its menu shows them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from leadscoring.saved.models import Saved

Row = TypeVar("Row", bound=Saved)


@dataclass(frozen=True, slots=True)
class Entry:
    view: Saved
    is_open: bool
    is_first: bool
    may_change: bool


def entries_of(
    views: Iterable[Row], first: Row | None, user: Any, is_open: Callable[[Row], bool]
) -> list[Entry]:
    """``first``: the one with which the page opens for this person."""
    return [
        Entry(view, is_open(view), view == first, view.may_be_changed_by(user)) for view in views
    ]

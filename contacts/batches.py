"""Long streams in pieces that fit in memory and in one transaction."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most ``size`` items, in order; none is empty."""
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch

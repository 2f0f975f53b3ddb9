"""A second worker process, started before the clock is: a worker is there when work comes."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import django


def serve(channel: "Connection[str, int]") -> None:
    """Join each recompute whose key comes, until 0 does."""
    django.setup()
    # Only now: models cannot be imported before.
    from scoring.engine.models import Recompute
    from scoring.engine.recompute import work

    Recompute.objects.exists()
    channel.send("ready")
    while key := channel.recv():
        list(work(Recompute.objects.select_related("track", "version", "base").get(pk=key)))
        channel.send("done")


@contextmanager
def helper() -> Iterator["Connection[int, str]"]:
    """A channel to a process that is ready; it ends with the context."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,))
    process.start()
    ours.recv()
    try:
        yield ours
    finally:
        ours.send(0)
        process.join()

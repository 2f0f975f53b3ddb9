"""A second worker that drains what waits, in a process of its own."""

from typing import Any

import django


def drain_too(ready: Any, go: Any) -> None:
    django.setup()
    # Only now: models cannot be imported before.
    from benchmarks.data import END
    from scoring.engine.retries import refresh_pending

    refresh_pending(END, most=0)
    ready.release()
    go.wait()
    while refresh_pending(END):
        pass

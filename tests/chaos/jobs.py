"""What differs from the product in the processes of a crash run; imported with the chores.

Waits are shorter, so that a run of minutes sees what happens in days. CHAOS_BROKEN=1 takes
out what the promises rest on: then the run must find that they are broken.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any

from django.db import models

from scoring.automations.outbox import claims, schedule
from scoring.engine import refresh, retries

DELAYS = tuple(timedelta(seconds=seconds) for seconds in (0, 1, 1, 2, 2, 3, 3, 4, 4, 5))
setattr(schedule, "DELAYS", DELAYS)  # noqa: B010 - a constant, but for this run


class NoTransaction:
    """Stands in for ``django.db.transaction``: everything is stored at once, or never."""

    def atomic(self, *args: Any, **options: Any) -> AbstractContextManager[None]:
        return nullcontext()

    def on_commit(self, function: Callable[[], Any], *args: Any, **options: Any) -> None:
        function()


def unlocked(rows: Any, *args: Any, **options: Any) -> Any:
    return rows.all()


def lock_nobody(*args: Any) -> None:
    """Everybody may compute anything at the same time."""


if os.environ.get("CHAOS_QUICK"):
    setattr(claims, "LEASE", timedelta(seconds=6))  # noqa: B010
    setattr(retries, "LEASE", timedelta(seconds=4))  # noqa: B010

if os.environ.get("CHAOS_BROKEN"):
    setattr(models.QuerySet, "select_for_update", unlocked)  # noqa: B010
    setattr(refresh, "lock_contacts", lock_nobody)  # noqa: B010
    setattr(refresh, "transaction", NoTransaction())  # noqa: B010
    setattr(retries, "transaction", NoTransaction())  # noqa: B010

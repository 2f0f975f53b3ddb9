"""Long work under a progress bar, which is silent where nobody watches."""

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _
from tqdm import tqdm

from contacts.models import Pending
from scoring.engine.crew import work_together
from scoring.engine.models import Recompute
from scoring.engine.retries import refresh_pending


def bar(title: str, total: int, unit: str) -> "tqdm[Any]":
    return tqdm(total=total, desc=title, unit=unit, disable=not sys.stderr.isatty())


def recompute_watched(recompute: Recompute, processes: int = 1) -> int:
    """Do what is left of a recompute; how many scores it changed in all."""
    ranges = recompute.ranges.all()
    with bar(_("Computing"), ranges.count(), " " + _("blocks")) as progress:
        progress.update(ranges.filter(done_at__isnull=False).count())
        for done in work_together(recompute, processes):
            progress.update(done - progress.n)
    return int(ranges.aggregate(changed=Sum("changed"))["changed"] or 0)


def refresh_watched(as_of: datetime | None = None) -> int:
    """Refresh everybody who is pending; how many Pending rows are done."""
    done = 0
    with bar(_("Refreshing"), Pending.objects.count(), " " + _("contacts")) as progress:
        for some in slices(as_of):
            done += some
            progress.update(some)
    return done


def slices(as_of: datetime | None) -> Iterator[int]:
    while some := refresh_pending(as_of):
        yield some

"""The chore of the API: forget what is kept for a time only."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from contacts.chores import chore
from scoring.api.idempotency import KEPT
from scoring.api.models import Answer, RateWindow, RejectedItem

REJECTED_KEPT: Final = timedelta(days=30)
WINDOWS_KEPT: Final = timedelta(days=1)
AT_ONCE: Final = 1000


@chore("api upkeep", every=600)
def forget() -> int:
    return forget_what_is_old(timezone.now())


def forget_what_is_old(now: datetime) -> int:
    """Delete some of what is too old by then; how many rows."""
    return sum(
        some_of(rows)
        for rows in (
            Answer.objects.filter(created_at__lte=now - KEPT),
            RejectedItem.objects.filter(received_at__lte=now - REJECTED_KEPT),
            RateWindow.objects.filter(started_at__lte=now - WINDOWS_KEPT),
        )
    )


def some_of(rows: QuerySet[Any]) -> int:
    chosen = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    deleted, _by_model = rows.filter(pk__in=chosen).delete() if chosen else (0, {})
    return deleted

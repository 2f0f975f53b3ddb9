"""Hard limits: of any number of calls at once exactly as many pass as are allowed.

Each is one row, raised by one conditional update in a transaction of its own; nothing is
counted in a process or a cache.
"""

import math
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Case, DateTimeField, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from scoring.api.models import RateWindow, Source
from scoring.api.problems import Problem

WINDOW: Final = timedelta(minutes=1)


def take(name: str, limit: int, now: datetime) -> int | None:
    """Use one of ``limit`` a minute; None, or the seconds until the next can be had."""
    while not used_one(name, limit, now):
        window = RateWindow.objects.filter(pk=name).first()
        if window is None:
            first = RateWindow(name=name, started_at=now, used=0)
            RateWindow.objects.bulk_create([first], ignore_conflicts=True)
        elif window.used >= limit and (ends := window.started_at + WINDOW) > now:
            left = math.ceil((ends - now).total_seconds())
            return min(left, int(WINDOW.total_seconds()))
    return None


def used_one(name: str, limit: int, now: datetime) -> bool:
    """One statement: of two at once the second looks again at what the first has left.

    A window that begins far ahead is over too: the clock was set back.
    """
    over = Q(started_at__lte=now - WINDOW) | Q(started_at__gt=now + WINDOW)
    start = Case(When(over, then=Value(now)), default=F("started_at"), output_field=DateTimeField())
    count = Case(When(over, then=Value(1)), default=F("used") + 1)
    free = RateWindow.objects.filter(pk=name).filter(over | Q(used__lt=limit))
    return bool(free.update(used=count, started_at=start))


def limit_source(source: Source) -> None:
    """Count one call of a source. Raises Problem where it has had its share."""
    seconds = take(f"source:{source.pk}", source.calls_a_minute, timezone.now())
    if seconds is not None:
        message = _("This source may make %(limit)d calls a minute.")
        raise too_many(message % {"limit": source.calls_a_minute}, seconds)


def note_wrong_key(request: Any) -> None:
    """Count a wrong key by the address it came from. Raises Problem where there were many."""
    name = f"wrong:{address_of(request.META)}"[:100]
    seconds = take(name, settings.API_WRONG_KEYS_A_MINUTE, timezone.now())
    if seconds is not None:
        raise too_many(_("Too many wrong keys came from this address."), seconds)


def too_many(message: str, seconds: int) -> Problem:
    return Problem(429, "too_many_requests", message, retry_after=seconds)


def address_of(meta: dict[str, Any]) -> str:
    """The client's address. What a client says of itself is believed of our proxies only."""
    proxies: int = settings.NUM_PROXIES
    forwarded = str(meta.get("HTTP_X_FORWARDED_FOR", ""))
    told = [part.strip() for part in forwarded.split(",")]
    if proxies and len(told) >= proxies and told[-proxies]:
        return told[-proxies]
    return str(meta.get("REMOTE_ADDR") or "unknown")

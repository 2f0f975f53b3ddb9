"""How large a pilot must be and how long it takes: from what the last months have shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce

from contacts.models import Contact
from scoring.criteria.models import ScoringModel
from scoring.engine.models import Score, Track
from scoring.engine.proportions import Proportion
from scoring.reports.pilots.measures import Success
from scoring.reports.statistics.piloting import needed

# What is looked back upon: as long as a pilot usually takes.
WEEKS_BACK: Final = 8
# Shorter than a month a pilot sees no whole round of work, longer than two nobody waits for it.
SHORTEST: Final = 30
LONGEST: Final = 61
# More cannot be stored, and are as far off.
WEEKS_MOST: Final = 32_767


@dataclass(frozen=True, slots=True)
class Past:
    """What a pilot of eight weeks would have found, had it begun so long before its days.

    ``stock``: the leads that would enter at once now; ``weekly``: those that came in a week.
    """

    share: Proportion
    stock: int
    weekly: float


def past_of(
    model: ScoringModel, owners: Sequence[str], success: Success, days: int, now: datetime
) -> Past:
    leads: Any = leads_of(model, owners).annotate(since=Coalesce("created_at", "stored_at"))
    came = dict(leads.values_list("pk", "since"))
    end = now - timedelta(days=days)
    begin = end - timedelta(weeks=WEEKS_BACK)
    entered = {pk: max(since, begin) for pk, since in came.items() if since < end}
    events = success.rows(model).filter(
        **{f"{success.at}__gte": begin, f"{success.at}__lt": now},
        **{f"{success.contact}__in": leads_of(model, owners).values("pk")},
    )
    succeeded = {
        pk
        for pk, at in events.order_by().values_list(success.contact, success.at)
        if pk in entered and entered[pk] <= at < entered[pk] + timedelta(days=days)
    }
    lately = now - timedelta(weeks=WEEKS_BACK)
    fresh = sum(lately <= since < now for since in came.values())
    return Past(Proportion(len(succeeded), len(entered)), len(came), fresh / WEEKS_BACK)


def leads_of(model: ScoringModel, owners: Sequence[str]) -> Any:
    """The leads of these people that have a score by the live version."""
    live = Track.objects.filter(model=model, role=Track.Role.LIVE)
    scored = Score.objects.filter(contact=OuterRef("pk"), track__in=live, excluded=False)
    return Contact.objects.filter(Exists(scored), owner_norm__in=owners).order_by()


@dataclass(frozen=True, slots=True)
class Size:
    """``days``: from the start until the last of so many leads has had its days; None: never."""

    per_arm: int
    days: int | None

    @property
    def weeks(self) -> int | None:
        return None if self.days is None else min(ceil(self.days / 7), WEEKS_MOST)

    @property
    def is_long(self) -> bool:
        return self.days is None or self.days > LONGEST

    @property
    def is_short(self) -> bool:
        return self.days is not None and self.days < SHORTEST


def size_of(past: Past, base: float, smallest: float, days: int) -> Size:
    """For shares of 1. Raises ValueError where no sample can show that."""
    per_arm = needed(base, smallest)
    missing = 2 * per_arm - past.stock
    if missing <= 0:
        return Size(per_arm, days)
    if not past.weekly:
        return Size(per_arm, None)
    return Size(per_arm, ceil(7 * missing / past.weekly) + days)

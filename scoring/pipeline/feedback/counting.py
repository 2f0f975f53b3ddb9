"""What reports ask of handovers: each a narrower set, or a number of the set at hand."""

from datetime import datetime, timedelta
from statistics import median
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Count, F, Q

M = TypeVar("M", bound=models.Model)


class CountingQuerySet(models.QuerySet[M]):
    def handed_between(self, start: datetime, end: datetime) -> Self:
        """The end is not in it."""
        return self.filter(handed_at__gte=start, handed_at__lt=end)

    def accepted(self) -> Self:
        return self.filter(verdict="accepted")

    def rejected(self) -> Self:
        return self.filter(verdict="rejected")

    def in_time(self) -> Self:
        """Answered by the deadline; what has none is always in time."""
        by = Q(feedback_by=None) | Q(answered_at__lte=F("feedback_by"))
        return self.filter(by, answered_at__isnull=False)

    def late(self, at: datetime) -> Self:
        """Answered after the deadline, or not yet though it is past."""
        after = Q(answered_at__gt=F("feedback_by"))
        return self.filter(after | Q(answered_at=None, feedback_by__lt=at))

    def overdue(self, at: datetime) -> Self:
        """Still to be reached or answered though the time for that is past."""
        unreached = Q(responded_at=None, respond_by__lt=at)
        return self.filter(unreached | Q(feedback_by__lt=at), answered_at=None)

    def by_reason(self) -> dict[str, int]:
        """How many were rejected for each reason, by its key."""
        found = self.rejected().order_by().values("reason__slug").annotate(count=Count("pk"))
        return dict(found.values_list("reason__slug", "count"))

    def median_response(self) -> timedelta | None:
        """Working time from the handover to the first attempt, of those that were reached."""
        reached: Any = self.filter(response_seconds__isnull=False).order_by()
        seconds = list(reached.values_list("response_seconds", flat=True))
        return timedelta(seconds=median(seconds)) if seconds else None

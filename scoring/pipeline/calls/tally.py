"""How past leads of each band and grade turned out, counted by a worker and kept.

Each is looked at as it was before its outcome was known, by the version that is live now.
"""

import time
from collections import Counter
from datetime import timedelta
from typing import Final, Self

from django.db import models
from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import Backlog, chore
from scoring.criteria.models import Version
from scoring.engine.models import Track
from scoring.engine.outcomes import by_day, instant_of, known_of, scored
from scoring.engine.proportions import Proportion

MONTHS: Final = 12
# Counted anew so often, for outcomes become known every day.
EVERY: Final = timedelta(hours=12)
SLICE: Final = 15.0
# Another worker goes on with what one has left behind.
LEASE: Final = timedelta(minutes=15)


class TallyQuerySet(models.QuerySet["Tally"]):
    def due(self) -> Self:
        """Those that nobody is at, and that were never counted, not to the end, or long ago."""
        now = timezone.now()
        free = models.Q(taken_at=None) | models.Q(taken_at__lt=now - LEASE)
        return self.filter(free, due_at__lte=now)


class Tally(models.Model):
    """Of one version: how many of each band and grade bought and how many did not."""

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="tally")
    # What was counted to the end last: [[band, grade, lost, won], ...].
    rows = models.JSONField(default=list)
    counted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True)
    # Being counted are outcomes up to ``as_of``; those before ``reached`` are in ``counting``.
    as_of = models.DateTimeField(null=True)
    reached = models.DateTimeField(null=True)
    counting = models.JSONField(default=list)

    objects = TallyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        verbose_name = _("past outcomes by band")
        verbose_name_plural = _("past outcomes by band")

    def __str__(self) -> str:
        return str(self.version)

    def share(self, *, band: str | None = None, grade: str | None = None) -> Proportion:
        """Of past leads in this band, with this grade, or in both, how many bought."""
        chosen = [
            (lost, won)
            for each_band, each_grade, lost, won in self.rows
            if band in (None, each_band) and grade in (None, each_grade)
        ]
        won = sum(row[1] for row in chosen)
        return Proportion(won, won + sum(row[0] for row in chosen))


def tally_of(track: Track) -> Tally | None:
    """What was counted for the track's version; None until a worker has come to it."""
    return Tally.objects.filter(version=track.version_id, counted_at__isnull=False).first()


def begin_tallies() -> None:
    """A row for each live version, and none for those that were."""
    live = list(Track.objects.filter(role=Track.Role.LIVE).values_list("version", flat=True))
    known = set(Tally.objects.values_list("version", flat=True))
    fresh = [Tally(version_id=pk) for pk in live if pk not in known]
    if fresh:
        Tally.objects.bulk_create(fresh, ignore_conflicts=True)
    if known - set(live):
        Tally.objects.exclude(version__in=live).delete()


def tallies_due() -> Backlog:
    found = Tally.objects.due().order_by().aggregate(count=Count("pk"), oldest=Min("due_at"))
    return Backlog(**found)


@chore("past leads", every=60, title=_("Past outcomes by band"), backlog=tallies_due)
def go_on_with_tallies() -> int:
    """Do a slice of one that is due."""
    begin_tallies()
    tally = Tally.objects.due().select_related("version").order_by("due_at", "pk").first()
    if tally is None:
        return 0
    # Whoever changes the row first has it.
    mine = Tally.objects.due().filter(pk=tally.pk, taken_at=tally.taken_at)
    if not mine.update(taken_at=timezone.now()):
        return 0
    try:
        go_on(tally, time.monotonic() + SLICE)
    except Exception:
        Tally.objects.filter(pk=tally.pk).update(due_at=timezone.now() + EVERY, taken_at=None)
        raise
    return 1


def go_on(tally: Tally, until: float) -> None:
    """Day by day from where it was left; at least one, so that it comes to an end."""
    document = tally.version.document_value
    tally.as_of = tally.as_of or timezone.now()
    known = known_of(document.objective, MONTHS, tally.as_of)
    counted = Counter({(band, grade, won): many for band, grade, won, many in tally.counting})
    done = 0
    for day in by_day(known):
        done += len(day)
        instant = instant_of(day[0].before)
        if tally.reached is not None and instant <= tally.reached:
            continue
        for outcome in scored(document, day):
            if outcome.band_before is not None:
                grade = outcome.grade_before or ""
                counted[outcome.band_before, grade, outcome.succeeded] += 1
        tally.reached = instant
        if time.monotonic() > until:
            break
    tally.counting = [[*key, many] for key, many in counted.items()]
    tally.taken_at = None
    if done == len(known):
        finish(tally, counted)
    tally.save()


def finish(tally: Tally, counted: Counter[tuple[str, str, bool]]) -> None:
    pairs = sorted({(band, grade) for band, grade, _won in counted})
    tally.rows = [[*pair, counted[(*pair, False)], counted[(*pair, True)]] for pair in pairs]
    tally.counted_at = timezone.now()
    tally.due_at = tally.counted_at + EVERY
    tally.as_of, tally.reached, tally.counting = None, None, []

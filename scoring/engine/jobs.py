"""The chores of the engine: what `manage.py worker` does so that scores stay right."""

from datetime import timedelta
from typing import Final

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import PENDING, Backlog, chore
from scoring.engine.models import Recompute, Track
from scoring.engine.pilots.models import Pilot
from scoring.engine.pilots.running import go_on_with_pilots
from scoring.engine.recompute import recompute_unfinished
from scoring.engine.retries import RETRIES, refresh_pending, retry_troubled
from scoring.engine.sweep import sweep_track
from scoring.engine.troubled import Troubled, waiting

SWEEP_EVERY: Final = timedelta(hours=1)


def changes_that_wait() -> Backlog:
    found = waiting().order_by().aggregate(count=Count("pk"), oldest=Min("since"))
    return Backlog(**found)


def recomputes_under_way() -> Backlog:
    unfinished = Recompute.objects.filter(finished_at=None).order_by()
    return Backlog(**unfinished.aggregate(count=Count("pk"), oldest=Min("started_at")))


def contacts_set_apart() -> Backlog:
    apart = Troubled.objects.filter(parked_at=None).order_by()
    return Backlog(**apart.aggregate(count=Count("pk"), oldest=Min("since")))


@chore(PENDING, every=3, title=_("Changes to be scored"), backlog=changes_that_wait)
def refresh_who_waits() -> int:
    """Refresh contacts whose data changed."""
    # Asked first, so that an idle worker never takes SQLite's one place for writing.
    return refresh_pending() if waiting().exists() else 0


@chore(RETRIES, every=5, title=_("Contacts tried again"), backlog=contacts_set_apart)
def retry_who_failed() -> int:
    """Try contacts again whose scores could not be made."""
    return retry_troubled()


@chore("recompute", every=5, title=_("Recomputes"), backlog=recomputes_under_way)
def go_on_with_recomputes() -> int:
    """Do one block of a recompute that somebody began."""
    return recompute_unfinished()


@chore("pilots", every=30)
def do_pilots() -> int:
    """Let leads enter the pilots that run, and take those back of pilots that are over."""
    return go_on_with_pilots() if Pilot.objects.under_way().exists() else 0


@chore("sweep", every=60)
def sweep_hourly() -> int:
    """Mark whom time has reached on the tracks that were not swept for an hour."""
    now = timezone.now()
    tracks = Track.objects.computed().filter(swept_at__lte=now - SWEEP_EVERY)
    return len([sweep_track(pk, now) for pk in tracks.values_list("pk", flat=True)])

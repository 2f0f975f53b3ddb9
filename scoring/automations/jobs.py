"""The chores of automations, and the follower that the engine tells of changes."""

from django.db.models import Count, Min
from django.utils.translation import gettext_lazy as _

from contacts.chores import Backlog, chore
from scoring.automations import follow
from scoring.automations.bulk import BULK, BulkRun, go_on_with_bulk
from scoring.automations.handing_over import do_released
from scoring.automations.models import RELEASED, Crossing
from scoring.automations.silence import listen

__all__ = ["follow"]


def crossings_handed_over() -> Backlog:
    released = Crossing.objects.filter(to_be_done=True).order_by()
    return Backlog(**released.aggregate(count=Count("pk"), oldest=Min("at")))


@chore(RELEASED, every=15, title=_("Crossings handed over"), backlog=crossings_handed_over)
def do_what_was_released() -> int:
    """Do the actions of crossings that somebody has handed over."""
    return do_released() if Crossing.objects.filter(to_be_done=True).exists() else 0


@chore("silence", every=60)
def listen_for_silence() -> int:
    """Set off the automations that wait for leads to go quiet."""
    return listen()


def bulk_runs_under_way() -> Backlog:
    unfinished = BulkRun.objects.unfinished().order_by()
    return Backlog(**unfinished.aggregate(count=Count("pk"), oldest=Min("started_at")))


@chore(BULK, every=5, title=_("Actions for segments"), backlog=bulk_runs_under_way)
def go_on_with_actions_for_segments() -> int:
    """Do a step of an action that somebody began for a whole segment."""
    return go_on_with_bulk() if BulkRun.objects.unfinished().exists() else 0

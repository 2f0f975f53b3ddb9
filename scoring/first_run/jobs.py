"""The chore that stores the invented data, some people at a time, and makes them scored."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from contacts.chores import Backlog, chore
from scoring.criteria.models import Version
from scoring.demo import loading
from scoring.first_run.beginning import go_live

CHORE: Final = "invented_data"
MODEL: Final = "b2b_starter"


def unfinished() -> Backlog:
    waiting = [run for run in loading.runs() if run.finished_at is None]
    return Backlog(len(waiting), waiting[0].started_at if waiting else None)


@chore(CHORE, every=30, title=_("Invented data"), backlog=unfinished)
def invent() -> int:
    """The next people of the invented data; at the end the starter goes live, if nothing is."""
    run = next((run for run in loading.runs() if run.finished_at is None), None)
    if run is None:
        return 0
    done = loading.load_next(run)
    seen = Version.objects.filter(state__in=[Version.State.LIVE, Version.State.RETIRED])
    if run.finished_at is not None and not seen.exists():
        go_live(MODEL, None)
    return done

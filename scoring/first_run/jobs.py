"""The chore that stores the invented data, some people at a time, and makes them scored."""

import logging
from typing import Final

from django.utils.translation import gettext_lazy as _

from contacts.chores import Backlog, chore
from scoring.criteria.document import DocumentInvalid
from scoring.demo import loading
from scoring.first_run.beginning import BegunAlready, go_live

logger = logging.getLogger(__name__)

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
    return loading.load_next(run, at_end=begin_to_score)


def begin_to_score() -> None:
    """Bring the starter live, unless anything is or was; another worker may have been first."""
    try:
        go_live(MODEL, None)
    except BegunAlready:
        pass
    except DocumentInvalid:
        # A field of another type is in its way, and will be: the data is there all the same.
        logger.exception("The model %s cannot go live here", MODEL)

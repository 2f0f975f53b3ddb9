"""Works out the tables of outcomes that somebody asked for: a chore of the worker."""

import time
from collections import Counter
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import chore
from scoring.agreement.workshop.table import CHORE, OutcomeTable, tables_that_wait, waiting
from scoring.criteria.document import parse
from scoring.engine.outcomes import by_day, instant_of, known_of, scored

SLICE: Final = 20.0


@chore(CHORE, every=5, title=_("Past outcomes by total"), backlog=tables_that_wait)
def go_on_with_tables() -> int:
    """Do a slice of one table that somebody asked for."""
    table = waiting().order_by("asked_at").first()
    if table is None:
        return 0
    # Whoever changes the row first has it.
    mine = waiting().filter(pk=table.pk, state=table.state, begun_at=table.begun_at)
    if mine.update(state=OutcomeTable.State.AT_WORK, begun_at=timezone.now()):
        try:
            go_on(table, time.monotonic() + SLICE)
        except Exception:
            OutcomeTable.objects.filter(pk=table.pk).update(state=OutcomeTable.State.FAILED)
            raise
    return 1


def go_on(table: OutcomeTable, until: float) -> None:
    """Day by day from where it was left; at least one, so that it always comes to an end."""
    document = parse(table.document)
    known = known_of(document.objective, table.months, table.asked_at)
    counted = Counter(table.counted())
    done = 0
    for day in by_day(known):
        done += len(day)
        instant = instant_of(day[0].before)
        if table.reached is not None and instant <= table.reached:
            continue
        for outcome in scored(document, day):
            if outcome.total_before is not None:
                counted[outcome.total_before, outcome.succeeded] += 1
        table.reached = instant
        if time.monotonic() > until:
            break
    is_done = done == len(known)
    table.take(counted)
    table.percent = 100 * done // len(known) if known else 100
    # Asked again, so that any worker goes on with it.
    table.state = OutcomeTable.State.DONE if is_done else OutcomeTable.State.ASKED
    table.done_at = timezone.now() if is_done else None
    table.save(update_fields=["rows", "reached", "percent", "state", "done_at"])

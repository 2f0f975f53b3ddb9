"""A contact whose refresh fails, or ends the process, is found out and parked.

A batch that fails is tried in ever smaller parts. The attempt is noted before the work, in a
transaction of its own, for whoever tries may not live to tell. A contact that fails alone
three times is parked until a person has it tried again; the others never wait for it.

A batch that goes well is not noted. Where a worker died lately, nobody knows over whom: for
some minutes every batch is noted then.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.chores import PENDING, wake
from contacts.models import Contact, Pending, WorkerProcess
from scoring.engine.refresh import BATCH, refresh_rows
from scoring.engine.troubled import Troubled, waiting

logger = logging.getLogger(__name__)

RETRIES: Final = "retries"
# A part is this many times smaller than what failed.
PARTS: Final = 20
MOST_ATTEMPTS: Final = 3
# By the number of attempts: when it is tried alone again.
DELAYS: Final = (timedelta(0), timedelta(seconds=5), timedelta(seconds=30), timedelta(seconds=30))
# Whoever notes an attempt has so long before another takes it over.
LEASE: Final = timedelta(seconds=40)
ERROR_MOST: Final = 2000
# What SQLite and PostgreSQL say of themselves, not of a contact: connections, resources,
# locks, an operator, the system.
SQLITE_PASSING: Final = ("BUSY", "LOCKED", "FULL", "IOERR", "CANTOPEN", "READONLY", "NOMEM")
POSTGRESQL_PASSING: Final = ("08", "40", "53", "55", "57", "58")


def refresh_pending(as_of: datetime | None = None, most: int = BATCH) -> int:
    """Refresh the contacts that have waited longest; how many Pending rows are done with.

    The rows are deleted in the transaction that writes the scores: a worker that is killed
    leaves them for the next, and of several workers each takes others.
    """
    if WorkerProcess.objects.lost(timezone.now()).exists():
        return refresh_warily(as_of, most)
    rows: list[Pending] = []
    try:
        with transaction.atomic():
            rows = list(waiting().select_for_update(skip_locked=True)[:most])
            refresh_rows(rows, as_of)
    except Exception as error:
        if is_passing(error):
            raise
        ids = {row.contact_id for row in rows}
        logger.warning("%d contacts cannot be scored together: %r", len(ids), error)
        set_apart(ids, timezone.now(), str(error))
        wake(RETRIES)
    return len(rows)


def refresh_warily(as_of: datetime | None, most: int) -> int:
    """The same, noted before; what does not come back is tried in parts."""
    with transaction.atomic():
        rows = list(waiting().select_for_update(skip_locked=True)[:most])
        ids = sorted({row.contact_id for row in rows})
        set_apart(ids, timezone.now() + LEASE)
    if ids:
        try_again(ids, as_of)
    return len(rows)


def set_apart(ids: Iterable[int], next_at: datetime, error: str = "") -> None:
    known = sorted(Contact.objects.filter(pk__in=[*ids]).values_list("pk", flat=True))
    Troubled.objects.bulk_create(
        [
            Troubled(contact_id=pk, together=len(known), next_at=next_at, error=error[:ERROR_MOST])
            for pk in known
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    # A contact that is gone has nothing left to refresh.
    Pending.objects.filter(contact__in={*ids} - {*known}).delete()


def retry_troubled(as_of: datetime | None = None) -> int:
    """Try one part of what is due; how many contacts were looked at."""
    if not Troubled.objects.due(timezone.now()).exists():
        return 0
    claimed = claim(timezone.now())
    if worn_out := [one for one in claimed if one.attempts > MOST_ATTEMPTS]:
        park(worn_out[0], worn_out[0].error or _("Whatever process tries it comes to its end."))
    elif claimed:
        try_again([one.contact_id for one in claimed], as_of)
    return len(claimed)


def claim(now: datetime) -> list[Troubled]:
    """Take contacts that failed together, the largest parts first, and note the attempt."""
    with transaction.atomic():
        due = Troubled.objects.due(now).select_for_update(skip_locked=True)
        first = due.order_by("-together", "pk").first()
        if first is None:
            return []
        size = max(1, first.together // PARTS)
        claimed = list(due.filter(together=first.together).order_by("pk")[:size])
        for one in claimed:
            one.together = len(claimed)
            one.attempts += len(claimed) == 1
            one.next_at = now + max(LEASE, DELAYS[min(one.attempts, MOST_ATTEMPTS)])
        Troubled.objects.bulk_update(claimed, ["together", "attempts", "next_at"])
    return claimed


def try_again(ids: Sequence[int], as_of: datetime | None = None) -> None:
    """Refresh these contacts, whose attempt is noted."""
    try:
        with transaction.atomic():
            rows = Pending.objects.select_for_update().filter(contact__in=ids).order_by("pk")
            refresh_rows(list(rows), as_of)
            Troubled.objects.filter(contact__in=ids).delete()
    except Exception as error:
        if is_passing(error):
            forgive(ids)
            raise
        note_failure(ids, error)


def forgive(ids: Sequence[int]) -> None:
    """The database was away or busy: no fault of the contact. Or try to say so."""
    try:
        alone = Troubled.objects.filter(contact__in=ids, together=1, attempts__gt=0)
        alone.update(attempts=F("attempts") - 1)
    except DatabaseError:
        logger.warning("The database is away; an attempt counts that should not.")


def note_failure(ids: Sequence[int], error: Exception) -> None:
    """Of several: each part is tried at once. Of one: later, or it is parked."""
    rows = list(Troubled.objects.filter(contact__in=ids))
    text = f"{type(error).__name__}: {error}"[:ERROR_MOST]
    for one in rows:
        one.error = text
        one.next_at = timezone.now() + (DELAYS[one.attempts] if one.together == 1 else timedelta(0))
    Troubled.objects.bulk_update(rows, ["error", "next_at"])
    for one in rows:
        if one.together == 1 and one.attempts >= MOST_ATTEMPTS:
            park(one, text, error)
    wake(RETRIES)


def park(troubled: Troubled, text: str, error: Exception | None = None) -> None:
    """Leave it to a person; said once, as an error."""
    parked = Troubled.objects.filter(pk=troubled.pk, parked_at=None)
    if parked.update(parked_at=timezone.now(), attempts=MOST_ATTEMPTS, error=text[:ERROR_MOST]):
        logger.error(
            "Contact %d is parked: its score cannot be made. %s",
            troubled.contact_id,
            text,
            exc_info=error,
        )


def release(troubled: Iterable[Troubled]) -> int:
    """Have parked contacts tried again, as if for the first time."""
    chosen = Troubled.objects.parked().filter(pk__in=[one.pk for one in troubled])
    released = chosen.update(parked_at=None, attempts=0, together=1, next_at=timezone.now())
    wake(RETRIES)
    wake(PENDING)
    return released


def is_passing(error: Exception) -> bool:
    """Whether it says something about the database and nothing about a contact."""
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    code = getattr(error.__cause__, "sqlstate", None)
    if name := getattr(error.__cause__, "sqlite_errorname", ""):
        return any(passing in name for passing in SQLITE_PASSING)
    return code is None or code.startswith(POSTGRESQL_PASSING)

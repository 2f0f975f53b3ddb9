"""A time after which the database gives up a question, so that no page waits for it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction
from psycopg.errors import QueryCanceled

# So many steps of SQLite's machine between two looks at the clock: about a millisecond.
STEPS = 20_000


class OutOfTime(Exception):
    """The question was cut off."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raises OutOfTime where a question inside takes longer. Nothing is to be written there."""
    limit = on_server if connections[DEFAULT_DB_ALIAS].vendor == "postgresql" else in_process
    try:
        with limit(seconds):
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled) or str(error) == "interrupted":
            raise OutOfTime from error
        raise


@contextmanager
def on_server(seconds: float) -> Iterator[None]:
    with transaction.atomic():
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            most = f"{max(1, int(seconds * 1000))}ms"
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [most])
        yield
        # What is set holds to the end of a transaction, which may be somebody else's.
        transaction.set_rollback(True)


@contextmanager
def in_process(seconds: float) -> Iterator[None]:
    # Without a transaction: on SQLite one takes the only place for writing.
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    raw = connection.connection
    until = time.monotonic() + seconds
    raw.set_progress_handler(lambda: time.monotonic() > until, STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, STEPS)

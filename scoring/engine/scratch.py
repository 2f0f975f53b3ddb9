"""A database of its own for contacts that are not stored: the dry run, the past, scenarios.

The tables are the real ones, made by the same migrations' models, on the same kind of
database; on PostgreSQL they are temporary tables of one connection, on SQLite a database
in memory. So a dry run is the very same query as everything else, and leaves nothing.
"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from contacts.models import (
    Activity,
    ActivityType,
    Company,
    Contact,
    EmailAlias,
    FieldChange,
    Pending,
    Tag,
    Target,
)

TABLES: tuple[type[models.Model], ...] = (
    Tag,
    Company,
    Contact,
    EmailAlias,
    ActivityType,
    Target,
    Activity,
    FieldChange,
    Pending,
)
_numbers = itertools.count(1)


@contextmanager
def scratch() -> Iterator[str]:
    """The alias of an empty database; all in it is gone at the end."""
    like = connections[DEFAULT_DB_ALIAS]
    alias = f"scratch{next(_numbers)}"
    settings = {**like.settings_dict}
    if like.vendor == "sqlite":
        settings |= {"NAME": ":memory:", "OPTIONS": {}}
    connection: BaseDatabaseWrapper = type(like)(settings, alias)
    connections[alias] = connection
    try:
        create_tables(connection)
        yield alias
    finally:
        # Not close(): Django keeps a database in memory open through it.
        if connection.connection is not None:
            connection.connection.close()
        del connections[alias]


def create_tables(connection: BaseDatabaseWrapper) -> None:
    with connection.schema_editor() as editor:
        editor.sql_create_table = "CREATE TEMPORARY TABLE %(table)s (%(definition)s)"
        for model in TABLES:
            editor.create_model(model)

"""What the migrations have stored, put back after a test that commits.

Django's own way, to cut every table and to save the rows one by one, takes seconds a test. Here
only the tables that hold something are emptied, and the rows are copied as they were.
"""

import contextlib
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction


@dataclass(frozen=True)
class Seeds:
    """The rows of each table, in the form in which the database itself gives and takes them."""

    rows: Mapping[str, Any]
    guarded: Collection[str]

    def put_back(self) -> None:
        """All constraints are looked at when the transaction ends, so any order will do."""
        with transaction.atomic(), connection.cursor() as cursor:
            for table in sorted(filled(), key=lambda name: name not in self.guarded):
                # A table may have triggers of its own that refuse to let single rows go.
                way = "TRUNCATE {} CASCADE" if table in self.guarded else "DELETE FROM {}"
                cursor.execute(way.format(quoted(table)))
            for table, rows in self.rows.items():
                if connection.vendor == "postgresql":
                    with cursor.copy(f"COPY {quoted(table)} FROM STDIN") as copy:
                        copy.write(rows)
                else:
                    # Not by Django's cursor, which has values of Python where these are SQLite's.
                    places = ", ".join("?" * len(rows[0]))
                    statement = f"INSERT INTO {quoted(table)} VALUES ({places})"
                    connection.connection.executemany(statement, rows)


def quoted(table: str) -> str:
    return connection.ops.quote_name(table)


def filled() -> list[str]:
    """The tables that hold anything."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    asked = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {quoted(name)})" for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return [name for (name,) in cursor.fetchall()]


def take() -> Seeds:
    return Seeds({table: rows_of(table) for table in filled()}, guarded())


def guarded() -> list[str]:
    """The tables of PostgreSQL with triggers; SQLite, which cannot cut, is to have none."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            # Those that see rows go: 8 is DELETE, 32 is TRUNCATE.
            " WHERE NOT tgisinternal AND tgtype & 40 > 0"
        )
        return [name for (name,) in cursor.fetchall()]


def rows_of(table: str) -> Any:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f"COPY {quoted(table)} TO STDOUT") as copy:
            return b"".join(copy)
    with contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"])) as plain:
        return plain.execute(f"SELECT * FROM {quoted(table)}").fetchall()

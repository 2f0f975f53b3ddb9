"""The benchmark's database: filled fast, and told apart from a database that people use."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction

from benchmarks import data
from benchmarks.data import Row, Size
from contacts.models import ActivityType

ROWS_AT_ONCE = 20_000
MARK = "benchmark_filled"
UNFINISHED = "unfinished"
SCORES = (
    *("scoring_scorechange", "scoring_score", "scoring_recomputerange", "scoring_recompute"),
    *("scoring_track", "scoring_version", "scoring_scoringmodel", "contacts_pending"),
)
# Emptied before every filling, in this order.
TABLES = (
    *SCORES,
    *("contacts_activity", "contacts_target", "contacts_contact_tags", "contacts_tag"),
    *("contacts_contact", "contacts_company", MARK),
)
# What the base reads: an activity with all that a rule can ask of it, and nothing else.
REFERENCE_COLUMNS = (
    "id bigint, contact_id integer, type_id smallint, target_id integer, automated boolean,"
    " occurred_at timestamp with time zone, properties jsonb"
)


class NotOurs(Exception):
    """The database is not one that this generator filled, or not to its end."""


def execute(sql: str, params: Sequence[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def value_of(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return row and row[0]


def fill(size: Size, seed: int) -> bool:
    """Make the database hold exactly this; False where it does so already."""
    wanted = f"{size} seed {seed}"
    execute(f"CREATE TABLE IF NOT EXISTS {MARK} (what text)")
    filled = value_of(f"SELECT what FROM {MARK}")
    if filled == wanted:
        return False
    if filled is None and value_of("SELECT 1 FROM contacts_contact LIMIT 1"):
        raise NotOurs("This database has contacts of its own: name another one.")
    if filled == UNFINISHED:
        raise NotOurs("Filling this database was stopped halfway: drop it, and begin anew.")
    start_over()
    with bare("contacts_activity"), bare("contacts_contact"):
        write(size, seed)
    if connection.vendor == "postgresql":
        fill_reference()
    execute(f"UPDATE {MARK} SET what = %s", [wanted])
    tidy()
    return True


def empty(tables: Sequence[str]) -> None:
    if connection.vendor == "postgresql":
        execute(f"TRUNCATE {', '.join(tables)} CASCADE")
    else:
        execute("PRAGMA foreign_keys = OFF")
        for table in tables:
            execute(f"DELETE FROM {table}")


def start_over() -> None:
    empty(TABLES)
    # Marked at once: of a filling that is stopped halfway the indexes are missing.
    execute(f"INSERT INTO {MARK} VALUES ('{UNFINISHED}')")


def write(size: Size, seed: int) -> None:
    types = ActivityType.objects.ids_by_slug(data.TYPES)
    tags = ((at, f"Tag {at}", f"tag {at}") for at in range(1, data.TAGS + 1))
    links = data.contact_tags(size, seed)
    insert("contacts_target", ("id", "text", "norm", "key"), data.targets(size))
    insert("contacts_tag", ("id", "name", "name_norm"), tags)
    insert("contacts_company", data.COMPANY_COLUMNS, data.companies(size, seed), STORED)
    insert("contacts_contact", data.CONTACT_COLUMNS, data.contacts(size, seed), CONSTANT | STORED)
    insert("contacts_contact_tags", ("contact_id", "tag_id"), links)
    acts = data.activities(size, seed, types)
    insert("contacts_activity", data.ACTIVITY_COLUMNS, acts, {"received_at": data.END} | SOURCE)


STORED: dict[str, object] = {"stored_at": data.END - data.SPAN}
SOURCE: dict[str, object] = {"source": "benchmark"}
CONSTANT: dict[str, object] = {
    "phone_key": "",
    **{
        name + twin: ""
        for name in ("first_name", "last_name", "phone", "language", "region", "campaign", "owner")
        for twin in ("", "_norm")
    },
}


def insert(
    table: str,
    columns: Sequence[str],
    rows: Iterable[Row],
    constant: Mapping[str, object] | None = None,
) -> None:
    """Insert rows of these columns, with the same further values in each."""
    fixed = constant or {}
    names = ", ".join([*columns, *fixed])
    tail = tuple(fixed.values())
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as to:
            for row in rows:
                to.write_row(row + tail)
        return
    marks = ", ".join(["?"] * (len(columns) + len(fixed)))
    raw = connection.connection
    left = iter(rows)
    with transaction.atomic():
        while batch := list(islice(left, ROWS_AT_ONCE)):
            stored = (tuple(map(as_sqlite, row + tail)) for row in batch)
            raw.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", stored)


def as_sqlite(value: object) -> object:
    """A value as Django stores it there."""
    return str(value.replace(tzinfo=None)) if isinstance(value, datetime) else value


@contextmanager
def bare(table: str) -> Iterator[None]:
    """Take the indexes and references of a table away, and make them anew at the end."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        )
        references = cursor.fetchall()
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
            [table, table],
        )
        indexes = cursor.fetchall()
    for name, _definition in references:
        execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _definition in indexes:
        execute(f'DROP INDEX "{name}"')
    yield
    for _name, definition in indexes:
        execute(definition)
    for name, definition in references:
        execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def fill_reference() -> None:
    execute("DROP TABLE IF EXISTS benchmark_reference")
    execute(f"CREATE TABLE benchmark_reference ({REFERENCE_COLUMNS})")
    names = ", ".join(column.split()[0] for column in REFERENCE_COLUMNS.split(", "))
    execute(
        f"INSERT INTO benchmark_reference ({names})"
        f" SELECT {names} FROM contacts_activity ORDER BY id"
    )


def tidy() -> None:
    """What a server's own housekeeping would have done by now."""
    if connection.vendor == "postgresql":
        for table in SERIAL:
            execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
        execute("VACUUM ANALYZE")
    else:
        execute("ANALYZE")
        execute("PRAGMA wal_checkpoint(TRUNCATE)")


SERIAL = ("contacts_target", "contacts_tag", "contacts_company", "contacts_contact")

"""Triggers by which the database itself keeps the audit trail as it was written.

What remains possible is that a person's account is deleted: the line then stands without the
account, and still has the name. A model or a version with a trail cannot be deleted any more,
for its trail would have to go along; but for the demo's, while nobody has written in it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection

TABLE: Final = "scoring_auditentry"
KEPT: Final = ("id", "model_id", "version_id", "username", "action", "detail", "at")
SAID: Final = "the audit trail is only ever added to"

SQLITE: Final = (
    f"""CREATE TRIGGER audit_unaltered BEFORE UPDATE ON {TABLE}
    WHEN {" OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in KEPT)}
        OR (NEW.user_id IS NOT NULL AND NEW.user_id IS NOT OLD.user_id)
    BEGIN SELECT RAISE(ABORT, '{SAID}'); END""",
    f"""CREATE TRIGGER audit_kept BEFORE DELETE ON {TABLE}
    BEGIN SELECT RAISE(ABORT, '{SAID}'); END""",
)
SQLITE_AWAY: Final = (
    "DROP TRIGGER IF EXISTS audit_unaltered",
    "DROP TRIGGER IF EXISTS audit_kept",
)
POSTGRESQL: Final = (
    f"""CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{SAID}' USING ERRCODE = 'restrict_violation'; END $$""",
    f"""CREATE TRIGGER audit_unaltered BEFORE UPDATE ON {TABLE} FOR EACH ROW
    WHEN ({" OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in KEPT)}
        OR (NEW.user_id IS NOT NULL AND NEW.user_id IS DISTINCT FROM OLD.user_id))
    EXECUTE FUNCTION audit_refuses()""",
    f"""CREATE TRIGGER audit_kept BEFORE DELETE ON {TABLE} FOR EACH ROW
    EXECUTE FUNCTION audit_refuses()""",
)
POSTGRESQL_AWAY: Final = (
    f"DROP TRIGGER IF EXISTS audit_unaltered ON {TABLE}",
    f"DROP TRIGGER IF EXISTS audit_kept ON {TABLE}",
    "DROP FUNCTION IF EXISTS audit_refuses()",
)


def statements(vendor: str) -> tuple[str, ...]:
    return POSTGRESQL if vendor == "postgresql" else SQLITE


def statements_away(vendor: str) -> tuple[str, ...]:
    return POSTGRESQL_AWAY if vendor == "postgresql" else SQLITE_AWAY


@contextmanager
def lifted() -> Iterator[None]:
    """Without the triggers inside, in the transaction of the caller: nobody else sees it so."""
    # PostgreSQL touches no table upon which a check still waits.
    connection.check_constraints()
    with connection.cursor() as cursor:
        for statement in statements_away(connection.vendor):
            cursor.execute(statement)
        yield
        for statement in statements(connection.vendor):
            cursor.execute(statement)

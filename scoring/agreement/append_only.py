"""Triggers by which the database itself keeps the audit trail as it was written.

What remains possible is that a person's account is deleted: the line then stands without the
account, and still has the name. A model or a version with a trail cannot be deleted any more,
for its trail would have to go along.
"""

from typing import Final

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

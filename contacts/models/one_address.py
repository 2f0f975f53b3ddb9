"""Triggers by which an address is a contact's own or a former one, never both.

Two tables share no unique index. A contact that is made with the address of one that is being
merged waits for that one's row; the trigger, which runs after the wait, then finds the alias.
What fails is tried again by the storing code, which finds the alias as well.
"""

from typing import Final

SAID: Final = "this address is the former one of a merged contact"
TAKEN: Final = "SELECT 1 FROM contacts_emailalias WHERE key = NEW.email_key"
OWNED: Final = "SELECT 1 FROM contacts_contact WHERE email_key = NEW.key"

SQLITE: Final = tuple(
    f"CREATE TRIGGER {name} AFTER {event} ON {table} WHEN EXISTS ({where})"
    f" BEGIN SELECT RAISE(ABORT, '{SAID}'); END"
    for name, event, table, where in (
        ("own_address_added", "INSERT", "contacts_contact", TAKEN),
        ("own_address_changed", "UPDATE OF email_key", "contacts_contact", TAKEN),
        ("alias_added", "INSERT", "contacts_emailalias", OWNED),
    )
)
POSTGRESQL: Final = (
    f"""CREATE FUNCTION own_address_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF EXISTS ({TAKEN}) THEN
        RAISE EXCEPTION '{SAID}' USING ERRCODE = 'unique_violation';
    END IF; RETURN NULL; END $$""",
    f"""CREATE FUNCTION alias_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN IF EXISTS ({OWNED}) THEN
        RAISE EXCEPTION '{SAID}' USING ERRCODE = 'unique_violation';
    END IF; RETURN NULL; END $$""",
    """CREATE TRIGGER own_address_added AFTER INSERT ON contacts_contact
    FOR EACH ROW EXECUTE FUNCTION own_address_refuses()""",
    """CREATE TRIGGER own_address_changed AFTER UPDATE ON contacts_contact
    FOR EACH ROW WHEN (OLD.email_key IS DISTINCT FROM NEW.email_key)
    EXECUTE FUNCTION own_address_refuses()""",
    """CREATE TRIGGER alias_added AFTER INSERT ON contacts_emailalias
    FOR EACH ROW EXECUTE FUNCTION alias_refuses()""",
)
SQLITE_AWAY: Final = tuple(
    f"DROP TRIGGER IF EXISTS {name}"
    for name in ("own_address_added", "own_address_changed", "alias_added")
)
POSTGRESQL_AWAY: Final = (
    "DROP TRIGGER IF EXISTS own_address_added ON contacts_contact",
    "DROP TRIGGER IF EXISTS own_address_changed ON contacts_contact",
    "DROP TRIGGER IF EXISTS alias_added ON contacts_emailalias",
    "DROP FUNCTION IF EXISTS own_address_refuses()",
    "DROP FUNCTION IF EXISTS alias_refuses()",
)


def statements(vendor: str) -> tuple[str, ...]:
    return POSTGRESQL if vendor == "postgresql" else SQLITE


def statements_away(vendor: str) -> tuple[str, ...]:
    return POSTGRESQL_AWAY if vendor == "postgresql" else SQLITE_AWAY

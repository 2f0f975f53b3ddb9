"""Who may compute what at the same time.

A refresh locks the rows of its contacts, so that of two refreshes of one contact the later
sees what the earlier wrote. A recompute works on blocks of contact ids and must not touch
a million rows only to lock them: it holds its block's advisory lock alone, while refreshes
hold it together. All of them end with the transaction.

On SQLite a transaction that writes is alone anyway.
"""

from collections.abc import Sequence

from django.db import connection

from contacts.models import Contact

# 262,144 contacts on PostgreSQL: activities lie in the order of time, so every block visits
# much of the table again where a rule asks for properties. A refresh of a contact of the block
# waits some seconds until it is done. On SQLite everybody who writes waits: 32,768.
BLOCK_BITS = 18 if connection.vendor == "postgresql" else 15
BLOCK = 1 << BLOCK_BITS
# The first half of the key of every advisory lock that is a block.
LOCK_CLASS = 0x5C0E


def block_of(contact_id: int) -> int:
    return contact_id >> BLOCK_BITS


def lock_contacts(contact_ids: Sequence[int]) -> None:
    """For a refresh: the contacts for us alone, their blocks together with other refreshes."""
    for block in sorted({block_of(pk) for pk in contact_ids}):
        _advisory("pg_advisory_xact_lock_shared", block)
    rows = Contact.objects.filter(pk__in=contact_ids).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def lock_block(block: int) -> None:
    """For a recompute: a block for us alone, on every track, as a refresh does every track."""
    _advisory("pg_advisory_xact_lock", block)


def _advisory(function: str, block: int) -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [LOCK_CLASS, block])

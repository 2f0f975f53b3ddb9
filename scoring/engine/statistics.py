"""What PostgreSQL knows of the tables that scores are made from, renewed where it is far off.

Of a table that was filled a moment ago its planner knows no more than the size, and takes
minutes for scores that need a second; autovacuum comes later, or never.
"""

from django.db import connection

from contacts.models import Activity, Company, Contact, ContactTag, Target
from scoring.engine.models import Score, ScoreChange

READ = (Contact, Company, ContactTag, Activity, Target, Score, ScoreChange)
# More than twice the pages of the last time, and more than a few.
GROWN = """
    SELECT relname FROM pg_class
    WHERE oid = ANY(%s::text[]::regclass[])
    AND pg_relation_size(oid) / current_setting('block_size')::int > 10 + 2 * relpages
    ORDER BY relname
"""


def count_anew() -> list[str]:
    """Analyse the tables that have grown much since it was last done; their names."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(GROWN, [[model._meta.db_table for model in READ]])
        grown = [name for (name,) in cursor.fetchall()]
        for name in grown:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(name)}")
    return grown

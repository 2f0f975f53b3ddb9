"""The statements that write scores: what differs from what is stored, and what to do with it.

Texts only, with late parameters: made once for each compiled program, for to put one
together takes as long as to run it for one contact.
"""

from functools import lru_cache

from django.db import DEFAULT_DB_ALIAS, connections

from scoring.engine.compile import Program
from scoring.engine.dialect import dialect_of
from scoring.engine.sql import Late, Sql

TRACK = Sql("%s", (Late("track"),))
NOW = Sql("%s", (Late("written_at"),))
VALUES = ("total", "fit", "interest", "groups", "breakdown", "band", "grade", "excluded")
LISTED = ", ".join(VALUES)


@lru_cache(maxsize=64)
def differing(compiled: Program, *, in_range: bool = False) -> Sql:
    """The contacts whose stored score is not what it should be, with what it should be.

    A contact that was outside the audience may have a history: its revisions go on.
    """
    dialect = dialect_of(connections[DEFAULT_DB_ALIAS].vendor)
    differs = " OR ".join(dialect.differ(f"s.{name}", f"n.{name}") for name in VALUES)
    values = ", ".join(f"n.{name}" for name in VALUES)
    return Sql.put(
        "SELECT n.contact_id, COALESCE(s.revision, (SELECT MAX(h.revision)"
        " FROM scoring_scorechange h WHERE h.track_id = {} AND h.contact_id = n.contact_id),"
        " 0), n.inside, s.total, s.band, {} FROM ({}) n"
        " LEFT JOIN scoring_score s ON s.track_id = {} AND s.contact_id = n.contact_id{}"
        " WHERE (n.inside = 1 AND (s.revision IS NULL OR {}))"
        " OR (n.inside = 0 AND s.revision IS NOT NULL)",
        TRACK,
        values,
        compiled.sql,
        TRACK,
        near("s", in_range=in_range),
        differs,
    )


@lru_cache(maxsize=64)
def compared(compiled: Program) -> Sql:
    """Of the contacts of a range those whose total or band would be another than is stored.

    Both with their breakdowns; ``band`` and ``total`` are NULL where there would be no score.
    """
    dialect = dialect_of(connections[DEFAULT_DB_ALIAS].vendor)
    differs = " OR ".join(dialect.differ(f"s.{name}", f"n.{name}") for name in ("total", "band"))
    return Sql.put(
        "SELECT n.contact_id, s.total AS total_before, s.band AS band_before,"
        " s.breakdown AS breakdown_before, CASE WHEN n.inside = 1 THEN n.total END AS total,"
        " CASE WHEN n.inside = 1 THEN n.band END AS band, n.breakdown FROM ({}) n"
        " LEFT JOIN scoring_score s ON s.track_id = {} AND s.contact_id = n.contact_id{}"
        " WHERE (n.inside = 1 AND (s.revision IS NULL OR {}))"
        " OR (n.inside = 0 AND s.revision IS NOT NULL)",
        compiled.sql,
        TRACK,
        near("s", in_range=True),
        differs,
    )


@lru_cache(maxsize=2)
def steps(*, in_range: bool) -> tuple[Sql, ...]:
    """From the staged rows to scores and their history; no row is touched by two of them."""
    assigned = ", ".join(f"{name} = n.{name}" for name in VALUES)
    values = ", ".join(f"n.{name}" for name in VALUES)
    here = near("scoring_score", in_range=in_range)
    # The plus: SQLite, which knows not how few are staged, then begins with the few.
    update = Sql.put(
        "UPDATE scoring_score SET revision = n.revision + 1, changed_at = {}, {}"
        " FROM scoring_staged n WHERE scoring_score.track_id = {}"
        " AND scoring_score.contact_id = {}n.contact_id AND n.inside = 1{}",
        NOW,
        assigned,
        TRACK,
        "" if in_range else "+",
        here,
    )
    insert = Sql.put(
        "INSERT INTO scoring_score (track_id, contact_id, revision, changed_at, {})"
        " SELECT {}, n.contact_id, n.revision + 1, {}, {} FROM scoring_staged n"
        " WHERE n.total_before IS NULL",
        LISTED,
        TRACK,
        NOW,
        values,
    )
    history = Sql.put(
        "INSERT INTO scoring_scorechange (track_id, contact_id, revision, version_id, cause,"
        " as_of, written_at, total_before, band_before, total, band, grade, breakdown)"
        " SELECT {}, contact_id, revision + 1, {}, {}, {}, {}, total_before, band_before,"
        " CASE WHEN inside = 1 THEN total END, CASE WHEN inside = 1 THEN band END,"
        " CASE WHEN inside = 1 THEN grade END, CASE WHEN inside = 1 THEN breakdown END"
        " FROM scoring_staged",
        TRACK,
        Sql("%s", (Late("version"),)),
        Sql("%s", (Late("cause"),)),
        Sql("%s", (Late("as_of"),)),
        NOW,
    )
    delete = Sql.put(
        "DELETE FROM scoring_score WHERE track_id = {} AND contact_id IN"
        " (SELECT contact_id FROM scoring_staged WHERE inside = 0){}",
        TRACK,
        here,
    )
    return update, insert, history, delete


def near(table: str, *, in_range: bool) -> Sql:
    """The bounds of a range said again, for a planner that does not see that they follow."""
    if not in_range:
        return Sql("")
    bounds = (Late("first"), Late("last"))
    return Sql(f" AND {table}.contact_id BETWEEN %s AND %s", bounds)


@lru_cache(maxsize=64)
def at_once(compiled: Program, *, in_range: bool) -> Sql:
    """Everything as one statement, where one can write to several tables."""
    named = [
        Sql.put("step{} AS ({})", place, step)
        for place, step in enumerate(steps(in_range=in_range))
    ]
    return Sql.put(
        "WITH scoring_staged ({}) AS MATERIALIZED ({}), {} {}",
        ", ".join(STAGED),
        differing(compiled, in_range=in_range),
        Sql.join(", ", named),
        COUNT if in_range else CHANGES,
    )


@lru_cache(maxsize=64)
def staging(compiled: Program, *, in_range: bool) -> Sql:
    """What differs, into a table of this connection, where a statement writes to one only."""
    return Sql.put(
        "INSERT INTO scoring_staged ({}) {}",
        ", ".join(STAGED),
        differing(compiled, in_range=in_range),
    )


# Of a statement this long a compiled plan costs more than it saves. Few contacts are looked
# up in the same way whoever they are. Many need room for their groups, however little the
# server gives by itself, and no nested loops: the planner can only guess how many will
# differ, and where it guesses one and there are all, a nested loop never ends.
SETTINGS_FOR_FEW = (
    "SELECT set_config('jit', 'off', true),"
    " set_config('plan_cache_mode', 'force_generic_plan', true)"
)
SETTINGS_FOR_MANY = (
    "SELECT set_config('jit', 'off', true), set_config('enable_nestloop', 'off', true),"
    " set_config('work_mem',"
    " greatest(pg_size_bytes(current_setting('work_mem')), 134217728) / 1024 || 'kB', true)"
)
STAGED = ("contact_id", "revision", "inside", "total_before", "band_before", *VALUES)
COUNT = "SELECT count(*) FROM scoring_staged"
# In the order of ``followers.Change``.
CHANGES = (
    "SELECT contact_id, revision + 1, total_before, band_before,"
    " CASE WHEN inside = 1 THEN total END, CASE WHEN inside = 1 THEN band END"
    " FROM scoring_staged ORDER BY contact_id"
)
STAGING_TABLE = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS scoring_staged (contact_id integer PRIMARY KEY,"
    " revision integer, inside integer, total_before bigint, band_before text, total bigint,"
    " fit bigint, interest bigint, groups text, breakdown text, band text, grade text,"
    " excluded bool)"
)

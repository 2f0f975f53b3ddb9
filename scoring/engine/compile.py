"""A model document becomes one SQL statement that scores any contacts at any instant.

Pure: nothing here touches a row. Recompute, refresh, sweep, dry run and explanation all
run what ``program`` gives, over other contacts.

The statement is a stack of subqueries, from the inside: passes (what people are and did),
worths (one column a rule), sums (one a group, and the breakdown), totals, names.
"""

from dataclasses import dataclass

from django.db import connections
from django.db.models import Q

from scoring.criteria.conditions import holds
from scoring.criteria.document import (
    EXCLUDED,
    AbsenceTest,
    ActivityRule,
    Grade,
    Group,
    ModelDocument,
)
from scoring.engine.columns import MOST_PASSES, Columns, ScopeKind, flag
from scoring.engine.dialect import Dialect, dialect_of
from scoring.engine.sql import Late, Sql
from scoring.engine.worth import clipped, worth_of

# What a program yields, in this order. ``inside`` is 0 for a contact outside the audience.
RESULT = (
    "contact_id",
    "inside",
    "total",
    "fit",
    "interest",
    "groups",
    "breakdown",
    "band",
    "grade",
    "excluded",
)


@dataclass(frozen=True, eq=False)
class Program:
    """A compiled document: ``sql`` yields the RESULT columns for the contacts of its scope."""

    document: ModelDocument
    sql: Sql
    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a version has in common with the one whose scores are stored.

    ``places``: place of each rule that stayed as it was -> its place there. ``groups``:
    the groups that stayed whole. ``same_layout``: every rule that stayed is where it was.
    """

    places: dict[int, int]
    groups: frozenset[int]
    same_layout: bool


def kept_from(document: ModelDocument, base: ModelDocument) -> Kept | None:
    """None where the stored scores cannot serve: other fields, or another audience."""
    if document.fields != base.fields or document.audience != base.audience:
        return None
    stored = {rule.canonical(): place for place, rule in enumerate(base.rules)}
    places = {
        place: stored[canonical]
        for place, rule in enumerate(document.rules)
        if (canonical := rule.canonical()) in stored
    }
    pairs = zip(document.groups, base.groups, strict=False)
    groups = {
        at
        for at, (new, old) in enumerate(pairs)
        if (new.rules, new.limits) == (old.rules, old.limits)
    }
    same = len(document.rules) == len(base.rules) and all(at == old for at, old in places.items())
    return Kept(places, frozenset(groups if same else ()), same)


def activity_types(document: ModelDocument) -> frozenset[str]:
    """The types of activity that any rule of the document names."""
    found: set[str] = set()
    for rule in document.rules:
        if isinstance(rule.test, ActivityRule):
            found.update(rule.test.activity.types)
        elif isinstance(rule.test, AbsenceTest):
            found.update(rule.test.absent.types)
    return frozenset(found)


_programs: dict[tuple[str, ScopeKind, str, str], Program] = {}
MOST_PROGRAMS = 64


def program(
    document: ModelDocument, kind: ScopeKind, using: str, base: ModelDocument | None = None
) -> Program:
    """The compiled document, kept for the next call: compiling costs more than one contact.

    With a ``base`` the stored scores must be that version's, and only what differs from it
    is computed anew.
    """
    kept = kept_from(document, base) if base else None
    vendor = connections[using].vendor
    key = (document.hash, kind, vendor, base.hash if base and kept else "")
    # Another thread may clear what this one has found: keep hold of it.
    found = _programs.get(key)
    if found is None:
        sql = Compiler(document, kind, using, kept).sql()
        found = Program(document, sql, activity_types(document))
        if len(_programs) >= MOST_PROGRAMS:
            _programs.clear()
        _programs[key] = found
    return found


def worth_columns(document: ModelDocument, kind: ScopeKind, using: str) -> Sql:
    """``contact_id``, ``inside`` and a column ``r0 ... rn`` for the worth of every rule."""
    return Compiler(document, kind, using, None).worth_rows()


class Compiler:
    """One compilation; with ``kept`` a differential one."""

    def __init__(
        self, document: ModelDocument, kind: ScopeKind, using: str, kept: Kept | None
    ) -> None:
        self.document = document
        self.kind = kind
        self.using = using
        self.dialect: Dialect = dialect_of(connections[using].vendor)
        self.kept = kept
        self.columns, self.worths = self.gather(crowded=False)
        if len(self.columns.passes) > MOST_PASSES:
            self.columns, self.worths = self.gather(crowded=True)

    def gather(self, *, crowded: bool) -> tuple[Columns, list[Sql]]:
        columns = Columns(crowded)
        worths = []
        for place, rule in enumerate(self.document.rules):
            if self.kept and place in self.kept.places:
                old = self.kept.places[place]
                worths.append(Sql(self.dialect.element("old_breakdown", old)))
            else:
                worths.append(worth_of(rule, columns, self.document.catalogue))
        # Stored scores, which a differential one begins from, are of the audience alone.
        self.inside = "1" if self.kept else columns.of_contact(flag(self.audience()))
        return columns, worths

    def audience(self) -> Q:
        """Whoever is erased is of none."""
        of_document = self.document.audience
        held = holds(of_document, self.document.catalogue) if of_document else Q()
        return Q(erased_at=None) & held

    def sql(self) -> Sql:
        return self.named(self.totalled(self.summed(self.worth_rows())))

    def worth_rows(self) -> Sql:
        """``contact_id``, ``inside``, ``r0 ... rn``: the worth of every rule."""
        source = self.columns.joined(self.kind, self.using)
        stored = ""
        if self.kept:
            stored = ", s.breakdown AS old_breakdown, s.groups AS old_groups"
            source = Sql.put(
                "{} JOIN scoring_score s ON s.track_id = {} AND s.contact_id = p.contact_id",
                source,
                Sql("%s", (Late("track"),)),
            )
        names = ", ".join([f"p.contact_id, {self.inside} AS inside", *self.needed_columns()])
        raw = Sql.put("SELECT {}{} FROM {} {}", names, stored, source, self.dialect.fence)
        wanted = self.wanted_worths()
        rules = Sql.join(", ", [Sql.put("{} AS r{}", self.worths[at], at) for at in wanted])
        carried = ", old_breakdown, old_groups" if self.kept else ""
        comma = ", " if wanted else ""
        return Sql.put(
            "SELECT contact_id, inside{}{}{} FROM ({}) raw {}",
            carried,
            comma,
            rules,
            raw,
            self.dialect.fence,
        )

    def needed_columns(self) -> list[str]:
        of_passes = [name for one in self.columns.passes.values() for name in one.columns]
        return [name for name in [*self.columns.profile, *of_passes] if name != self.inside]

    def wanted_worths(self) -> list[int]:
        """Places of the rules whose worth has to stand in a column."""
        if not self.kept or not self.kept.same_layout:
            return list(range(len(self.worths)))
        found: list[int] = []
        start = 0
        for at, group in enumerate(self.document.groups):
            whole = at in self.kept.groups
            found += [
                start + place for place, rule in enumerate(group.rules) if rule.exclude or not whole
            ]
            start += len(group.rules)
        return found

    def summed(self, rows: Sql) -> Sql:
        """The worths as one array, and a sum for each group."""
        worths = {at: f"r{at}" for at in range(len(self.worths))}
        if self.kept and self.kept.same_layout:
            new = {at: name for at, name in worths.items() if at not in self.kept.places}
            breakdown = self.dialect.patched("old_breakdown", len(worths), new)
        else:
            breakdown = self.dialect.array(list(worths.values()))
        sums, start = [Sql("")], 0
        for place, group in enumerate(self.document.groups):
            sums.append(Sql.put("{} AS g{}", self.group_sum(group, place, start), place))
            start += len(group.rules)
        excluding = [f"r{at}" for at, rule in enumerate(self.document.rules) if rule.exclude]
        excluded = f"({' + '.join(excluding)}) > 0" if excluding else "1 = 0"
        return Sql.put(
            "SELECT contact_id, inside, {} AS breakdown, ({}) AS excluded{} FROM ({}) worths {}",
            breakdown,
            excluded,
            Sql.join(", ", sums),
            rows,
            self.dialect.fence,
        )

    def group_sum(self, group: Group, place: int, start: int) -> Sql:
        places = range(start, start + len(group.rules))
        if self.kept and place in self.kept.groups:
            return Sql(self.dialect.element("old_groups", place))
        counted = [f"r{at}" for at in places if not self.document.rules[at].exclude]
        # Limits, and so groups and what is summed of them, may be beyond 4 bytes.
        total = Sql(f"CAST({' + '.join(counted) or 0} AS bigint)")
        return clipped(total, group.limits.min, group.limits.max)

    def totalled(self, rows: Sql) -> Sql:
        groups = [f"g{place}" for place in range(len(self.document.groups))]
        sides = {
            side: [f"g{at}" for at, g in enumerate(self.document.groups) if g.dimension == side]
            for side in ("fit", "interest")
        }
        limits = self.document.limits
        return Sql.put(
            "SELECT contact_id, inside, breakdown, excluded, {} AS groups, {} AS fit,"
            " {} AS interest, {} AS total FROM ({}) sums {}",
            self.dialect.array(groups, "bigint"),
            " + ".join(sides["fit"]) or "0",
            " + ".join(sides["interest"]) or "0",
            clipped(Sql(f"({' + '.join(groups) or 0})"), limits.min, limits.max),
            rows,
            self.dialect.fence,
        )

    def named(self, rows: Sql) -> Sql:
        document = self.document
        falling = [(band.name, band.start) for band in reversed(document.bands)]
        band = Sql.put(
            "CASE WHEN excluded THEN {} {} END", text(EXCLUDED), by_start("total", falling)
        )
        grade = Sql("CAST(NULL AS text)")
        if document.matrix:
            grade = Sql.put(
                "({} || {})",
                grade_of("fit", document.matrix.fit),
                grade_of("interest", document.matrix.interest),
            )
        return Sql.put(
            "SELECT contact_id, inside, total, fit, interest, groups, breakdown, {} AS band,"
            " {} AS grade, excluded FROM ({}) totals",
            band,
            grade,
            rows,
        )


def text(value: str) -> Sql:
    return Sql("CAST(%s AS text)", (value,))


def by_start(column: str, falling: list[tuple[str, int | None]]) -> Sql:
    """``WHEN column >= start THEN name`` from the highest start down, then ELSE."""
    *starts, (last, _none) = falling
    whens = [
        Sql.put("WHEN {} >= {} THEN {}", column, start or 0, text(name)) for name, start in starts
    ]
    return Sql.put("{} ELSE {}", Sql.join(" ", whens), text(last))


def grade_of(column: str, grades: tuple[Grade, ...]) -> Sql:
    names = [(grade.grade, grade.start) for grade in grades]
    return (
        Sql.put("(CASE {} END)", by_start(column, names)) if len(names) > 1 else text(names[0][0])
    )

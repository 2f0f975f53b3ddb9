"""For how many contacts a rule or a condition holds now: whole where that comes in time.

Where it does not, the same statement is asked of contacts drawn at random until the time is
up, and what it says of them is scaled to all. The evaluator is the one of the scores.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil, sqrt
from random import Random
from typing import Final

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Max, Min, QuerySet

from contacts.models import ActivityType, Contact
from scoring.criteria.conditions import Condition, holds
from scoring.criteria.document import Band, Dimension, Group, Limits, ModelDocument, Rule
from scoring.criteria.fields import Catalogue
from scoring.engine.columns import ScopeKind, flag, in_scope
from scoring.engine.compile import activity_types, worth_columns
from scoring.engine.deadline import OutOfTime, within
from scoring.engine.sql import Run, Scope, Sql
from scoring.engine.statements import SETTINGS_FOR_FEW, SETTINGS_FOR_MANY

# After so long the answer is an estimate, where nothing else is said.
SECONDS: Final = 0.8
# So many are asked at once, without a sample first.
FEW: Final = 5_000
# Of a sample: the first contacts, by which its pace is known, the fewest that are worth a
# question, and the most in all, which put the margin below one contact in a hundred.
FIRST: Final = 200
FEWEST: Final = 20
MOST_AT_ONCE: Final = 3_000
MOST_DRAWN: Final = 15_000
# Of a normal distribution, for an interval that holds in 95 of 100 cases.
Z: Final = 1.96
# Everybody is a range; those drawn at random are ids.
KINDS: Final = (ScopeKind.RANGE, ScopeKind.IDS)
# Contacts in a row take at most this part of the time of contacts drawn at random.
IN_A_ROW: Final = 0.5


@dataclass(frozen=True, slots=True)
class Counted:
    """Of ``of`` contacts the condition holds for ``count``.

    An estimate is scaled to all of them; ``margin`` more or less hold in 95 of 100 cases.
    """

    count: int
    of: int
    is_estimate: bool
    margin: int = 0


@dataclass(frozen=True, slots=True)
class RuleMeasure:
    """Of ``of`` contacts of the audience a rule counts for ``matching``, ``points`` in all.

    An excluding rule gives no points: it matches whom it excludes. See ``Counted``.
    """

    matching: int
    points: int
    of: int
    is_estimate: bool
    margin: int = 0


def measure_rules(
    document: ModelDocument, rules: Sequence[Rule], as_of: datetime, *, seconds: float | None = None
) -> dict[str, RuleMeasure]:
    """By name, what each of these rules gives to the contacts of the document's audience."""
    if not rules:
        return {}
    probe = only(document, rules)
    types = ActivityType.objects.known_ids(activity_types(probe))
    # Made ready before the time runs, which is for the database alone.
    asked = {kind: question(probe, kind) for kind in KINDS}

    def ask(scope: Scope) -> Sequence[int]:
        return answer(asked[kind_of(scope)], Run(as_of, scope, types))

    found = survey(ask, Contact.objects.all(), seconds)
    of = found.scaled(1)
    return {
        rule.name: RuleMeasure(
            matching=found.scaled(2 + 2 * at),
            points=0 if rule.exclude else found.scaled(3 + 2 * at),
            of=of,
            is_estimate=not found.is_whole,
            margin=found.margin(2 + 2 * at),
        )
        for at, rule in enumerate(rules)
    }


def count_condition(
    condition: Condition,
    catalogue: Catalogue,
    as_of: datetime,
    *,
    contacts: QuerySet[Contact] | None = None,
    seconds: float | None = None,
) -> Counted:
    """For how many of these contacts, or of all, the condition holds."""
    among = Contact.objects.all() if contacts is None else contacts
    flagged = among.order_by().annotate(held=flag(holds(condition, catalogue))).values("held")
    asked = {
        kind: Sql.put(
            "SELECT COUNT(*), COALESCE(SUM(held), 0) FROM ({}) asked",
            Sql.of(flagged.filter(in_scope("pk", kind)), DEFAULT_DB_ALIAS),
        )
        for kind in KINDS
    }

    def ask(scope: Scope) -> Sequence[int]:
        return answer(asked[kind_of(scope)], Run(as_of, scope, {}))

    found = survey(ask, among, seconds)
    return Counted(found.scaled(1), found.of, not found.is_whole, found.margin(1))


def only(document: ModelDocument, rules: Sequence[Rule]) -> ModelDocument:
    """The document with just these rules, so that nothing else is computed."""
    return replace(
        document,
        objective=None,
        limits=Limits(),
        groups=(Group("measured", Dimension.INTEREST, Limits(), tuple(rules)),),
        bands=(Band("all", None),),
        matrix=None,
        scenarios=(),
    )


_questions: dict[tuple[str, ScopeKind, str], Sql] = {}
MOST_QUESTIONS = 64


def question(probe: ModelDocument, kind: ScopeKind) -> Sql:
    """One row: contacts, those inside, and for each rule for how many it counts and its sum."""
    key = (probe.hash, kind, connections[DEFAULT_DB_ALIAS].vendor)
    found = _questions.get(key)
    if found is None:
        sums = ["COUNT(*)", "COALESCE(SUM(inside), 0)"]
        for at in range(len(probe.rules)):
            sums.append(f"COUNT(CASE WHEN inside = 1 AND r{at} <> 0 THEN 1 END)")
            sums.append(f"COALESCE(SUM(CASE WHEN inside = 1 THEN r{at} END), 0)")
        rows = worth_columns(probe, kind, DEFAULT_DB_ALIAS)
        found = Sql.put("SELECT {} FROM ({}) measured", ", ".join(sums), rows)
        if len(_questions) >= MOST_QUESTIONS:
            _questions.clear()
        _questions[key] = found
    return found


def kind_of(scope: Scope) -> ScopeKind:
    return ScopeKind.IDS if scope.ids else ScopeKind.RANGE


def answer(asked: Sql, run: Run) -> Sequence[int]:
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        settings = SETTINGS_FOR_FEW if run.scope.ids else SETTINGS_FOR_MANY
        Sql(settings).rows(run, DEFAULT_DB_ALIAS)
    [row] = asked.rows(run, DEFAULT_DB_ALIAS)
    return [int(number) for number in row]


Ask = Callable[[Scope], Sequence[int]]


@dataclass(slots=True)
class Survey:
    """Sums over the contacts that were asked, the first being their number; ``of`` are all."""

    of: int
    sums: Sequence[int] = ()
    is_whole: bool = False

    @property
    def asked(self) -> int:
        return self.sums[0] if self.sums else 0

    def scaled(self, at: int) -> int:
        """The sum at a place, for all contacts."""
        if not self.asked:
            return 0
        return self.sums[at] if self.is_whole else round(self.sums[at] * self.of / self.asked)

    def margin(self, at: int) -> int:
        """How far the scaled number at a place, which counts contacts, may be off."""
        if self.is_whole:
            return 0
        if not self.asked:
            return self.of
        # With two more of each kind, so that none and all are not certain either.
        share = (self.sums[at] + 2) / (self.asked + 4)
        unasked = max(0.0, 1 - self.asked / self.of)
        return ceil(self.of * Z * sqrt(share * (1 - share) / (self.asked + 4) * unasked))

    def add(self, row: Sequence[int]) -> None:
        before = self.sums or [0] * len(row)
        self.sums = [one + other for one, other in zip(before, row, strict=True)]


class Clock:
    """How much of the time is left."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return self.until - time.monotonic()


def survey(ask: Ask, among: QuerySet[Contact], seconds: float | None) -> Survey:
    """Ask of everybody if there is time for it, otherwise of as many as there is time for."""
    clock = Clock(SECONDS if seconds is None else seconds)
    ends = among.order_by().aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return Survey(0, is_whole=True)
    everybody = Scope(ends["first"], ends["last"])
    found = Survey(among.order_by().count())
    if found.of <= FEW and (row := in_time(ask, everybody, clock.left / 2)):
        return Survey(found.of, row, is_whole=True)
    drawn = draw(everybody)
    at, size, may_try = 0, FIRST, found.of > FEW
    while at < len(drawn) and size >= FEWEST:
        pace = add_some(ask, drawn[at : at + size], found, clock)
        if not pace:
            break
        at += size
        if may_try and pace * found.of * IN_A_ROW < clock.left:
            may_try = False
            if row := in_time(ask, everybody, clock.left * 0.8):
                return Survey(found.of, row, is_whole=True)
        size = min(int(clock.left / 3 / pace), MOST_AT_ONCE)
    found.is_whole = found.asked == found.of
    return found


def draw(everybody: Scope) -> list[int]:
    """Ids at random, the same ones each time, so that a number on a page does not flicker.

    Some may be nobody's: those that are left are as good a sample.
    """
    ids = range(everybody.first, everybody.last + 1)
    dice = Random(everybody.last)  # noqa: S311 - a sample is no secret
    return dice.sample(ids, min(len(ids), MOST_DRAWN))


def add_some(ask: Ask, ids: Sequence[int], found: Survey, clock: Clock) -> float:
    """Ask of these and add it to what was found; the seconds that each took, 0 if cut off."""
    before = clock.left
    row = in_time(ask, Scope(ids=tuple(sorted(ids))), before)
    if row is None:
        return 0.0
    found.add(row)
    return (before - clock.left) / len(ids)


def in_time(ask: Ask, scope: Scope, seconds: float) -> Sequence[int] | None:
    """The answer; None where it takes too long."""
    if seconds <= 0:
        return None
    try:
        with within(seconds):
            return ask(scope)
    except OutOfTime:
        return None

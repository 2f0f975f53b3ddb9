"""The only writer of scores: computes, compares with what is stored, writes what differs.

A call is part of its caller's transaction, which must have locked the contacts (a refresh)
or their block (a recompute): see ``locks``.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils import timezone

from contacts.models import ActivityType
from scoring.criteria.document import ModelDocument
from scoring.criteria.models import Version
from scoring.engine.columns import ScopeKind
from scoring.engine.compile import Program, program
from scoring.engine.followers import Change, changes_of
from scoring.engine.models import Cause, Track
from scoring.engine.sql import Run, Scope, Sql
from scoring.engine.statements import (
    CHANGES,
    SETTINGS_FOR_FEW,
    SETTINGS_FOR_MANY,
    STAGING_TABLE,
    at_once,
    staging,
    steps,
)


@dataclass(frozen=True, slots=True)
class Written:
    """How many scores changed, and when that was noted; of given contacts also which."""

    count: int
    at: datetime
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Writing:
    """What is to be written where: the version's document on a track, and why.

    With a ``base`` the stored scores are that document's, and are patched.
    """

    track: Track
    version: Version
    cause: Cause
    base: ModelDocument | None = None

    def write(self, scope: Scope, as_of: datetime) -> "Written":
        """Make the stored scores of the scope what the document says."""
        written_at = timezone.now()
        compiled, run = self.prepared(scope, as_of, written_at)
        if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
            rows = self.write_at_once(compiled, run)
        else:
            rows = self.write_in_steps(compiled, run)
        if scope.ids:
            return Written(len(rows), written_at, tuple(changes_of(rows)))
        return Written(rows[0][0], written_at)

    def write_at_once(self, compiled: Program, run: Run) -> list[tuple[Any, ...]]:
        """One statement, so that one contact costs one plan, kept, and one round trip."""
        for_few = bool(run.scope.ids)
        Sql(SETTINGS_FOR_FEW if for_few else SETTINGS_FOR_MANY).execute(run, DEFAULT_DB_ALIAS)
        statement = at_once(compiled, in_range=not for_few)
        return statement.rows(run, DEFAULT_DB_ALIAS, kept=for_few)

    def write_in_steps(self, compiled: Program, run: Run) -> list[tuple[Any, ...]]:
        """The same where a statement can write to one table only."""
        in_range = not run.scope.ids
        Sql(STAGING_TABLE).execute(run, DEFAULT_DB_ALIAS)
        staged = staging(compiled, in_range=in_range).execute(run, DEFAULT_DB_ALIAS)
        found: list[tuple[Any, ...]] = [(staged,)] if in_range else []
        if staged:
            if not in_range:
                found = Sql(CHANGES).rows(run, DEFAULT_DB_ALIAS)
            for step in (*steps(in_range=in_range), Sql("DELETE FROM scoring_staged")):
                step.execute(run, DEFAULT_DB_ALIAS)
        return found

    def prepared(
        self, scope: Scope, as_of: datetime, written_at: datetime | None = None
    ) -> tuple[Program, Run]:
        document = self.version.document_value
        kind = ScopeKind.IDS if scope.ids else ScopeKind.RANGE
        compiled = program(document, kind, DEFAULT_DB_ALIAS, self.base)
        types = ActivityType.objects.ids_by_slug(compiled.types)
        run = Run(
            as_of,
            scope,
            types,
            self.track.pk,
            version=self.version.pk,
            cause=self.cause.value,
            written_at=written_at,
        )
        return compiled, run

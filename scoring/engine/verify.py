"""Is what is stored what computing it now would give? Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, OuterRef
from django.utils import timezone

from contacts.models import Contact, Pending
from scoring.engine.locks import BLOCK, BLOCK_BITS
from scoring.engine.models import Cause, Score, ScoreChange, Track
from scoring.engine.recompute import blocks
from scoring.engine.sql import Scope
from scoring.engine.statements import STAGED, differing
from scoring.engine.sweep import due
from scoring.engine.write import Writing


@dataclass(frozen=True, slots=True)
class Difference:
    """A contact whose stored score is wrong; None is no score (outside the audience)."""

    email: str
    stored: int | None
    stored_band: str | None
    computed: int | None
    computed_band: str | None


def differences(track: Track, as_of: datetime | None = None) -> Iterator[Difference]:
    """Contacts whose stored score differs from one computed at ``as_of`` (now if not given).

    Those that are known to be behind are left out: pending ones, and those that time has
    reached since the last sweep.
    """
    instant = as_of or timezone.now()
    behind = due(track.version.document_value, track.swept_at, instant)
    behind.update(Pending.objects.values_list("contact_id", flat=True).distinct())
    writing = Writing(track, track.version, Cause.RECOMPUTE)
    for block in blocks():
        first = block << BLOCK_BITS
        compiled, run = writing.prepared(Scope(first, first + BLOCK - 1), instant)
        rows = differing(compiled).rows(run, DEFAULT_DB_ALIAS)
        wrong = {row[0]: row for row in rows if row[0] not in behind}
        addresses = Contact.objects.filter(pk__in=wrong).values_list("pk", "email_key")
        for pk, email in addresses.order_by("pk"):
            row = dict(zip(STAGED, wrong[pk], strict=True))
            inside = row["inside"] == 1
            yield Difference(
                email=email,
                stored=row["total_before"],
                stored_band=row["band_before"],
                computed=row["total"] if inside else None,
                computed_band=row["band"] if inside else None,
            )


def without_history(track: Track) -> Iterator[Score]:
    """Stored scores that the history does not end in: none, if all is well."""
    same = ScoreChange.objects.filter(
        track=OuterRef("track_id"),
        contact=OuterRef("contact_id"),
        revision=OuterRef("revision"),
        total=OuterRef("total"),
        band=OuterRef("band"),
        breakdown=OuterRef("breakdown"),
    )
    later = ScoreChange.objects.filter(
        track=OuterRef("track_id"),
        contact=OuterRef("contact_id"),
        revision__gt=OuterRef("revision"),
    )
    scores = Score.objects.filter(track=track).select_related("contact")
    return scores.exclude(Exists(same), ~Exists(later)).iterator()

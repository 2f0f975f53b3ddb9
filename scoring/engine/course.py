"""The course of one score: what was stored of it, what lies before that, and what will come.

Before the first stored change stands what the version of today makes of earlier days, with
the fields of today; after now, what time alone will do. Both by the one evaluator.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from time import monotonic
from typing import Final

from django.db import DEFAULT_DB_ALIAS

from contacts.models import Contact
from scoring.criteria.document import ModelDocument
from scoring.engine.forecast import forecast
from scoring.engine.models import ScoreChange, Track
from scoring.engine.results import Result, score

# More points than this are no clearer picture.
CHANGES_MOST: Final = 100
LOOKS_BACK: Final = 24
STEPS_MOST: Final = 20
SECONDS: Final = 1.0


class Source(StrEnum):
    WORKED_OUT = "worked_out"
    STORED = "stored"
    FORETOLD = "foretold"


@dataclass(frozen=True, slots=True)
class Point:
    """From ``at`` on the total is this, until the next point; None is outside the audience."""

    at: datetime
    total: int | None
    band: str
    source: Source
    moved: tuple[tuple[str, int], ...] = ()
    excluding: frozenset[str] = frozenset()
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    points: tuple[Point, ...]
    # There were more stored changes than are told of.
    is_cut: bool


def course(
    contact: Contact, track: Track, since: datetime, now: datetime, until: datetime
) -> Course:
    """The points from ``since`` to ``until``, oldest first, in bounded time."""
    document = track.version.document_value
    stored, is_cut = stored_points(contact.pk, track, since, now)
    first = stored[0].at if stored else now
    early = max(since, contact.created_at or contact.stored_at)
    worked_out = list(worked_out_points(contact.pk, document, early, first))
    coming = list(foretold_points(contact.pk, document, now, until))
    return Course((*worked_out, *stored, *coming), is_cut)


def stored_points(
    contact_id: int, track: Track, since: datetime, now: datetime
) -> tuple[list[Point], bool]:
    """The stored changes with what moved each; the newest where there are too many."""
    changes = ScoreChange.objects.filter(track=track, contact=contact_id, as_of__lte=now)
    newest = list(
        changes.select_related("version__model").order_by("-revision")[: CHANGES_MOST + 1]
    )
    pairs = zip(newest[:CHANGES_MOST], [*newest[1:], None], strict=False)
    points = [point_of(change, former) for change, former in pairs]
    # The last one before the window is where the line begins.
    shown = [point for point in points if point.at >= since]
    return [*reversed(points[len(shown) : len(shown) + 1]), *reversed(shown)], len(
        newest
    ) > CHANGES_MOST and len(shown) >= CHANGES_MOST


def point_of(change: ScoreChange, former: ScoreChange | None) -> Point:
    return Point(
        at=change.as_of,
        total=change.total,
        band=change.band or "",
        source=Source.STORED,
        moved=tuple(change.difference_from(former).items()),
        excluding=frozenset(
            rule.name
            for each in (change, former)
            if each
            for rule in each.version.document_value.rules
            if rule.exclude
        ),
        cause=change.get_cause_display(),
    )


def worked_out_points(
    contact_id: int, document: ModelDocument, since: datetime, first: datetime
) -> Iterator[Point]:
    """Evenly spaced looks at the time before anything was stored."""
    if first <= since:
        return
    end = monotonic() + SECONDS
    # From the newest on, so that what time does not allow is the oldest.
    instants = [
        first - (first - since) * number / LOOKS_BACK for number in range(1, LOOKS_BACK + 1)
    ]
    found: list[tuple[datetime, Result | None]] = []
    for instant in instants:
        if monotonic() > end:
            break
        result = score(document, [contact_id], instant, DEFAULT_DB_ALIAS).get(contact_id)
        found.append((instant, result))
    former: Result | None = None
    for at, result in reversed(found):
        yield between(at, former, result, Source.WORKED_OUT)
        former = result


def foretold_points(
    contact_id: int, document: ModelDocument, now: datetime, until: datetime
) -> Iterator[Point]:
    """The score now, and each change that time alone will make of it."""
    result = score(document, [contact_id], now, DEFAULT_DB_ALIAS).get(contact_id)
    yield between(now, result, result, Source.FORETOLD)
    coming = forecast(
        document, contact_id, now, DEFAULT_DB_ALIAS, result, most=STEPS_MOST, seconds=SECONDS
    )
    for step in coming.steps:
        if step.at > until:
            return
        yield between(step.at, result, step.result, Source.FORETOLD)
        result = step.result


def between(at: datetime, former: Result | None, result: Result | None, source: Source) -> Point:
    """The point of a result, with what moved it since the former one."""
    moved = tuple(differences(former, result)) if former and result else ()
    excluding = frozenset(
        rule.name for rule in (result.document.rules if result else ()) if rule.exclude
    )
    return Point(
        at,
        result.total if result else None,
        result.band if result else "",
        source,
        moved,
        excluding,
    )


def differences(former: Result, result: Result) -> Iterator[tuple[str, int]]:
    for rule, old, new in zip(result.document.rules, former.worths, result.worths, strict=True):
        if old != new:
            yield rule.name, new - old

"""Today's totals and their rises: from the stored scores, or from a sample by the evaluator."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.utils import timezone

from contacts.models import Contact
from contacts.models.people import sees_everybody
from scoring.agreement.workshop.figures import Figures, Moves, Pairs, rises_of
from scoring.agreement.workshop.table import same_totals
from scoring.criteria.document import ModelDocument
from scoring.engine.deadline import OutOfTime, within
from scoring.engine.measures import draw
from scoring.engine.models import Cause, Score, ScoreChange, Track
from scoring.engine.results import Result, score
from scoring.engine.sql import Scope

WEEKS: Final = 8
WEEK: Final = timedelta(weeks=1)
# A history shorter than this says too little of a week.
SHORTEST: Final = timedelta(weeks=2)
SECONDS: Final = 1.0
BATCH: Final = 200
ASKED_FOR_RISES: Final = 2_000
# What a contact or the time did; not another version.
BY_THEMSELVES: Final = (Cause.ACTIVITY, Cause.PROFILE, Cause.TIME)


def figures_of(document: ModelDocument, track: Track | None, user: Any) -> Figures:
    """Of the contacts that this person may see."""
    contacts = Contact.objects.visible_to(user)
    if track is None or not is_current(track, document):
        return replayed(document, contacts)
    totals = stored_totals(track, user)
    of = sum(count for _total, count in totals)
    if (since := history_since(track)) is None:
        return with_totals(replayed(document, contacts), totals)
    weeks = min(WEEKS, (timezone.now() - since) / WEEK)
    moves, seen = history(track, timezone.now() - weeks * WEEK, user, of)
    rises, always = rises_of(moves)
    return Figures(totals, of, of, rises, always, seen, weeks, stored=True, history=True)


def is_current(track: Track, document: ModelDocument) -> bool:
    """Whether the stored scores are what the document gives."""
    is_whole = not track.recomputes.filter(finished_at=None).exists()
    return is_whole and same_totals(track.version.document_value, document)


# --- From what is stored ---------------------------------------------------------------------


def stored_totals(track: Track, user: Any) -> Pairs:
    scores = Score.objects.filter(track=track, excluded=False)
    if not sees_everybody(user):
        scores = scores.filter(contact__in=Contact.objects.visible_to(user))
    counts = scores.order_by().values("total").annotate(count=Count("contact"))
    return tuple(sorted((row["total"], row["count"]) for row in counts))


def history_since(track: Track) -> datetime | None:
    """Since when the history is that of these rules; None where that is too short a time."""
    since: datetime | None = track.recomputes.aggregate(last=Max("started_at"))["last"]
    return since if since and since <= timezone.now() - SHORTEST else None


def history(track: Track, since: datetime, user: Any, of: int) -> tuple[Moves, int]:
    """The rises since then, and of how many contacts; of some, where all take too long."""
    rows = rises_in(track, since)
    if not sees_everybody(user):
        rows = rows.filter(contact__in=Contact.objects.visible_to(user))
    try:
        with within(SECONDS):
            return moves_of(rows), of
    except OutOfTime:
        ids = drawn(Contact.objects.visible_to(user))[:ASKED_FOR_RISES]
        scored = Score.objects.filter(track=track, excluded=False, contact__in=ids).count()
        return moves_of(rises_in(track, since).filter(contact__in=ids)), scored


def rises_in(track: Track, since: datetime) -> QuerySet[ScoreChange]:
    rises = Q(total_before__isnull=True) | Q(total__gt=F("total_before"))
    found = ScoreChange.objects.filter(
        rises, track=track, written_at__gte=since, cause__in=BY_THEMSELVES, total__isnull=False
    )
    return found.order_by()


def moves_of(rows: QuerySet[ScoreChange]) -> Moves:
    """Alike ones are counted by the database: there are few totals, and many rises."""
    alike = rows.values_list("total_before", "total").annotate(count=Count("contact"))
    return Counter({(before, after): count for before, after, count in alike if after is not None})


# --- By the evaluator ------------------------------------------------------------------------


def replayed(document: ModelDocument, contacts: QuerySet[Contact]) -> Figures:
    """A sample scored now and as of the end of each week before, with today's fields."""
    of = contacts.order_by().count()
    now = timezone.now()
    instants = [now - WEEK * week for week in range(WEEKS, -1, -1)]
    totals: Counter[int] = Counter()
    moves: Moves = Counter()
    asked = inside = 0
    until = time.monotonic() + SECONDS
    for ids in batches(contacts):
        created = dict(
            Contact.objects.filter(pk__in=ids).order_by().values_list("pk", "created_at")
        )
        weeks = [score(document, ids, instant, DEFAULT_DB_ALIAS) for instant in instants]
        asked += len(created)
        for pk, since in created.items():
            path = path_of(pk, since, weeks, instants)
            moves.update(rises_along(path))
            if path[-1] is not None:
                totals[path[-1]] += 1
                inside += 1
        if time.monotonic() > until:
            break
    rises, always = rises_of(moves)
    all_inside = round(inside * of / asked) if asked else 0
    counts = tuple(sorted(totals.items()))
    return Figures(
        counts, inside, all_inside, rises, always, inside, WEEKS, stored=False, history=False
    )


def with_totals(figures: Figures, totals: Pairs) -> Figures:
    """The stored totals beside rises that were worked out of a sample."""
    of = sum(count for _total, count in totals)
    return Figures(
        totals, of, of, figures.rises, figures.always, figures.rises_seen,
        figures.weeks, stored=True, history=False,
    )  # fmt: skip


def path_of(
    pk: int,
    since: datetime | None,
    weeks: Sequence[dict[int, Result]],
    instants: Sequence[datetime],
) -> list[int | None]:
    """The contact's total at each instant; None where it was not there, or is not scored."""
    path: list[int | None] = []
    for results, instant in zip(weeks, instants, strict=True):
        result = results.get(pk)
        was_there = since is None or since <= instant
        path.append(result.total if result and was_there and not result.excluded else None)
    return path


def rises_along(path: Sequence[int | None]) -> Iterator[tuple[int | None, int]]:
    for before, after in zip(path, path[1:], strict=False):
        if after is not None and (before is None or before < after):
            yield before, after


def drawn(contacts: QuerySet[Contact]) -> list[int]:
    """Ids at random between the first and the last; some may be nobody's."""
    ends = contacts.order_by().aggregate(first=Min("pk"), last=Max("pk"))
    return draw(Scope(ends["first"], ends["last"])) if ends["first"] is not None else []


def batches(contacts: QuerySet[Contact]) -> Iterator[list[int]]:
    ids = drawn(contacts)
    for start in range(0, len(ids), BATCH):
        some = contacts.filter(pk__in=ids[start : start + BATCH]).order_by()
        if found := list(some.values_list("pk", flat=True)):
            yield found

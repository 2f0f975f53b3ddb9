"""Everybody's scores made anew, in blocks of contact ids.

The blocks are rows: a recompute that was stopped goes on where it was, and any number of
processes on any number of machines work on one.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from contacts.models import Contact
from scoring.criteria.models import Version
from scoring.engine.followers import Refreshed, changes_of, followed, followers_of, tell
from scoring.engine.locks import BLOCK, BLOCK_BITS, block_of, lock_block
from scoring.engine.models import Cause, Recompute, RecomputeRange, ScoreChange, Track
from scoring.engine.refresh import loud_among
from scoring.engine.sql import Scope
from scoring.engine.statistics import count_anew
from scoring.engine.write import Writing

# Contacts of a block whose followers hear of them at a time.
TOLD_AT_ONCE = 5000


def start(
    track: Track, cause: Cause, as_of: datetime | None = None, base: Version | None = None
) -> Recompute:
    """Begin a recompute of the track's version; one that is unfinished is put in its place.

    ``base`` is the version whose scores are stored, to patch them instead of starting over.
    """
    count_anew()
    with transaction.atomic():
        locked = Track.objects.select_for_update().get(pk=track.pk)
        halfway = locked.recomputes.filter(finished_at=None)
        if halfway.update(finished_at=timezone.now()):
            # Some of its blocks hold one version's scores and some another's.
            base = None
        started_at = timezone.now()
        if base is None:
            # Everything is made anew, so time begins anew: what a sweep marked is not needed.
            locked.swept_at = as_of or started_at
            locked.save(update_fields=["swept_at"])
        recompute = Recompute.objects.create(
            track=locked,
            version=locked.version,
            base=base,
            cause=cause,
            as_of=as_of,
            started_at=started_at,
        )
        RecomputeRange.objects.bulk_create(
            RecomputeRange(recompute=recompute, block=block) for block in blocks()
        )
    return recompute


def blocks() -> list[int]:
    """The blocks from the first contact to the last."""
    ends = Contact.objects.aggregate(first=Min("pk"), last=Max("pk"))
    if ends["last"] is None:
        return []
    return list(range(block_of(ends["first"]), block_of(ends["last"]) + 1))


def work(recompute: Recompute) -> Iterator[int]:
    """Do the blocks that nobody else is doing; how many scores changed, block by block."""
    while (changed := work_one(recompute)) is not None:
        yield changed
    finish(recompute)


def work_one(recompute: Recompute) -> int | None:
    """Do one block; None where none is left to take."""
    with transaction.atomic():
        free = recompute.ranges.filter(done_at=None).order_by("block")
        taken = free.select_for_update(skip_locked=True).first()
        if taken is None:
            return None
        lock_block(taken.block)
        # After the lock, so that no score is made older than a refresh that came before.
        fresh = Recompute.objects.select_related("track").get(pk=recompute.pk)
        if fresh.finished_at:
            # Another version has gone live meanwhile: its own recompute does this block.
            return None
        writing = Writing(
            fresh.track,
            recompute.version,
            Cause(recompute.cause),
            recompute.base.document_value if recompute.base else None,
        )
        first = taken.block << BLOCK_BITS
        as_of = fresh.track.instant(recompute.as_of)
        written = writing.write(Scope(first, first + BLOCK - 1), as_of)
        tell_of_block(writing, taken.block, written.at, as_of)
        taken.changed = written.count
        taken.done_at = timezone.now()
        taken.save(update_fields=["changed", "done_at"])
    return taken.changed


def tell_of_block(writing: Writing, block: int, written_at: datetime, as_of: datetime) -> None:
    """Tell who follows, quietly: another version is not something that a contact did.

    But not quietly of contacts that somebody's activity or change has marked meanwhile: the
    score that comes of it is the one written here, and their own refresh will find it so.
    """
    track = followed(Track.objects.filter(pk=writing.track.pk)).select_related("version").get()
    if not followers_of(track):
        return
    first = block << BLOCK_BITS
    rows = ScoreChange.objects.filter(track=writing.track, written_at=written_at)
    told = first - 1
    while changes := changes_of(
        rows.filter(contact_id__gt=told, contact_id__lt=first + BLOCK)
        .order_by("contact_id")
        .values_list("contact_id", "revision", "total_before", "band_before", "total", "band")[
            :TOLD_AT_ONCE
        ]
    ):
        told = changes[-1].contact_id
        ids = [change.contact_id for change in changes]
        loud = loud_among(ids)
        tell(
            Refreshed(
                track=track,
                version=writing.version,
                cause=writing.cause,
                as_of=as_of,
                contact_ids=ids,
                changes=changes,
                quiet=frozenset(ids) - loud.keys(),
                depths={pk: depth for pk, depth in loud.items() if depth},
            )
        )


def finish(recompute: Recompute) -> bool:
    """Close the books if every block is done; whether they are."""
    with transaction.atomic():
        fresh = Recompute.objects.select_for_update().get(pk=recompute.pk)
        if fresh.finished_at or fresh.ranges.filter(done_at=None).exists():
            return fresh.finished_at is not None
        fresh.finished_at = timezone.now()
        fresh.save(update_fields=["finished_at"])
    count_anew()
    return True


def recompute_unfinished() -> int:
    """Do one block of any recompute that is under way; 1 where there was one."""
    for recompute in Recompute.objects.filter(finished_at=None).select_related(
        "track", "version", "base"
    ):
        if work_one(recompute) is not None:
            return 1
        finish(recompute)
    return 0

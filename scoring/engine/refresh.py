"""Scores of given contacts made anew: after an activity, a change, or the passing of time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from contacts.models import Pending
from leadscoring.failpoints import failpoint
from scoring.criteria.models import Version
from scoring.engine.followers import Refreshed, followed, tell
from scoring.engine.locks import block_of, lock_contacts
from scoring.engine.models import Cause, Recompute, RecomputeRange, Track
from scoring.engine.pilots.arriving import places_for_arrivals
from scoring.engine.sql import Scope
from scoring.engine.write import Writing

BATCH = 500
# Recomputes under way that patch the scores of an earlier version.
PATCHING = Recompute.objects.filter(finished_at=None, base__isnull=False)
# Of several reasons why a contact is pending the history names the first of these; a merge
# and an erasure are no reason to be pending, for they compute the scores themselves.
CAUSES = (Cause.ACTIVITY, Cause.PROFILE, Cause.TIME, Cause.MERGE, Cause.ERASURE)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a contact is refreshed. Quiet: nothing is to be set off; depth: see ``Refreshed``."""

    cause: Cause
    quiet: bool = False
    depth: int = 0


def refresh(contact_ids: Iterable[int], cause: Cause, as_of: datetime | None = None) -> int:
    """Make the stored scores of these contacts right on every track; how many changed.

    ``as_of`` is now where it is not given. A few hundred contacts at most: one transaction.
    """
    return refresh_each(dict.fromkeys(contact_ids, Reason(cause)), as_of)


def refresh_each(reasons: Mapping[int, Reason], as_of: datetime | None = None) -> int:
    """The same, with the reason of each contact by its id."""
    with transaction.atomic():
        transaction.on_commit(lambda: failpoint("refresh.after_commit_before_hint"))
        lock_contacts(sorted(reasons))
        failpoint("refresh.after_lock")
        # Only now: what was committed while we waited for the lock has to be seen, be it a
        # change of the contact or another version of the track.
        rows = (
            Track.objects.computed()
            .select_related("version")
            .annotate(being_patched=Exists(PATCHING.filter(track=OuterRef("pk"))))
        )
        tracks = list(followed(rows.order_by("pk")))
        with places_for_arrivals(tracks, sorted(reasons)):
            changed = sum(
                refresh_track(
                    track,
                    {pk: reasons[pk] for pk in sorted(reasons) if reasons[pk].cause == cause},
                    cause,
                    track.instant(as_of),
                )
                for cause in CAUSES
                if any(reason.cause == cause for reason in reasons.values())
                for track in tracks
            )
        failpoint("refresh.before_commit")
    return changed


def refresh_track(
    track: Track, reasons: Mapping[int, Reason], cause: Cause, as_of: datetime
) -> int:
    """Refresh locked contacts on one track, and tell who follows.

    While a differential recompute runs, the contacts of blocks that it has still to do are
    scored by its base, for that is what it will patch.
    """
    old = bases(track, {block_of(pk) for pk in reasons})
    by_version: dict[Version, list[int]] = {}
    for pk in reasons:
        by_version.setdefault(old.get(block_of(pk)) or track.version, []).append(pk)
    changed = 0
    for version, chosen in by_version.items():
        written = Writing(track, version, cause).write(Scope(ids=tuple(chosen)), as_of)
        failpoint("refresh.after_history")
        quiet = {pk for pk in chosen if reasons[pk].quiet}
        # What somebody did meanwhile may be in this score: then it is not quiet any more.
        loud = loud_among(quiet) if quiet else {}
        depths = {pk: reasons[pk].depth for pk in chosen} | loud
        tell(
            Refreshed(
                track=track,
                version=version,
                cause=cause,
                as_of=as_of,
                contact_ids=chosen,
                changes=written.changes,
                quiet=frozenset(quiet - loud.keys()),
                depths={pk: depth for pk, depth in depths.items() if depth},
            )
        )
        changed += written.count
    return changed


def loud_among(contact_ids: Collection[int]) -> dict[int, int]:
    """Of these contacts those whom somebody's activity or change has marked, with the depth.

    To be asked after the scores were written: whatever is in them has its row by then.
    """
    marked = Pending.objects.filter(contact__in=contact_ids, quiet=False).exclude(cause=Cause.TIME)
    return dict(marked.order_by().values_list("contact_id").annotate(Max("depth")))


def bases(track: Track, blocks: Collection[int]) -> dict[int, Version | None]:
    """The base of the recompute that has these blocks still to patch, by block."""
    if not getattr(track, "being_patched"):  # noqa: B009 - an annotation
        return {}
    waiting = RecomputeRange.objects.filter(
        recompute__in=PATCHING.filter(track=track), done_at=None, block__in=blocks
    )
    return {each.block: each.recompute.base for each in waiting.select_related("recompute__base")}


def refresh_rows(rows: Sequence[Pending], as_of: datetime | None = None) -> None:
    """Refresh the contacts of these Pending rows, in one transaction with their end."""
    found: dict[int, list[Pending]] = {}
    for row in rows:
        found.setdefault(row.contact_id, []).append(row)
    with transaction.atomic():
        refresh_each({contact: reason_of(rows) for contact, rows in found.items()}, as_of)
        Pending.objects.filter(pk__in=[row.pk for row in rows]).delete()


def reason_of(rows: Sequence[Pending]) -> Reason:
    """The one reason for what several rows of a contact ask.

    Quiet only where all are. As deep as its deepest: a chain of automations must not go on
    behind a change that came in between.
    """
    return Reason(
        cause=strongest({row.cause for row in rows}),
        quiet=all(row.quiet for row in rows),
        depth=max(row.depth for row in rows),
    )


def strongest(causes: set[str]) -> Cause:
    return next(cause for cause in CAUSES if cause.value in causes)

"""What the automations would do if a version went live: decided as their follower decides."""

from collections.abc import Iterable, Iterator

from scoring.agreement.impact import Impact, ImpactMoveQuerySet
from scoring.automations.conditions import who_meets
from scoring.automations.follow import LevelTriggers, Running, running_on
from scoring.engine.followers import Change, Refreshed, changes_of
from scoring.engine.models import Cause, Track
from scoring.engine.recompute import TOLD_AT_ONCE

# By automation: how often it would go off, and for how many of these its conditions hold.
Firings = dict[str, list[int]]


def firings_of(impact: Impact, track: Track | None, moves: ImpactMoveQuerySet) -> Firings:
    found: Firings = {}
    for changes in pieces(moves):
        refreshed = refreshed_by(impact, track, changes)
        for running, contacts in went_off(refreshed):
            counted = found.setdefault(str(running.automation.pk), [0, 0])
            counted[0] += len(contacts)
            fields = refreshed.version.document_value.fields
            met = who_meets(running.document.conditions, fields, contacts, impact.as_of)
            counted[1] += len(met)
    return found


def pieces(moves: ImpactMoveQuerySet) -> Iterator[list[Change]]:
    """The moves as changes of scores, as many at once as a recompute tells of."""
    told = -1
    columns = ("contact_id", "total_before", "band_before", "total", "band")
    while rows := list(moves.filter(contact__gt=told).values_list(*columns)[:TOLD_AT_ONCE]):
        told = rows[-1][0]
        yield changes_of((contact, 0, *rest) for contact, *rest in rows)


def refreshed_by(impact: Impact, track: Track | None, changes: list[Change]) -> Refreshed:
    """What the recompute after going live would tell of these changes."""
    ids = [change.contact_id for change in changes]
    candidate = impact.candidate
    # Never stored: the live track, as it would be.
    then = Track(
        pk=track.pk if track else 0,
        model=impact.model,
        role=Track.Role.LIVE,
        version=candidate,
        swept_at=impact.as_of,
    )
    return Refreshed(
        track=then,
        version=candidate,
        cause=Cause.VERSION,
        as_of=impact.as_of,
        contact_ids=ids,
        changes=changes,
        quiet=frozenset(ids),
    )


def went_off(refreshed: Refreshed) -> Iterable[tuple[Running, list[int]]]:
    running = list(running_on(refreshed))
    found: dict[int, list[int]] = {each.automation.pk: [] for each in running}
    for each, _level, change, _state, decision in LevelTriggers(refreshed, running).decided():
        if decision.fires:
            found[each.automation.pk].append(change.contact_id)
    return [(each, found[each.automation.pk]) for each in running]

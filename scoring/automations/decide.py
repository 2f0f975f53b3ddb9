"""Whether a trigger goes off: decided purely, from what was, what is and what happened."""

from dataclasses import dataclass, replace
from datetime import datetime

from scoring.automations.triggers.base import Level, Rearm, RearmMode


@dataclass(frozen=True, slots=True)
class State:
    """Of one trigger for one contact; see ``models.TriggerState``."""

    armed: bool
    episode: int = 0
    fired_at: datetime | None = None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """``state`` is None where none need be stored."""

    fires: bool
    state: State | None


def decide(
    level: Level,
    rearm: Rearm,
    stored: State | None,
    before: int | None,
    after: int | None,
    now: datetime,
) -> Decision:
    """What a change of the total means for a trigger that looks at this level.

    A total is None where there is no score, or an excluded one: then nothing goes off, and
    nothing is forgotten. Without a stored state the trigger is armed unless the total was
    past the level before, so that switching one on sets off nothing for who is there already.
    """
    if after is None:
        return Decision(False, stored)
    state = stored or State(armed=not level.reached(before))
    if before is not None:
        state = rearmed(level, rearm, state, before, now)
    crosses = level.reached(after) and not level.reached(before)
    if level.passed_over(after):
        state = replace(state, armed=False, released_at=None)
        return Decision(False, state if stored else None)
    if crosses and state.armed:
        return Decision(True, State(False, state.episode + 1, now, None))
    state = rearmed(level, rearm, state, after, now)
    return Decision(False, state if stored else None)


def rearmed(level: Level, rearm: Rearm, state: State, total: int, now: datetime) -> State:
    """The state after the total has been seen here: armed again where the mode allows."""
    if state.armed:
        return state
    if not level.released(total):
        return replace(state, released_at=None)
    released_at = state.released_at or now
    may = rearm.mode in (RearmMode.BELOW_EXIT, RearmMode.BELOW_EXIT_FOR)
    cooled = state.fired_at is None or now - state.fired_at >= rearm.cool_down
    stayed = True
    if rearm.stay is not None:
        end = rearm.stay.first_after(released_at)
        stayed = end is not None and now >= end
    if may and cooled and stayed:
        return replace(state, armed=True, released_at=None)
    return replace(state, released_at=released_at)

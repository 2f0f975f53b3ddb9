"""Looks at a pilot are taken once a week, at the beginning of a day, and kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Q

from scoring.engine.pilots.models import Arm, Pilot
from scoring.reports.periods import midnight
from scoring.reports.pilots.measures import with_success
from scoring.reports.pilots.models import PilotLook
from scoring.reports.pilots.telling import tell_of
from scoring.reports.statistics.piloting import Stratum, look

WEEK = timedelta(days=7)


def instant_of(pilot: Pilot, number: int) -> datetime:
    """When a look is taken: so many weeks after the day on which the pilot began."""
    zone = ZoneInfo(pilot.zone)
    begun = pilot.started_at or pilot.created_at
    return midnight(begun.astimezone(zone).date() + number * WEEK, zone)


def counts_of(pilot: Pilot, until: datetime) -> list[Stratum]:
    """Of each stratum, in its order, those whose days are over by then."""
    members: Any = with_success(pilot, pilot.members.filter(due_at__lte=until).order_by())
    rows = members.values("stratum", "arm").annotate(of=Count("pk"), hit=Count("pk", Q(won=True)))
    found = {(row["stratum"], row["arm"]): (row["of"], row["hit"]) for row in rows}
    return [
        Stratum(
            *found.get((place, Arm.CANDIDATE.value), (0, 0)),
            *found.get((place, Arm.CONTROL.value), (0, 0)),
        )
        for place in range(len(pilot.strata) + 1)
    ]


def take_due(now: datetime) -> int:
    """Take the looks at running pilots whose time has come; how many."""
    running = Pilot.objects.filter(state=Pilot.State.RUNNING).order_by("pk")
    return sum(take(pk, now) for pk in running.values_list("pk", flat=True))


def take(pilot_id: int, now: datetime) -> int:
    with transaction.atomic():
        rows = Pilot.objects.select_for_update(skip_locked=True, of=("self",))
        pilot = (
            rows.select_related("model", "version", "created_by")
            .filter(pk=pilot_id, state="running")
            .first()
        )
        if pilot is None:
            return 0
        looks = list(pilot.looks.order_by("number"))
        taken = take_of(pilot, looks, now)
        if taken and looks[-1].is_final:
            tell_of(looks[-1])
        return taken


def take_of(pilot: Pilot, looks: list[PilotLook], now: datetime) -> int:
    """A week in which nobody's days are over yet has no look; after a final one none follows."""
    taken = 0
    number = looks[-1].number + 1 if looks else 1
    while not (looks and looks[-1].is_final) and (at := instant_of(pilot, number)) <= now:
        counts = counts_of(pilot, at)
        if any(stratum.of for stratum in counts):
            looks.append(stored(pilot, number, at, counts, [each.share for each in looks]))
            taken += 1
        number += 1
    return taken


def stored(
    pilot: Pilot, number: int, at: datetime, counts: Sequence[Stratum], before: Sequence[float]
) -> PilotLook:
    found = look(counts, pilot.per_arm, before)
    return PilotLook.objects.create(
        pilot=pilot,
        number=number,
        at=at,
        counts=[
            [each.candidate_of, each.candidate_won, each.control_of, each.control_won]
            for each in counts
        ],
        share=found.share,
        statistic=found.statistic,
        bound=found.bound,
        said=found.said.value,
    )

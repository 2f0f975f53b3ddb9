"""What a pilot has come to: its leads by arm and segment, and who is behind each number."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from contacts.models import Contact
from scoring.engine.pilots.models import Arm, Pilot
from scoring.reports.asking import Question
from scoring.reports.pilots.measures import with_success
from scoring.reports.statistics.piloting import Stratum

WHAT: Final = ("members", "due", "won")


@dataclass(frozen=True, slots=True)
class Counted:
    """By stratum and arm: entered, days over, successes."""

    of: dict[tuple[int, str], tuple[int, int, int]]

    def arm(self, arm: str, stratum: int | None = None) -> tuple[int, int, int]:
        found = [
            counts
            for (place, name), counts in self.of.items()
            if name == arm and stratum in (None, place)
        ]
        return tuple(map(sum, zip(*found, strict=True))) if found else (0, 0, 0)  # type: ignore[return-value]

    def strata(self, places: int) -> list[Stratum]:
        return [
            Stratum(*self.arm(Arm.CANDIDATE, place)[1:], *self.arm(Arm.CONTROL, place)[1:])
            for place in range(places)
        ]


def until_of(pilot: Pilot, question: Question) -> datetime:
    """What comes after the pilot was stopped is none of its doing."""
    return min(question.now, pilot.stopped_at or question.now)


def counted(pilot: Pilot, until: datetime) -> Counted:
    rows: Any = with_success(pilot, pilot.members.filter(entered_at__lte=until).order_by())
    over = Q(due_at__lte=until)
    found = rows.values("stratum", "arm").annotate(
        n=Count("pk"), due=Count("pk", over), hit=Count("pk", over & Q(won=True))
    )
    return Counted(
        {(row["stratum"], row["arm"]): (row["n"], row["due"], row["hit"]) for row in found}
    )


def contacts_of(pilot: Pilot, question: Question, key: str) -> QuerySet[Contact] | None:
    """Of ``what:arm`` or ``what:arm:stratum``; None for any other text."""
    what, *narrower = key.split(":")
    if what not in WHAT or not 1 <= len(narrower) <= 2:
        return None
    arm, *places = narrower
    if arm not in Arm.values or not all(place.isdecimal() for place in places):
        return None
    until = until_of(pilot, question)
    members: Any = pilot.members.filter(arm=arm, entered_at__lte=until)
    if places:
        members = members.filter(stratum=int(places[0][:4]))
    if what != "members":
        members = members.filter(due_at__lte=until)
    if what == "won":
        members = with_success(pilot, members).filter(won=True)
    return Contact.objects.filter(pk__in=members.order_by().values("contact"))

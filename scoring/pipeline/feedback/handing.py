"""A lead is handed over: its deadlines by the service level, and what will remind of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from contacts.models import Contact
from contacts.working_time import WorkingTime
from scoring.automations.models import Crossing
from scoring.criteria.models import ScoringModel
from scoring.pipeline.feedback.models import Alarm, Handover, ServiceLevel


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Pure: what follows from a service level and an instant, in working time.

    Raises NoWorkingTime where the calendar has none.
    """

    level: ServiceLevel
    work: WorkingTime
    at: datetime

    @property
    def respond_by(self) -> datetime | None:
        return self.after(self.level.respond_hours)

    @property
    def feedback_by(self) -> datetime | None:
        return self.after(self.level.feedback_hours)

    def alarms(self) -> Iterator[tuple[Alarm.Kind, datetime]]:
        kind = Alarm.Kind
        yield from self.around(self.level.respond_hours, kind.RESPONSE_NEAR, kind.RESPONSE_PAST)
        yield from self.around(self.level.feedback_hours, kind.FEEDBACK_NEAR, kind.FEEDBACK_PAST)

    def around(
        self, hours: Decimal | None, near: Alarm.Kind, past: Alarm.Kind
    ) -> Iterator[tuple[Alarm.Kind, datetime]]:
        """Nobody is warned of a deadline that is as short as the warning is long."""
        if hours is None:
            return
        warn, escalate = self.level.warn_hours, self.level.escalate_hours
        if warn is not None and warn < hours and (at := self.after(hours - warn)):
            yield near, at
        if escalate is not None and (at := self.after(hours + escalate)):
            yield past, at

    def after(self, hours: Decimal | None) -> datetime | None:
        if hours is None:
            return None
        return self.work.add(self.at, timedelta(minutes=int(hours * 60)))


@dataclass(frozen=True, slots=True)
class Handing:
    """One lead to hand over; ``key`` names the occasion, so that it makes one handover."""

    contact: Contact
    model: ScoringModel
    band: str
    total: int | None
    at: datetime
    key: str
    crossing: Crossing | None = None

    def do(self) -> tuple[Handover, bool]:
        """The handover, and whether it is new: one that still waits stands for the next, too.

        To be called in a transaction. Raises NoWorkingTime.
        """
        if found := Handover.objects.filter(origin=self.key).first() or self.waiting():
            return found, False
        level = ServiceLevel.objects.of(self.model, self.band)
        calendar = level.calendar_for(self.contact.owner)
        deadlines = Deadlines(level, calendar.working_time(), self.at)
        row = Handover(
            contact=self.contact,
            model=self.model,
            crossing=self.crossing,
            band=self.band,
            total=self.total,
            owner=self.contact.owner,
            calendar=calendar if calendar.pk else None,
            handed_at=self.at,
            respond_by=deadlines.respond_by,
            feedback_by=deadlines.feedback_by,
            origin=self.key,
        )
        alarms = list(deadlines.alarms())
        # Somebody else's waiting one wins, without an error that would end the transaction.
        Handover.objects.bulk_create([row], ignore_conflicts=True)
        handover = Handover.objects.filter(origin=self.key).first()
        if handover is None:
            return Handover.objects.waiting().get(contact=self.contact, model=self.model), False
        Alarm.objects.bulk_create(
            Alarm(handover=handover, kind=kind, due_at=due) for kind, due in alarms
        )
        return handover, True

    def waiting(self) -> Handover | None:
        return Handover.objects.waiting().filter(contact=self.contact, model=self.model).first()

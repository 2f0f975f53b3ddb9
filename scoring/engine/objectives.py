"""Whose outcome is known: who has reached what a model is for, and who is lost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Q

from contacts.models import Activity, Deal, FieldChange, Lifecycle, Stage
from scoring.criteria.structure import Objective
from scoring.criteria.tests import ActivityTest


@dataclass(frozen=True, slots=True)
class Known:
    """The outcome of a contact. ``before``: what came after it may follow from the outcome.

    That is when the deal was opened or the contact became an opportunity: from then on a
    salesperson's own doings are among its activities.
    """

    contact_id: int
    succeeded: bool
    at: datetime
    before: datetime


def known_outcomes(objective: Objective, since: datetime, as_of: datetime) -> list[Known]:
    """One for each contact whose outcome came after ``since`` and not after ``as_of``.

    A success is the first one that there ever was. A failure is the last deal that was
    lost, with none open, or the contact being given up as lost; without a success.
    """
    recent = changed_between(since, as_of)
    deals = Deals(recent, as_of)
    ways = Ways(recent, as_of)
    if objective.activity:
        won = first_activities(objective.activity, as_of)
    elif objective.lifecycle:
        won = ways.first(objective.lifecycle)
    else:
        won = deals.first_won()
    found = {one.contact_id: one for one in won}
    lost = sorted([*deals.last_lost(), *ways.last_lost()], key=lambda one: one.at)
    for one in reversed(lost):
        if one.contact_id not in deals.open:
            found.setdefault(one.contact_id, one)
    known = [one for one in found.values() if since < one.at <= as_of]
    return sorted(known, key=lambda one: (one.before, one.contact_id))


def changed_between(since: datetime, as_of: datetime) -> Q:
    """Of whom a deal was closed or the stage changed; of others nothing new can be known."""
    closed = Deal.objects.filter(contact__isnull=False, closed_at__gt=since, closed_at__lte=as_of)
    changed = FieldChange.objects.filter(
        field="lifecycle", contact__isnull=False, changed_at__gt=since, changed_at__lte=as_of
    )
    return Q(contact__in=closed.values("contact")) | Q(contact__in=changed.values("contact"))


class Deals:
    """All deals of these contacts as they stood at an instant.

    One that is won or lost without a day of closing is left out: nobody knows when.
    """

    def __init__(self, whose: Q, as_of: datetime) -> None:
        self.open: set[int] = set()
        self.closed: list[tuple[bool, Known]] = []
        rows = Deal.objects.filter(whose, contact__isnull=False).order_by("closed_at", "pk")
        for contact, outcome, opened, closed in rows.values_list(
            "contact_id", "stage__outcome", "opened_at", "closed_at"
        ):
            if opened and opened > as_of:
                continue
            if outcome == Stage.Outcome.OPEN or (closed and closed > as_of):
                self.open.add(contact)
            elif closed:
                won = outcome == Stage.Outcome.WON
                before = min(opened or closed, closed)
                self.closed.append((won, Known(contact, won, closed, before)))

    def first_won(self) -> Iterable[Known]:
        won = [one for is_won, one in self.closed if is_won]
        return {one.contact_id: one for one in reversed(won)}.values()

    def last_lost(self) -> Iterable[Known]:
        return {one.contact_id: one for is_won, one in self.closed if not is_won}.values()


class Ways:
    """How these contacts went through the stages of their life cycle up to an instant."""

    def __init__(self, whose: Q, as_of: datetime) -> None:
        self.steps: dict[int, list[tuple[str, datetime]]] = {}
        changes = FieldChange.objects.filter(
            whose, field="lifecycle", contact__isnull=False, changed_at__lte=as_of
        )
        for contact, after, at in changes.order_by("changed_at", "pk").values_list(
            "contact_id", "after", "changed_at"
        ):
            self.steps.setdefault(contact or 0, []).append((str(after or ""), at))

    def first(self, stage: str) -> Iterable[Known]:
        for contact, steps in self.steps.items():
            reached = [place for place, (after, _at) in enumerate(steps) if after == stage]
            if reached:
                yield self.known(contact, reached[0], succeeded=True)

    def last_lost(self) -> Iterable[Known]:
        for contact, steps in self.steps.items():
            if steps[-1][0] == Lifecycle.LOST:
                yield self.known(contact, len(steps) - 1, succeeded=False)

    def known(self, contact: int, place: int, *, succeeded: bool) -> Known:
        steps = self.steps[contact]
        sold = [at for after, at in steps[:place] if after == Lifecycle.OPPORTUNITY]
        return Known(contact, succeeded, steps[place][1], min([*sold, steps[place][1]]))


def first_activities(test: ActivityTest, as_of: datetime) -> Iterable[Known]:
    found = (
        Activity.objects.filter(
            test.holds(), type__slug__in=test.types, automated=False, occurred_at__lte=as_of
        )
        .order_by()
        .values("contact")
        .annotate(first=Min("occurred_at"))
        .values_list("contact", "first")
    )
    return [Known(contact, True, at, at) for contact, at in found]

"""Which activities made a rule's worth, what each gives, and when that changes next."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import F
from django.db.models.lookups import LessThanOrEqual

from contacts.models import Activity, ActivityType
from scoring.criteria.document import ActivityRule, Count, Rule
from scoring.criteria.moments import Moment
from scoring.engine.columns import NOW, DayOf, OneOfTypes
from scoring.engine.sql import Run, Scope, Sql
from scoring.engine.sweep import of_activity
from scoring.engine.worth import matching, worth_of_one


@dataclass(frozen=True, slots=True)
class Contribution:
    """One activity, what it is worth now, and when that changes if nothing else happens."""

    activity: Activity
    worth: int
    next_change: datetime | None

    def as_data(self) -> dict[str, object]:
        return {
            "type": self.activity.type.slug,
            "occurred_at": instant(self.activity.occurred_at),
            "target": self.activity.target.text,
            "worth": self.worth,
            "next_change": self.next_change and instant(self.next_change),
        }


def instant(moment: datetime) -> str:
    """ISO 8601 in UTC, ending in Z."""
    return moment.isoformat().replace("+00:00", "Z")


def contributions(
    rule: Rule,
    test: ActivityRule,
    contact_id: int,
    as_of: datetime,
    using: str,
    most: int | None = None,
) -> tuple[list[Contribution], int]:
    """The activities that made the rule's worth (before its limit), newest first; how many.

    Of those that count once (for all, for a target, for a day) it is the newest, for it
    lasts longest; beside it, with worth 0, the others that ``at_least`` asks for. With
    ``most`` no more than the newest so many are loaded.
    """
    found = matched(rule, test, contact_id, as_of, using)
    if test.count == Count.EACH:
        counted = [one for one in found if one.worth]
    elif test.count == Count.ONCE:
        enough = found[: test.at_least] if len(found) >= test.at_least else []
        counted = [one._replace(worth=0 if at else one.worth) for at, one in enumerate(enough)]
    else:
        # The newest of each comes first.
        firsts: dict[Hashable, Match] = {}
        for one in found:
            firsts.setdefault(one.target if test.count == Count.ONCE_PER_TARGET else one.day, one)
        counted = list(firsts.values())
    shown = counted[:most]
    activities = Activity.objects.using(using).select_related("type", "target")
    loaded = activities.in_bulk([one.pk for one in shown])
    listed = [
        Contribution(
            loaded[one.pk],
            one.worth,
            next_change(rule, test, loaded[one.pk].occurred_at, as_of),
        )
        for one in shown
    ]
    return listed, len(counted)


class Match(NamedTuple):
    """A matching activity; ``day`` and ``target`` only to be told apart."""

    pk: int
    target: int
    day: object
    worth: int


def matched(
    rule: Rule, test: ActivityRule, contact_id: int, as_of: datetime, using: str
) -> list[Match]:
    """The matching activities of a contact with the worth of each, newest first.

    The very condition and worth that the score sums, asked row by row.
    """
    rows = (
        Activity.objects.using(using)
        .filter(OneOfTypes(test.activity.types), contact=contact_id, automated=False)
        .filter(LessThanOrEqual(F("occurred_at"), NOW))
        .filter(matching(test))
        .annotate(day=DayOf(F("occurred_at")), worth=worth_of_one(rule, test))
        .order_by("-occurred_at", "-pk")
        .values_list("pk", "target_id", "day", "worth")
    )
    types = ActivityType.objects.using(using).known_ids(test.activity.types)
    run = Run(as_of, Scope(ids=(contact_id,)), types)
    return [Match(*row) for row in Sql.of(rows, using).rows(run, using)]


def next_change(
    rule: Rule, test: ActivityRule, occurred_at: datetime, as_of: datetime
) -> datetime | None:
    """When the worth of an activity of that instant changes after ``as_of``; None is never."""
    return min(later_changes(of_activity(rule, test), occurred_at, as_of), default=None)


def later_changes(
    moments: Iterable[Moment], value: datetime, as_of: datetime
) -> Iterator[datetime]:
    """The instants after ``as_of`` at which these moments reach a value."""
    for moment in moments:
        reached = moment.duration.first_after(value, moment.times) if moment.duration else value
        if reached and reached > as_of:
            yield reached

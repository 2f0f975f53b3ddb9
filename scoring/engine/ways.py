"""The shortest ways of a contact to its next band, each tried out by the evaluator.

On a scratch copy of the contact: what is promised is what would be computed.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import ceil
from time import monotonic
from typing import Final

from django.db import DEFAULT_DB_ALIAS, transaction

from contacts.batches import batches
from contacts.models import Activity, Contact
from contacts.records import ActivityRecord, ContactRecord
from contacts.storing import store_activities, store_contacts
from scoring.criteria.document import Band, ModelDocument
from scoring.criteria.loading import activity_types
from scoring.engine.past import past_of
from scoring.engine.results import Result, score
from scoring.engine.scratch import scratch
from scoring.engine.supposing import Supposed, gains, suppose

BATCH: Final = 1000
# Of a contact that did more only the newest are copied, and only if they tell the whole.
ACTIVITIES_MOST: Final = 3000
RULES_MOST: Final = 40
WAYS_MOST: Final = 5
TOGETHER_MOST: Final = 3
TIMES_MOST: Final = 3
SECONDS: Final = 2.0


class Obstacle(StrEnum):
    """Why there is no way to be told."""

    OUTSIDE = "outside"
    EXCLUDED = "excluded"
    HIGHEST = "highest"
    TOO_MANY = "too_many"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Way:
    """What must happen, and the result then."""

    steps: tuple[Supposed, ...]
    result: Result


@dataclass(frozen=True, slots=True)
class Ways:
    """``goal`` is the next band; no ways where there is an obstacle."""

    ways: tuple[Way, ...] = ()
    goal: Band | None = None
    before: Result | None = None
    obstacle: Obstacle | None = None


def ways_of(contact: Contact, document: ModelDocument, as_of: datetime) -> Ways:
    """The ways from the present score of a stored contact to the next band of a model."""
    now = score(document, [contact.pk], as_of, DEFAULT_DB_ALIAS).get(contact.pk)
    if now is None:
        return Ways(obstacle=Obstacle.OUTSIDE)
    if now.excluded:
        return Ways(before=now, obstacle=Obstacle.EXCLUDED)
    goal = next((b for b in document.bands if b.start is not None and b.start > now.total), None)
    if goal is None:
        return Ways(before=now, obstacle=Obstacle.HIGHEST)
    who = past_of(contact, as_of).contact
    with scratch() as using:
        store_contacts([who], using)
        for batch in batches(newest(contact, document, who.email, as_of), BATCH):
            store_activities(batch, using)
        copy = Copy(document, who, as_of, using, Contact.objects.using(using).get().pk)
        before = copy.result()
        if before is None or replace(before, contact_id=now.contact_id) != now:
            return Ways(goal=goal, before=now, obstacle=Obstacle.TOO_MANY)
        found = tuple(search(copy, before, goal))
    return Ways(found, goal, now, None if found else Obstacle.NONE)


def newest(
    contact: Contact, document: ModelDocument, address: str, as_of: datetime
) -> list[ActivityRecord]:
    """What the contact did lately of what the model asks for."""
    done = Activity.objects.filter(
        contact=contact,
        type__slug__in=activity_types(document),
        occurred_at__lte=as_of,
        automated=False,
    )
    return [
        ActivityRecord(
            contact=address,
            type=activity.type.slug,
            occurred_at=activity.occurred_at,
            target=activity.target.text,
            properties=activity.properties or {},
        )
        for activity in done.select_related("type", "target").order_by("-occurred_at", "-pk")[
            :ACTIVITIES_MOST
        ]
    ]


@dataclass(frozen=True, slots=True)
class Copy:
    """The copied contact, on which suppositions are tried and taken back."""

    document: ModelDocument
    who: ContactRecord
    as_of: datetime
    using: str
    pk: int

    def result(self) -> Result | None:
        return score(self.document, [self.pk], self.as_of, self.using).get(self.pk)

    def after(self, steps: Iterable[Supposed]) -> Result | None:
        """The result if all this were so; afterwards the copy is as it was."""
        with self.undone():
            for step in steps:
                if step.contact:
                    store_contacts([merged(self.who, step.contact)], self.using)
                if step.activities:
                    store_activities(step.activities, self.using)
            return self.result()

    @contextmanager
    def undone(self) -> Iterator[None]:
        with transaction.atomic(using=self.using):
            yield
            transaction.set_rollback(True, using=self.using)


def merged(who: ContactRecord, other: ContactRecord) -> ContactRecord:
    """Only what differs, so that two suppositions of fields go together."""
    fields = {name: value for name, value in other.fields.items() if who.fields.get(name) != value}
    return replace(
        other,
        fields=fields,
        company=other.company if other.company != who.company else None,
        tags=other.tags if set(other.tags or ()) != set(who.tags or ()) else None,
    )


def search(copy: Copy, before: Result, goal: Band) -> Iterator[Way]:
    """Single rules that suffice, else the heaviest few together."""
    until = monotonic() + SECONDS
    tried: list[Way] = []
    sufficient: list[Way] = []
    for rule in list(gains(copy.document.rules))[:RULES_MOST]:
        if monotonic() > until or len(sufficient) >= WAYS_MOST:
            break
        if (way := single(copy, suppose(rule, copy.who, copy.as_of), before)) is None:
            continue
        way = repeated(copy, way, before, goal) or way
        (sufficient if reaches(way.result, goal) else tried).append(way)
    if sufficient:
        yield from sorted(sufficient, key=lambda way: (way.steps[0].times, -way.result.total))
    else:
        yield from together(copy, tried, goal, until)


def single(copy: Copy, step: Supposed | None, before: Result) -> Way | None:
    """What this alone would do; None where it adds nothing."""
    result = copy.after([step]) if step else None
    if step is None or result is None or result.excluded or result.total <= before.total:
        return None
    return Way((step,), result)


def repeated(copy: Copy, way: Way, before: Result, goal: Band) -> Way | None:
    """The same a few times more, where that suffices and once does not."""
    if reaches(way.result, goal) or not way.steps[0].activities:
        return None
    times = ceil(missing(before, goal) / (way.result.total - before.total))
    if times > TIMES_MOST:
        return None
    more = single(copy, suppose(way.steps[0].rule, copy.who, copy.as_of, times), before)
    return more if more and reaches(more.result, goal) else None


def together(copy: Copy, tried: Sequence[Way], goal: Band, until: float) -> Iterator[Way]:
    """From each of the heaviest on, with the next ones, until it suffices."""
    heaviest = sorted(tried, key=lambda way: -way.result.total)
    seen: set[frozenset[str]] = set()
    for start in range(min(len(heaviest), WAYS_MOST)):
        steps = [way.steps[0] for way in heaviest[start : start + TOGETHER_MOST]]
        for number in range(2, len(steps) + 1):
            names = frozenset(step.rule.name for step in steps[:number])
            if monotonic() > until or names in seen:
                break
            seen.add(names)
            result = copy.after(steps[:number])
            if result and not result.excluded and reaches(result, goal):
                yield Way(tuple(steps[:number]), result)
                break


def reaches(result: Result, goal: Band) -> bool:
    return not result.excluded and result.total >= (goal.start or 0)


def missing(result: Result, goal: Band) -> int:
    return (goal.start or 0) - result.total

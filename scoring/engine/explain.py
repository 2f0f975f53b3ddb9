"""Why a contact has the score it has, on any day: the same query, taken apart.

The past is asked of a scratch copy of the contact as it was; the present and the future
are asked of what is stored.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from contacts.batches import batches
from contacts.models import Activity, Contact
from contacts.normalise import EPOCH
from contacts.storing import store_activities, store_contacts
from scoring.criteria.conditions import Condition, moments
from scoring.criteria.document import (
    AbsenceTest,
    ActivityRule,
    Count,
    ModelDocument,
    ProfileTest,
    Rule,
)
from scoring.criteria.moments import Moment
from scoring.engine.contributors import Contribution, contributions, instant, later_changes
from scoring.engine.past import activities_of, past_of
from scoring.engine.results import Result, score
from scoring.engine.scratch import scratch
from scoring.engine.sweep import of_activity

BATCH = 1000


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """One rule of a result: its worth after its limit, and the activities that made it.

    ``older`` counts those that are not listed, where a most was asked for.
    """

    rule: Rule
    group: str
    worth: int
    sentence: str
    activities: tuple[Contribution, ...]
    older: int = 0

    def as_data(self) -> dict[str, object]:
        return {
            "rule": self.rule.name,
            "group": self.group,
            "worth": None if self.rule.exclude else self.worth,
            "exclude": self.rule.exclude,
            "sentence": self.sentence,
            "activities": [activity.as_data() for activity in self.activities],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """The result of a contact at an instant, rule by rule, and what time will make of it.

    ``result`` is None outside the audience. ``changes_at`` is the earliest instant at which
    any field of the result differs if nothing more happens (None: never), ``then`` the
    result at that instant. ``known_since``: see ``Past``.
    """

    email: str
    as_of: datetime
    result: Result | None
    rules: tuple[RuleExplanation, ...]
    changes_at: datetime | None
    then: Result | None
    known_since: datetime | None

    def as_data(self) -> dict[str, object]:
        """JSON, instants as ISO 8601 in UTC."""
        return {
            "contact": self.email,
            "as_of": instant(self.as_of),
            "result": self.result and self.result.as_data(self.email),
            "rules": [rule.as_data() for rule in self.rules],
            "next_change": self.changes_at
            and {
                "at": instant(self.changes_at),
                "result": self.then and self.then.as_data(self.email),
            },
            "profile_known_since": self.known_since and instant(self.known_since),
        }


def explain(
    contact: Contact,
    document: ModelDocument,
    as_of: datetime | None = None,
    most: int | None = None,
) -> Explanation:
    """Explain a stored contact's score at an instant, past or future; now if not given.

    With ``most`` only the newest so many activities of each rule are listed.
    """
    now = timezone.now()
    if as_of is None or as_of >= now:
        return explain_in(DEFAULT_DB_ALIAS, contact.pk, document, as_of or now, most=most)
    past = past_of(contact, as_of)
    with scratch() as using:
        store_contacts([past.contact], using)
        for batch in batches(activities_of(contact, past.contact.email, as_of), BATCH):
            store_activities(batch, using)
        copy = Contact.objects.using(using).get()
        found = explain_in(using, copy.pk, document, as_of, past.known_since, most)
    # The address may have been another one then; the contact is who it is now.
    return replace(found, email=contact.email_key)


def explain_in(
    using: str,
    contact_id: int,
    document: ModelDocument,
    as_of: datetime,
    known_since: datetime | None = None,
    most: int | None = None,
) -> Explanation:
    email = Contact.objects.using(using).values_list("email_key", flat=True).get(pk=contact_id)
    result = score(document, [contact_id], as_of, using).get(contact_id)
    changes_at, then = next_result(document, contact_id, as_of, using, result)
    return Explanation(
        email=email,
        as_of=as_of,
        result=result,
        rules=tuple(explained_rules(result, as_of, using, most)) if result else (),
        changes_at=changes_at,
        then=then,
        known_since=known_since,
    )


def explained_rules(
    result: Result, as_of: datetime, using: str, most: int | None = None
) -> Iterator[RuleExplanation]:
    """The rules that hold, in model order."""
    document = result.document
    groups = [group.name for group in document.groups for _rule in group.rules]
    for rule, group, worth in zip(document.rules, groups, result.worths, strict=True):
        if worth == 0:
            continue
        activities: list[Contribution] = []
        count = 0
        if isinstance(rule.test, ActivityRule):
            activities, count = contributions(
                rule, rule.test, result.contact_id, as_of, using, most
            )
        yield RuleExplanation(
            rule,
            group,
            worth,
            rule.sentence(document.catalogue),
            tuple(activities),
            count - len(activities),
        )


def next_result(
    document: ModelDocument, contact_id: int, as_of: datetime, using: str, now: Result | None
) -> tuple[datetime | None, Result | None]:
    """The first instant after ``as_of`` with another result, and that result.

    A contact may have 100,000 activities, each with its instants. So those at which a worth
    can only move away from what it is now are halved; only the few others are tried in turn.
    """

    @cache
    def at(reached: datetime) -> Result | None:
        return score(document, [contact_id], reached, using).get(contact_id)

    def differs(reached: datetime) -> bool:
        return at(reached) != now

    one_way, others = instants_of(document, contact_id, as_of, using)
    first = next(filter(differs, sorted(others)), None)
    # Before the first of the others nothing but one-way worths moves: differing, it stays so.
    falling = sorted(reached for reached in one_way if first is None or reached < first)
    if (place := bisect_left(falling, True, key=differs)) < len(falling):
        first = falling[place]
    return (first, at(first)) if first else (None, None)


def instants_of(
    document: ModelDocument, contact_id: int, as_of: datetime, using: str
) -> tuple[set[datetime], set[datetime]]:
    """The instants after ``as_of`` at which the result may change: of one-way rules, others."""
    one_way: set[datetime] = set()
    others: set[datetime] = set()
    if document.audience:
        others.update(condition_changes(document.audience, document, contact_id, as_of, using))
    for rule in document.rules:
        if isinstance(rule.test, ProfileTest):
            changes = condition_changes(rule.test.when, document, contact_id, as_of, using)
            others.update(changes)
            continue
        instants = activity_instants(rule.test, contact_id, using)
        # Without new activities points only fade or expire, and absence only begins.
        group = others if any(instant > as_of for instant in instants) else one_way
        group.update(rule_changes(rule, instants, contact_id, as_of, using))
    return one_way, others


def activity_instants(
    test: ActivityRule | AbsenceTest, contact_id: int, using: str
) -> list[datetime]:
    """When the contact did what the rule is about, newest first."""
    filtered = test.absent if isinstance(test, AbsenceTest) else test.activity
    found = (
        Activity.objects.using(using)
        .filter(type__slug__in=filtered.types, contact=contact_id, automated=False)
        .filter(filtered.holds())
        .order_by("-occurred_at")
    )
    return list(found.values_list("occurred_at", flat=True))


def rule_changes(
    rule: Rule, instants: list[datetime], contact_id: int, as_of: datetime, using: str
) -> Iterator[datetime]:
    """Instants after ``as_of`` at which the worth of a rule about activities may change."""
    test = rule.test
    past = [occurred_at for occurred_at in instants if occurred_at <= as_of]
    # Of what counts once only the newest ones hold the worth.
    if isinstance(test, AbsenceTest):
        cut_offs, past = [Moment(test.duration)], past[:1]
        created = Contact.objects.using(using).values_list("created_at", flat=True)
        if known := created.get(pk=contact_id):
            yield from later_changes(cut_offs, known, as_of)
    elif isinstance(test, ActivityRule):
        cut_offs = list(of_activity(rule, test))
        if test.count == Count.ONCE:
            past = past[: test.at_least]
    for occurred_at in past:
        yield from later_changes(cut_offs, occurred_at, as_of)
    for occurred_at in instants:
        if occurred_at > as_of:
            yield from later_changes([Moment(), *cut_offs], occurred_at, as_of)


def condition_changes(
    condition: Condition, document: ModelDocument, contact_id: int, as_of: datetime, using: str
) -> Iterator[datetime]:
    for field, moment in moments(condition, document.catalogue):
        contacts = Contact.objects.using(using).annotate(watched_value=field.expression)
        value = contacts.values_list("watched_value", flat=True).get(pk=contact_id)
        if isinstance(value, int):
            day = EPOCH + timedelta(days=value)
            value = datetime(day.year, day.month, day.day, tzinfo=UTC)
        if value is not None:
            yield from later_changes([moment], value, as_of)

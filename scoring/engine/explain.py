"""Why a contact has the score it has, on any day: the same query, taken apart.

The past is asked of a scratch copy of the contact as it was; the present and the future
are asked of what is stored.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS
from django.utils import timezone

from contacts.batches import batches
from contacts.models import Activity, Contact
from contacts.storing import store_activities, store_contacts
from scoring.criteria.document import ActivityRule, ModelDocument, Rule
from scoring.engine.contributors import Contribution, contributions, instant
from scoring.engine.forecast import Forecast, forecast
from scoring.engine.past import activities_of, past_of
from scoring.engine.results import Result, score
from scoring.engine.scratch import scratch

BATCH = 1000
# How long changes after the first one are looked for.
SECONDS = 1.0


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
    result at that instant. ``later`` are that change and as many after it as were asked for.
    ``known_since``: see ``Past``.
    """

    email: str
    as_of: datetime
    result: Result | None
    rules: tuple[RuleExplanation, ...]
    later: Forecast
    known_since: datetime | None
    # What it did was too much to be copied: see ``seen_at``.
    by_present_fields: bool = False

    @property
    def changes_at(self) -> datetime | None:
        return self.later.steps[0].at if self.later.steps else None

    @property
    def then(self) -> Result | None:
        return self.later.steps[0].result if self.later.steps else None

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
    steps: int = 1,
    copied: int | None = None,
) -> Explanation:
    """Explain a stored contact's score at an instant, past or future; now if not given.

    With ``most`` only the newest so many activities of each rule are listed; ``steps`` is how
    many of the changes to come are looked for. ``copied``: see ``seen_at``.
    """
    with seen_at(contact, as_of, copied) as seen:
        steps = 0 if seen.is_original else steps
        found = explain_in(seen.using, seen.pk, document, seen.as_of, seen.known_since, most, steps)
        found = replace(found, by_present_fields=seen.is_original)
    # The address may have been another one then; the contact is who it is now.
    return replace(found, email=contact.email_key)


def results_at(
    contact: Contact,
    documents: Sequence[ModelDocument],
    as_of: datetime | None = None,
    copied: int | None = None,
) -> list[Result | None]:
    """The bare result of a stored contact by each of these documents at one instant."""
    with seen_at(contact, as_of, copied) as seen:
        return [
            score(document, [seen.pk], seen.as_of, seen.using).get(seen.pk)
            for document in documents
        ]


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a contact stands as it is at an instant: which database, under which id.

    ``is_original``: no copy, though it is asked of the past.
    """

    using: str
    pk: int
    as_of: datetime
    known_since: datetime | None = None
    is_original: bool = False


@contextmanager
def seen_at(contact: Contact, as_of: datetime | None, copied: int | None = None) -> Iterator[Seen]:
    """What is stored for now and later; a scratch copy of the contact as it was for earlier.

    A contact with more than ``copied`` activities is not copied, which would take minutes: it
    is seen with the fields that it has now, and what it did later hides what time alone
    would have done.
    """
    now = timezone.now()
    if as_of is None or as_of >= now:
        yield Seen(DEFAULT_DB_ALIAS, contact.pk, as_of or now)
        return
    if copied is not None and did_more_than(copied, contact):
        yield Seen(DEFAULT_DB_ALIAS, contact.pk, as_of, is_original=True)
        return
    past = past_of(contact, as_of)
    with scratch() as using:
        store_contacts([past.contact], using)
        for batch in batches(activities_of(contact, past.contact.email, as_of), BATCH):
            store_activities(batch, using)
        copy = Contact.objects.using(using).get()
        yield Seen(using, copy.pk, as_of, past.known_since)


def did_more_than(many: int, contact: Contact) -> bool:
    return Activity.objects.filter(contact=contact.pk)[: many + 1].count() > many


def explain_in(
    using: str,
    contact_id: int,
    document: ModelDocument,
    as_of: datetime,
    known_since: datetime | None = None,
    most: int | None = None,
    steps: int = 1,
) -> Explanation:
    email = Contact.objects.using(using).values_list("email_key", flat=True).get(pk=contact_id)
    result = score(document, [contact_id], as_of, using).get(contact_id)
    return Explanation(
        email=email,
        as_of=as_of,
        result=result,
        rules=tuple(explained_rules(result, as_of, using, most)) if result else (),
        later=forecast(document, contact_id, as_of, using, result, most=steps, seconds=SECONDS),
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

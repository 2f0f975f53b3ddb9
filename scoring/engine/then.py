"""Scores of many contacts as they were on a day, by the same query.

What a contact did by then is told by the instants of its activities, and asked where they
are stored. Who was another one then, in a field that the document looks at, is copied as it
was to a scratch database, with what it had done.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Final

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q

from contacts.batches import batches
from contacts.models import Contact, FieldChange
from contacts.normalise import email_key
from contacts.storing import store_activities, store_contacts
from scoring.criteria.conditions import leaves
from scoring.criteria.document import AbsenceTest, ModelDocument, ProfileTest
from scoring.engine.past import Past, activities_of, past_of
from scoring.engine.results import Result, score
from scoring.engine.scratch import scratch

BATCH: Final = 1000
COMPANY: Final = "company."


def score_then(
    document: ModelDocument, contact_ids: Sequence[int], as_of: datetime
) -> dict[int, Result]:
    """By contact, what the document would have said at a past instant; outside, nothing."""
    fields = fields_of(document)
    found: dict[int, Result] = {}
    for ids in batches(contact_ids, BATCH):
        others = set(changed_since(fields, ids, as_of))
        same = [pk for pk in ids if pk not in others]
        if same:
            found |= score(document, same, as_of, DEFAULT_DB_ALIAS)
        contacts = Contact.objects.filter(pk__in=others).order_by("pk")
        waiting = [(contact, past_of(contact, as_of)) for contact in contacts]
        while waiting:
            chosen, waiting = without_twins(waiting)
            found |= score_copies(document, chosen, as_of)
    return found


def fields_of(document: ModelDocument) -> frozenset[str]:
    """The fields of contacts and companies that the document looks at, by id."""
    found: set[str] = set()
    if document.audience:
        found.update(leaf.field for leaf in leaves(document.audience))
    for rule in document.rules:
        if isinstance(rule.test, ProfileTest):
            found.update(leaf.field for leaf in leaves(rule.test.when))
        elif isinstance(rule.test, AbsenceTest):
            found.add("created_at")
    return frozenset(found)


def changed_since(
    fields: frozenset[str], contact_ids: Sequence[int], as_of: datetime
) -> Iterator[int]:
    """Those of these contacts that have changed in one of these fields after an instant."""
    own = {field for field in fields if not field.startswith(COMPANY)}
    of_company = {field.removeprefix(COMPANY) for field in fields - own}
    if of_company:
        own.add("company_id")
    later = FieldChange.objects.filter(changed_at__gt=as_of).order_by()
    mine = later.filter(contact__in=contact_ids, field__in=own)
    yield from mine.values_list("contact_id", flat=True).distinct()
    theirs = later.filter(field__in=of_company, company__contacts__in=contact_ids)
    if of_company:
        among = Q(company__in=theirs.values("company"), pk__in=contact_ids)
        yield from Contact.objects.filter(among).order_by().values_list("pk", flat=True)


Then = tuple[Contact, Past]


def without_twins(waiting: Sequence[Then]) -> tuple[list[Then], list[Then]]:
    """Those with an address that is nobody else's here, and the rest, for another time.

    At one instant no two had the same; but of a contact that was stored only later the
    first address that is known may have been somebody else's before.
    """
    chosen: dict[str, Then] = {}
    rest = []
    for contact, past in waiting:
        key = email_key(past.contact.email)
        if key in chosen:
            rest.append((contact, past))
        chosen.setdefault(key, (contact, past))
    return list(chosen.values()), rest


def score_copies(
    document: ModelDocument, chosen: Sequence[Then], as_of: datetime
) -> dict[int, Result]:
    with scratch() as using:
        store_contacts([past.contact for _contact, past in chosen], using)
        done = chain.from_iterable(
            activities_of(contact, past.contact.email, as_of) for contact, past in chosen
        )
        for batch in batches(done, BATCH):
            store_activities(batch, using)
        copies = dict(Contact.objects.using(using).values_list("pk", "email_key"))
        own = {email_key(past.contact.email): contact.pk for contact, past in chosen}
        results = score(document, list(copies), as_of, using)
        return {
            own[copies[pk]]: replace(result, contact_id=own[copies[pk]])
            for pk, result in results.items()
        }

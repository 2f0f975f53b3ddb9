"""What a document makes of records that are not stored, by the same query as everything."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from contacts.batches import batches
from contacts.models import Contact
from contacts.normalise import email_key
from contacts.records import ActivityRecord, ContactRecord
from contacts.storing import store_activities, store_contacts
from scoring.criteria.document import ModelDocument
from scoring.engine.results import Result, score
from scoring.engine.scratch import scratch

BATCH = 1000


def dry_run(
    document: ModelDocument,
    contacts: Iterable[ContactRecord],
    activities: Iterable[ActivityRecord],
    as_of: datetime,
) -> Iterator[tuple[str, Result | None]]:
    """Address and result of each contact, in their order; None is outside the audience.

    Raises UnknownContacts where an activity names a contact that is not among them.
    """
    addresses: dict[str, None] = {}
    with scratch() as using:
        for batch in batches(contacts, BATCH):
            addresses.update(dict.fromkeys(email_key(record.email) for record in batch))
            store_contacts(batch, using)
        for activity_batch in batches(activities, BATCH):
            store_activities(activity_batch, using)
        yield from results(document, addresses, as_of, using)


def results(
    document: ModelDocument, addresses: Iterable[str], as_of: datetime, using: str
) -> Iterator[tuple[str, Result | None]]:
    for batch in batches(addresses, BATCH):
        stored = Contact.objects.using(using).filter(email_key__in=batch)
        ids = dict(stored.values_list("email_key", "pk"))
        found = score(document, [ids[address] for address in batch], as_of, using)
        for address in batch:
            yield address, found.get(ids[address])

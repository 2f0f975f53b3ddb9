"""Activities become rows, and each record is told what became of it.

Of several with the same (source, external_id) the first that was stored stays, for ever.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias

from django.db import connections
from django.db.models.constants import OnConflict

from contacts.batches import batches
from contacts.models import Activity, ActivityType, Contact, Pending, Target
from contacts.normalise import email_key
from contacts.records import ActivityRecord

ROWS_AT_ONCE: Final = 2000
COLUMNS: Final = [field for field in Activity._meta.concrete_fields if not field.primary_key]
IDENTITY: Final = [Activity._meta.get_field(name) for name in ("source", "external_id")]
Identity: TypeAlias = tuple[str, str]


class Fate(StrEnum):
    """What became of a record.

    Not stored are UNKNOWN, whose contact is not there, and TOO_MANY_TYPES, whose type is
    not there and for which there is no room.
    """

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    UNKNOWN = "unknown_contact"
    TOO_MANY_TYPES = "too_many_types"


class Content(NamedTuple):
    """What an activity says: two with one identity and another content are in conflict."""

    type: str
    contact: str
    at: datetime
    target: str
    automated: bool
    properties: str


class ActivityBatch:
    """One batch, in the open transaction; not to be used twice.

    Who stores the same records from several processes sorts them by identity: then no two
    batches wait for each other.
    """

    def __init__(
        self, using: str, creates_contacts: bool = False, types_most: int | None = None
    ) -> None:
        self.using = using
        self.creates_contacts = creates_contacts
        self.types_most = types_most
        self.own_keys: dict[str, str] = {}

    def store(self, records: Sequence[ActivityRecord]) -> list[Fate]:
        """The fate of each record."""
        manager = Contact.objects.using(self.using)
        self.own_keys = manager.own_keys(record.contact for record in records)
        stored = self.stored(records)
        contacts = self.contacts(records)
        types_too_many = self.types_too_many(records)
        fates = [Fate.CREATED] * len(records)
        fresh: list[int] = []
        for place, record in enumerate(records):
            identity = identity_of(record)
            if identity in stored:
                fates[place] = self.compared(stored[identity], record)
            elif email_key(record.contact) not in contacts and not self.creates_contacts:
                fates[place] = Fate.UNKNOWN
            elif record.type in types_too_many:
                fates[place] = Fate.TOO_MANY_TYPES
            else:
                fresh.append(place)
                if identity:
                    stored[identity] = self.content_of(record)
        contacts |= self.made(
            {email_key(records[at].contact): records[at].contact for at in fresh}, contacts
        )
        self.insert_all(records, fresh, contacts, fates)
        return fates

    def types_too_many(self, records: Sequence[ActivityRecord]) -> set[str]:
        """Of the types that nobody knew those for which there is no room."""
        if self.types_most is None:
            return set()
        types = ActivityType.objects.using(self.using)
        wanted = dict.fromkeys(record.type for record in records)
        known = types.known_ids(wanted)
        if not (new := [slug for slug in wanted if slug not in known]):
            return set()
        return set(new[max(self.types_most - types.count(), 0) :])

    def insert_all(
        self,
        records: Sequence[ActivityRecord],
        fresh: Sequence[int],
        contacts: dict[str, int],
        fates: list[Fate],
    ) -> None:
        """Insert the fresh ones, and note the fate of those where somebody was faster."""
        inserted = self.insert([records[place] for place in fresh], contacts)
        late = [place for place in fresh if identity_of(records[place]) not in inserted]
        if late:
            stored = self.stored([records[place] for place in late])
            for place in late:
                identity = identity_of(records[place])
                fates[place] = self.compared(stored[identity], records[place])
        created = {
            contacts[email_key(records[place].contact)]
            for place in fresh
            if fates[place] is Fate.CREATED
        }
        Pending.objects.using(self.using).mark(sorted(created), Pending.Cause.ACTIVITY)

    def stored(self, records: Sequence[ActivityRecord]) -> dict[Identity | None, Content]:
        """What is stored under the identities of these records."""
        by_source: dict[str, set[str]] = {}
        for record in records:
            if record.external_id is not None:
                by_source.setdefault(record.source, set()).add(record.external_id)
        found: dict[Identity | None, Content] = {}
        for source, ids in by_source.items():
            rows = Activity.objects.using(self.using).filter(source=source, external_id__in=ids)
            for external_id, given_at, occurred_at, properties, *others in rows.values_list(
                *("external_id", "given_at", "occurred_at", "properties"),
                *("type__slug", "contact__email_key", "target__key", "automated"),
            ):
                kind, contact, target, automated = others
                found[source, external_id] = Content(
                    kind, contact, given_at or occurred_at, target, automated, canonical(properties)
                )
        return found

    def contacts(self, records: Iterable[ActivityRecord]) -> dict[str, int]:
        """The ids of the contacts that are there, by key."""
        manager = Contact.objects.using(self.using)
        return manager.ids_by_address(record.contact for record in records)

    def made(self, wanted: dict[str, str], known: dict[str, int]) -> dict[str, int]:
        """Make contacts of the addresses, by key, that have none; their ids by key."""
        missing = sorted(wanted.keys() - known.keys())
        if not missing:
            return {}
        manager = Contact.objects.using(self.using)
        # In order: two batches that bring the same people never wait for each other.
        new = [Contact(email=wanted[key].strip()) for key in missing]
        manager.unnoted().bulk_create(new, ignore_conflicts=True, batch_size=ROWS_AT_ONCE)
        return manager.ids_by_address(missing)

    def insert(
        self, records: Sequence[ActivityRecord], contacts: dict[str, int]
    ) -> set[Identity | None]:
        """Store these; the identities of those that were not stored by somebody meanwhile."""
        types = ActivityType.objects.using(self.using).ids_by_slug(one.type for one in records)
        targets = Target.objects.using(self.using).ids_by_key(one.target for one in records)
        rows = [
            Activity(
                contact_id=contacts[email_key(record.contact)],
                type_id=types[record.type],
                target_id=targets[Target.key_of(record.target)],
                automated=record.automated,
                occurred_at=record.occurred_at,
                given_at=record.given_at,
                source=record.source,
                external_id=record.external_id,
                properties=dict(record.properties) or None,
            )
            for record in records
        ]
        return {None, *self.inserted(rows)}

    def inserted(self, rows: Sequence[Activity]) -> Iterator[Identity]:
        operations = connections[self.using].ops
        size = min(operations.bulk_batch_size(COLUMNS, rows), ROWS_AT_ONCE) if rows else 1
        manager: Any = Activity.objects.using(self.using)
        for batch in batches(rows, size):
            # What ``bulk_create`` calls; that itself cannot tell which rows were ignored.
            for row in manager._insert(
                batch,
                fields=COLUMNS,
                returning_fields=IDENTITY,
                using=self.using,
                on_conflict=OnConflict.IGNORE,
            ):
                if row is not None:
                    yield row[0], row[1]

    def content_of(self, record: ActivityRecord) -> Content:
        """What it says; a former address of a contact is the same as its own."""
        key = email_key(record.contact)
        return Content(
            record.type,
            self.own_keys.get(key, key),
            record.given_at or record.occurred_at,
            Target.key_of(record.target),
            record.automated,
            canonical(record.properties),
        )

    def compared(self, stored: Content, record: ActivityRecord) -> Fate:
        return Fate.DUPLICATE if stored == self.content_of(record) else Fate.CONFLICT


def identity_of(record: ActivityRecord) -> Identity | None:
    return None if record.external_id is None else (record.source, record.external_id)


def canonical(properties: Any) -> str:
    """Properties as one text, whatever their order; true is not 1."""
    return json.dumps(dict(properties or {}), sort_keys=True)

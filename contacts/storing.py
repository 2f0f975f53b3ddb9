"""The one way in which records become rows: imports, the API and the dry run pass here.

A batch is one transaction: its rows, the history of every field that changed, and a
Pending row for each contact whose score may have changed are stored together.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, transaction

from contacts.models import Assignment, Company, Contact, ContactTag, FieldChange, Pending, Tag
from contacts.models.companies import COMPANY_FIELDS
from contacts.models.history import changes_between
from contacts.models.people import CONTACT_FIELDS
from contacts.normalise import email_key, normalise
from contacts.records import ActivityRecord, ContactRecord
from contacts.storing_activities import ActivityBatch, Fate

T = TypeVar("T")


TRIES: Final = 3
# An address stays as it was first spelt. To name its unique key in an upsert would lock the
# contact against whatever refers to it.
CHANGEABLE = [*(name for name in CONTACT_FIELDS if name != "email"), "attributes"]


@dataclass(frozen=True, slots=True)
class Stored:
    """How many records of a batch made a row, changed one, or said what was known."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    @classmethod
    def of(cls, fates: Sequence[Fate]) -> "Stored":
        created, updated = fates.count(Fate.CREATED), fates.count(Fate.UPDATED)
        return cls(created, updated, len(fates) - created - updated)

    def __add__(self, other: "Stored") -> "Stored":
        return Stored(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


class UnknownContacts(Exception):
    """Activities name contacts that are not stored; nothing of the batch was."""

    def __init__(self, addresses: Sequence[str]) -> None:
        super().__init__(", ".join(addresses[:5]))
        self.addresses = addresses


@dataclass(slots=True)
class Companies:
    """The companies that a batch speaks of: read once, changed in memory, written once."""

    using: str
    by_key: dict[str, Company] = field(default_factory=dict)
    before: dict[str, dict[str, object]] = field(default_factory=dict)

    def read(self, given: Iterable[Any]) -> None:
        keys = {self.key_of(company) for company in given}
        rows = Company.objects.using(self.using).select_for_update(no_key=True)
        found = rows.filter(key__in=keys).order_by("pk")
        self.by_key = {company.key: company for company in found}
        self.before = {key: self.fields_of(company) for key, company in self.by_key.items()}

    @staticmethod
    def key_of(given: Any) -> str:
        return Company.objects.key_of(given.get("name") or "", given.get("domain") or "")

    @staticmethod
    def fields_of(company: Company) -> dict[str, object]:
        return {name: getattr(company, name) for name in COMPANY_FIELDS}

    def apply(self, given: Any) -> str:
        """Give a company its latest fields; returns its key."""
        key = self.key_of(given)
        company = self.by_key.setdefault(key, Company(key=key))
        for name, value in given.items():
            setattr(company, name, value)
        return key

    def write(self) -> set[int]:
        """Store new and changed companies; the ids of those that changed."""
        new = [self.by_key[key] for key in sorted(self.by_key.keys() - self.before.keys())]
        Company.objects.using(self.using).unnoted().bulk_create(new)
        changed: list[Company] = []
        history: list[FieldChange] = []
        for key, before in self.before.items():
            company = self.by_key[key]
            if changes := changes_between(before, self.fields_of(company)):
                changed.append(company)
                history += FieldChange.of(changes, company_id=company.pk)
        overwrite(Company, changed, COMPANY_FIELDS, self.using)
        FieldChange.objects.using(self.using).bulk_create(history)
        return {company.pk for company in changed}


def overwrite(model: Any, rows: Sequence[Any], fields: Sequence[str], using: str) -> None:
    """Write these fields, and their twins, of rows that are stored already.

    An upsert on the primary key: many times faster than ``bulk_update``, whose statement
    grows with rows times fields.
    """
    twins = [f.name for f in model._meta.concrete_fields if getattr(f, "of", None) in fields]
    model.objects.using(using).unnoted().bulk_create(
        rows, update_conflicts=True, unique_fields=["pk"], update_fields=[*fields, *twins]
    )


def at_once(store: Callable[[], T], using: str) -> T:
    """Run ``store`` in a transaction, and again where another writer was faster.

    Two writers may bring the same new company, contact or tag: the later one finds it when
    it looks again. A third may have brought another one meanwhile. Or a contact was merged or
    removed after it was looked up: PostgreSQL says so at the end of the outermost transaction,
    so inside of one it is asked here.
    """
    connection = connections[using]
    asks = connection.vendor == "postgresql" and connection.in_atomic_block

    def stored() -> T:
        with transaction.atomic(using=using):
            found = store()
            if asks:
                connection.check_constraints()
        return found

    for _try in range(TRIES - 1):
        try:
            return stored()
        except IntegrityError:
            continue
    return stored()


def store_contacts(records: Sequence[ContactRecord], using: str = DEFAULT_DB_ALIAS) -> Stored:
    """Create or update contacts by e-mail, with their companies, tags and attributes.

    Only what a record gives is written; of two records of one contact the later wins.
    """

    def store() -> Stored:
        batch = ContactBatch(using)
        batch.store(records)
        return batch.told()

    return at_once(store, using)


class ContactBatch:
    """One call of ``store_contacts``; not to be used twice."""

    def __init__(self, using: str) -> None:
        self.using = using
        self.companies = Companies(using)
        self.contacts: dict[str, Contact] = {}
        self.company_keys: dict[str, str] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.known: set[str] = set()
        self.changed: set[str] = set()
        self.spoken: set[str] = set()
        self.own_keys: dict[str, str] = {}

    def key_of(self, record: ContactRecord) -> str:
        """The key of the record's contact, which may have had its address formerly."""
        key = email_key(record.email)
        return self.own_keys.get(key, key)

    def store(self, records: Sequence[ContactRecord]) -> None:
        self.companies.read(record.company for record in records if record.company)
        before = self.read(records)
        for record in records:
            self.apply(record)
        changed_companies = self.companies.write()
        self.link_companies()
        changed = self.write(before)
        colleagues = Contact.objects.using(self.using).filter(company__in=changed_companies)
        touched = {*changed.values(), *colleagues.values_list("pk", flat=True)}
        Pending.objects.using(self.using).mark(sorted(touched), Pending.Cause.PROFILE)
        self.known, self.changed = set(before), set(changed)
        self.spoken = set(self.speaking_of(changed_companies))

    def speaking_of(self, companies: set[int]) -> Iterator[str]:
        """The keys of the contacts whose records say something of one of these companies."""
        for key in self.company_keys:
            if self.contacts[key].company_id in companies:
                yield key

    def told(self) -> Stored:
        """What happened, contact by contact."""
        created = len(self.changed - self.known)
        updated = len(self.changed) - created
        return Stored(created, updated, len(self.contacts) - created - updated)

    def fates(self, records: Sequence[ContactRecord]) -> list[Fate]:
        """What happened, record by record: of several of one new contact the first made it.

        A record that changes nothing but the company of its contact is an update too.
        """
        fates: list[Fate] = []
        seen = set(self.known)
        updated = self.changed | self.spoken
        for record in records:
            key = self.key_of(record)
            if key not in seen:
                fates.append(Fate.CREATED)
            else:
                fates.append(Fate.UPDATED if key in updated else Fate.UNCHANGED)
            seen.add(key)
        return fates

    def read(self, records: Sequence[ContactRecord]) -> dict[str, dict[str, object]]:
        """Lock and read the contacts that are there; their profiles with tags, by key."""
        manager = Contact.objects.using(self.using)
        self.own_keys = manager.own_keys(record.email for record in records)
        keys = {self.key_of(record) for record in records}
        found = manager.filter(email_key__in=keys).order_by("pk")
        # Rows that name a contact may be written meanwhile: its key never changes here.
        rows = found.select_for_update(no_key=True)
        self.contacts = {contact.email_key: contact for contact in rows}
        self.stored_tags = self.read_tags()
        return {
            key: contact.profile() | {"tags": sorted(self.stored_tags.get(contact.pk, {}))}
            for key, contact in self.contacts.items()
        }

    def read_tags(self) -> dict[int, dict[str, int]]:
        """The tags of the contacts that are there: normalised name -> id, by contact."""
        links = ContactTag.objects.using(self.using).filter(
            contact__in=[contact.pk for contact in self.contacts.values()]
        )
        tags: dict[int, dict[str, int]] = {}
        for contact, name, tag in links.values_list("contact_id", "tag__name_norm", "tag_id"):
            tags.setdefault(contact, {})[name] = tag
        return tags

    def apply(self, record: ContactRecord) -> None:
        key = self.key_of(record)
        if key not in self.contacts:
            self.contacts[key] = Contact(email=record.email)
        contact = self.contacts[key]
        for name, value in record.fields.items():
            setattr(contact, name, value)
        attributes = contact.attributes | dict(record.attributes)
        contact.attributes = {k: v for k, v in attributes.items() if v is not None}
        if record.company:
            self.company_keys[key] = self.companies.apply(record.company)
        elif record.clears_company:
            self.company_keys[key] = ""
        if record.tags is not None:
            self.tags[key] = {normalise(name): name for name in record.tags}

    def link_companies(self) -> None:
        for key, company in self.company_keys.items():
            self.contacts[key].company = self.companies.by_key[company] if company else None

    def write(self, before: dict[str, dict[str, object]]) -> dict[str, int]:
        """Store what differs, with history; the ids of new and changed contacts by key."""
        # In order: two batches that bring the same people never wait for each other.
        new = [self.contacts[key] for key in sorted(self.contacts.keys() - before.keys())]
        Contact.objects.using(self.using).unnoted().bulk_create(new)
        moved = self.write_tags()
        changed: list[Contact] = []
        history: list[FieldChange] = []
        noted: dict[int, Any] = {}
        ids = {email_key(contact.email): contact.pk for contact in new}
        for key, old in before.items():
            contact = self.contacts[key]
            tags = sorted(self.tags[key]) if key in self.tags else old["tags"]
            if changes := changes_between(old, contact.profile() | {"tags": tags}):
                ids[key] = contact.pk
                history += FieldChange.of(changes, contact_id=contact.pk)
                noted[contact.pk] = changes
                if changes.keys() - moved.get(key, set()):
                    changed.append(contact)
        overwrite(Contact, changed, CHANGEABLE, self.using)
        FieldChange.objects.using(self.using).bulk_create(history, batch_size=2000)
        Assignment.objects.using(self.using).note(noted)
        return ids

    def write_tags(self) -> dict[str, set[str]]:
        """Store the tags that differ; ``{"tags"}`` by the key of each contact that has some."""
        wanted = {norm: name for names in self.tags.values() for norm, name in names.items()}
        manager = Tag.objects.using(self.using)
        known = dict(manager.filter(name_norm__in=wanted).values_list("name_norm", "pk"))
        missing = [Tag(name=wanted[norm]) for norm in sorted(wanted.keys() - known.keys())]
        known |= {tag.name_norm: tag.pk for tag in manager.bulk_create(missing)}
        added: list[Any] = []
        removed: list[tuple[int, int]] = []
        for key, names in self.tags.items():
            contact = self.contacts[key].pk
            stored = self.stored_tags.get(contact, {})
            added += [
                ContactTag(contact_id=contact, tag_id=known[norm])
                for norm in names
                if norm not in stored
            ]
            removed += [(contact, stored[norm]) for norm in stored if norm not in names]
        links = ContactTag.objects.using(self.using).unnoted()
        links.bulk_create(added, batch_size=5000)
        for contact, tag in removed:
            links.filter(contact_id=contact, tag_id=tag).delete()
        return {key: {"tags"} for key in self.tags}


def store_activities(records: Sequence[ActivityRecord], using: str = DEFAULT_DB_ALIAS) -> Stored:
    """Add activities; of the same (source, external_id) the first that was stored stays.

    Raises UnknownContacts, and stores nothing, where a contact is not there.
    """

    def store() -> Stored:
        fates = ActivityBatch(using).store(records)
        unknown = {
            email_key(record.contact)
            for record, fate in zip(records, fates, strict=True)
            if fate is Fate.UNKNOWN
        }
        if unknown:
            raise UnknownContacts(sorted(unknown))
        return Stored.of(fates)

    return at_once(store, using)

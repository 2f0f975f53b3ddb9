"""A contact as it was on a day: the present fields with every later change undone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from contacts.models import Activity, Company, Contact, FieldChange
from contacts.models.companies import COMPANY_FIELDS
from contacts.models.people import CONTACT_FIELDS
from contacts.records import ActivityRecord, ContactRecord


@dataclass(frozen=True, slots=True)
class Past:
    """A contact at an instant, as records.

    ``known_since`` is given where the history does not reach back to that instant: the
    fields are then the first that were ever known, and those of that later instant.
    """

    contact: ContactRecord
    known_since: datetime | None


def past_of(contact: Contact, as_of: datetime) -> Past:
    """The contact's own and its company's fields, tags and attributes at ``as_of``."""
    fields = contact.profile() | {"tags": contact.tag_names()}
    undo(fields, contact.changes.all(), as_of)
    since = [contact.stored_at]
    company_id = fields.pop("company_id")
    company = Company.objects.filter(pk__in=[company_id]).first()
    if company_id and company is None:
        # It was deleted, and what was known of it with it.
        left = contact.changes.filter(field="company_id", changed_at__gt=as_of)
        since.extend(left.order_by("-changed_at").values_list("changed_at", flat=True)[:1])
    company_fields: dict[str, object] = {}
    if company:
        company_fields = {name: getattr(company, name) for name in COMPANY_FIELDS}
        undo(company_fields, company.changes.all(), as_of)
        since.append(company.stored_at)
    created = fields["created_at"]
    record = ContactRecord(
        email=str(fields["email"]),
        fields={
            name: fields[name] or ""
            for name in CONTACT_FIELDS
            if name not in {"email", "company_id", "created_at", "unsubscribed", "bounced"}
        }
        | {name: bool(fields[name]) for name in ("unsubscribed", "bounced")}
        | {"created_at": parse_datetime(created) if isinstance(created, str) else created},
        company={name: given(name, value) for name, value in company_fields.items()} or None,
        tags=as_texts(fields["tags"]),
        attributes=dict(attributes(fields)),
    )
    late = max(since)
    return Past(record, late if late > as_of else None)


def undo(fields: dict[str, object], changes: QuerySet[FieldChange], as_of: datetime) -> None:
    """Take back, newest first, what was changed after ``as_of``."""
    for change in changes.filter(changed_at__gt=as_of).order_by("-changed_at", "-pk"):
        fields[change.field] = change.before


def given(name: str, value: object) -> object:
    """A company's field as a record has it: no text is empty, no number is None."""
    return value if value is not None or name in {"employees", "annual_revenue"} else ""


def as_texts(value: object) -> tuple[str, ...]:
    return tuple(str(text) for text in value) if isinstance(value, list) else ()


def attributes(fields: dict[str, object]) -> Iterator[tuple[str, str | int | float | bool]]:
    for name, value in fields.items():
        if name.startswith("attributes.") and isinstance(value, str | int | float | bool):
            yield name.removeprefix("attributes."), value


def activities_of(contact: Contact, address: str, until: datetime) -> Iterable[ActivityRecord]:
    """What the contact had done by then, whenever it came to be stored, under this address.

    Without their ids: what is stored is no duplicate.
    """
    done = Activity.objects.filter(contact=contact, occurred_at__lte=until).order_by("pk")
    for activity in done.select_related("type", "target").iterator(chunk_size=2000):
        yield ActivityRecord(
            contact=address,
            type=activity.type.slug,
            occurred_at=activity.occurred_at,
            target=activity.target.text,
            properties=activity.properties or {},
            automated=activity.automated,
        )

"""Items of a body as records: what the imports accept, and the few rules more of the API."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

from django.utils.translation import gettext as _

from contacts import values
from contacts.normalise import email_key
from contacts.records import (
    ActivityRecord,
    ContactRecord,
    Fault,
    FieldSpec,
    RecordInvalid,
    parse_activity,
    parse_contact,
    shown,
)
from contacts.storing_activities import canonical
from contacts.values import Wrong
from scoring.api.body import ITEM_MOST, Item
from scoring.api.clock import corrected

NUMBER_MOST: Final = 10**12
EXTERNAL_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")
DERIVED: Final = "derived:"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
# The salesperson of a contact is decided by people and automations, not by other programs.
NOT_BY_KEY: Final = ("owner",)
ONLY_TRUE: Final = ("unsubscribed", "bounced")


@dataclass(frozen=True, slots=True)
class Read:
    """An item as a record. ``note``: what the clock rules made of its instant."""

    item: Item
    record: Any
    note: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """An item that cannot be stored, with its first fault."""

    item: Item
    fault: Fault
    retryable: bool = False


def read_activity(item: Item, source: str, received_at: datetime) -> Read | Refused:
    try:
        return checked_activity(item, source, received_at)
    except RecordInvalid as invalid:
        return Refused(item, invalid.faults[0])


def checked_activity(item: Item, source: str, received_at: datetime) -> Read:
    data = sized(item)
    sent_at = None
    if isinstance(data, Mapping) and "sent_at" in data:
        sent_at = read("sent_at", data["sent_at"], values.instant)
        data = {name: value for name, value in data.items() if name != "sent_at"}
    record = parse_activity(data)
    if record.source not in ("", source):
        message = _("This key sends as “%(source)s”; leave the source out.") % {"source": source}
        raise refused("source", record.source, message, "wrong_source")
    if (given_id := record.external_id) is not None:
        read("external_id", given_id, external_id)
    for name, value in record.properties.items():
        read(f"properties.{name}", value, modest)
    by_our_clock = partial(corrected, sent_at=sent_at, received_at=received_at)
    instant = read("occurred_at", record.occurred_at, by_our_clock)
    record = replace(record, source=source, external_id=given_id or derived_id(record))
    if instant.at != record.occurred_at:
        record = replace(record, given_at=record.occurred_at, occurred_at=instant.at)
    return Read(item, record, instant.note)


def read_contact(item: Item, fields: Mapping[str, FieldSpec]) -> Read | Refused:
    try:
        data = sized(item)
        if isinstance(data, Mapping):
            refuse_fields(data)
        return Read(item, modest_contact(parse_contact(data, fields)))
    except RecordInvalid as invalid:
        return Refused(item, invalid.faults[0])


def refuse_fields(data: Mapping[str, object]) -> None:
    for name in NOT_BY_KEY:
        if name in data:
            message = _("A key cannot set this field.")
            raise refused(name, data[name], message, "unknown_field")
    for name in ONLY_TRUE:
        if name in data and data[name] is not True:
            message = _("A key can set this to true only: it is for people to take back.")
            raise refused(name, data[name], message, "only_true")


def modest_contact(record: ContactRecord) -> ContactRecord:
    given: dict[str, object] = {f"attributes.{key}": one for key, one in record.attributes.items()}
    given |= {f"company.{key}": one for key, one in (record.company or {}).items()}
    for path, value in given.items():
        read(path, value, modest)
    return record


def sized(item: Item) -> object:
    if item.size > ITEM_MOST:
        message = _("The item has %(size)d bytes; at most %(most)d are accepted.")
        values_ = {"size": item.size, "most": ITEM_MOST}
        raise refused("", None, message % values_, "too_large")
    return item.data


def read(path: str, value: object, reader: Any) -> Any:
    try:
        return reader(value)
    except Wrong as wrong:
        raise refused(path, value, str(wrong), wrong.code) from None


def refused(path: str, value: object, message: str, code: str) -> RecordInvalid:
    return RecordInvalid([Fault(path, shown(value), message, code)])


def external_id(value: object) -> str:
    text = str(value)
    if not EXTERNAL_ID.fullmatch(text) or text.startswith(DERIVED):
        raise Wrong(
            _(
                "An external id has 1 to 128 of the characters A-Z a-z 0-9 . _ : - and does "
                "not begin with “derived:”."
            ),
            "invalid_external_id",
        )
    return text


def modest(value: object) -> object:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if is_number and not -NUMBER_MOST <= value <= NUMBER_MOST:  # type: ignore[operator]
        raise Wrong(_("A number is at most 10^12, above and below zero."), "number_too_large")
    return value


def derived_id(record: ActivityRecord) -> str:
    """The identity of an activity that was sent without one: what it says."""
    microseconds = (record.occurred_at - EPOCH) // MICROSECOND
    parts = [
        *(record.type, email_key(record.contact), str(microseconds), record.target),
        canonical(record.properties),
    ]
    text = "\0".join(parts)
    return DERIVED + hashlib.sha256(text.encode()).hexdigest()


def name_of(item: Item, kind: str) -> str:
    """What an item calls itself, as far as it can be said."""
    data = item.data
    if not isinstance(data, Mapping):
        return ""
    return shown(data.get("external_id" if kind == "activities" else "email"))

"""What comes in is stored: the good items in one transaction, each with an answer of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext as _

from contacts.imports.fields import stored_fields
from contacts.models.activities import TYPES_MOST
from contacts.provenance import recorded_as
from contacts.records import Fault
from contacts.storing import ContactBatch, at_once
from contacts.storing_activities import ActivityBatch, Fate
from leadscoring.failpoints import failpoint
from scoring.api.body import ITEM_MOST, Item
from scoring.api.items import Read, Refused, name_of, read_activity, read_contact
from scoring.api.models import RejectedItem, Source
from scoring.api.problems import Problem

ACTIVITIES: Final = RejectedItem.Kind.ACTIVITY.value
CONTACTS: Final = RejectedItem.Kind.CONTACT.value
REJECTED: Final = "rejected"
STORED: Final = (Fate.CREATED, Fate.UPDATED)
KNOWN: Final = (Fate.DUPLICATE, Fate.UNCHANGED)
NAMED: Final = {ACTIVITIES: "external_id", CONTACTS: "email"}


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a call, and how many of its items came to what."""

    status: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """The items of one source that came in at one instant."""

    kind: str
    source: Source
    items: Sequence[Item]
    received_at: datetime

    def read(self) -> list[Read | Refused]:
        """Each item as a record, or with what is wrong with it."""
        if self.kind == ACTIVITIES:
            name = self.source.name
            return [read_activity(item, name, self.received_at) for item in self.items]
        fields = stored_fields()
        return [read_contact(item, fields) for item in self.items]


Remember = Callable[[Answered], None]


def ingest(call: Call, remember: Remember | None = None) -> Answered:
    """Store what can be stored, and say of each item what became of it.

    ``remember`` is told the answer inside the transaction. Raises Problem where every item
    is for another source.
    """
    read = call.read()
    if all(isinstance(one, Refused) and one.fault.code == "wrong_source" for one in read):
        message = _("This key sends as “%(source)s” only.") % {"source": call.source}
        raise Problem(HTTPStatus.FORBIDDEN, "wrong_source", message, field="source")

    def store() -> Answered:
        fates = stored(call, [one for one in read if isinstance(one, Read)])
        told = tell(call, read, fates)
        keep_rejected(call, told)
        answered = answer(call, [data for _item, data in told])
        if remember:
            remember(answered)
        failpoint("ingest.before_commit")
        return answered

    with recorded_as(f"api: {call.source.name}"):
        answered = at_once(store, DEFAULT_DB_ALIAS)
    failpoint("ingest.after_commit_before_response")
    return answered


def stored(call: Call, read: Sequence[Read]) -> dict[int, Fate]:
    """The fate of each record, by the index of its item."""
    if not read:
        return {}
    if call.kind == CONTACTS:
        batch = ContactBatch(DEFAULT_DB_ALIAS)
        records = [one.record for one in read]
        batch.store(records)
        fates = batch.fates(records)
    else:
        # Sorted, so that two calls with the same activities never wait for each other.
        read = sorted(read, key=lambda one: one.record.external_id)
        activities = ActivityBatch(DEFAULT_DB_ALIAS, call.source.creates_contacts, TYPES_MOST)
        fates = activities.store([one.record for one in read])
    return {one.item.index: fate for one, fate in zip(read, fates, strict=True)}


def tell(
    call: Call, read: Sequence[Read | Refused], fates: dict[int, Fate]
) -> list[tuple[Item, dict[str, Any]]]:
    """What each item is answered, in the order in which they came."""
    told: list[tuple[Item, dict[str, Any]]] = []
    for one in read:
        if isinstance(one, Refused):
            data = refusal(call, one.item, one.fault, one.retryable)
        elif (fate := fates[one.item.index]) is Fate.UNKNOWN:
            message = _("There is no contact with this address; send the contact first.")
            fault = Fault("contact", "", message, "unknown_contact")
            data = refusal(call, one.item, fault, True)
        elif fate is Fate.TOO_MANY_TYPES:
            message = _("There are %(most)d types of activities already; no new one is made.")
            fault = Fault("type", "", message % {"most": TYPES_MOST}, "too_many_types")
            data = refusal(call, one.item, fault, False)
        else:
            data = result(call, one, fate)
        told.append((one.item, data))
    return told


def result(call: Call, one: Read, fate: Fate) -> dict[str, Any]:
    is_activity = call.kind == ACTIVITIES
    data: dict[str, Any] = {
        "index": one.item.index,
        NAMED[call.kind]: one.record.external_id if is_activity else one.record.email,
        "status": fate.value,
    }
    if fate is Fate.CONFLICT:
        data["code"] = "conflict"
        data["detail"] = _("This id came before with other contents, which are kept.")
        data["retryable"] = False
    elif one.note:
        data |= {"code": one.note, "field": "occurred_at"}
    return data


def refusal(call: Call, item: Item, fault: Fault, retryable: bool) -> dict[str, Any]:
    return {
        "index": item.index,
        NAMED[call.kind]: name_of(item, call.kind),
        "status": REJECTED,
        "code": fault.code,
        "field": fault.path,
        "detail": fault.message,
        "retryable": retryable,
    }


def keep_rejected(call: Call, told: Sequence[tuple[Item, dict[str, Any]]]) -> None:
    """Keep what was rejected, and count it and the conflicts at the source."""
    rejected = [(item, data) for item, data in told if data["status"] == REJECTED]
    conflicts = sum(data["status"] == Fate.CONFLICT for _item, data in told)
    RejectedItem.objects.keep(
        call.source,
        [
            RejectedItem(
                source=call.source,
                kind=call.kind,
                name=data[NAMED[call.kind]][:254],
                code=data["code"],
                field=data["field"][:200],
                detail=data["detail"],
                text=item.text[:ITEM_MOST],
                digest=RejectedItem.digest_of(item.text),
                received_at=call.received_at,
            )
            for item, data in rejected
        ],
    )
    call.source.count(conflicts, len(rejected))


def answer(call: Call, results: Sequence[dict[str, Any]]) -> Answered:
    """The whole answer: 200, 207, or 422 where every item was rejected."""
    states = [data["status"] for data in results]
    rejected, conflicts = states.count(REJECTED), states.count(Fate.CONFLICT)
    data: dict[str, Any] = {
        "accepted": sum(states.count(fate) for fate in STORED),
        "duplicates": sum(states.count(fate) for fate in KNOWN),
        "rejected": rejected,
        "conflicts": conflicts,
        "results": list(results),
    }
    if rejected == len(results):
        message = _("Nothing was stored: every item was rejected, as its result says.")
        problem = Problem(422, "all_rejected", message, results=data)
        return Answered(422, problem.as_data())
    return Answered(207 if rejected or conflicts else 200, data)

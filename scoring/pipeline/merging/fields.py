"""Which fields of two contacts differ, and what the one that stays will have in each."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from contacts.models import Contact
from contacts.models.history import same
from contacts.models.people import CONTACT_TEXTS

ATTRIBUTE: Final = "attributes."
# One of the two is chosen. A no to mail is a no whoever of the two said it, tags are put
# together, and the person has been known since the earlier of the two instants.
CHOSEN: Final = (*CONTACT_TEXTS, "company_id")
EITHER: Final = ("unsubscribed", "bounced")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in which two contacts differ; ``of_other``: whether the other's is the proposal."""

    field: str
    own: Any
    other: Any

    @property
    def of_other(self) -> bool:
        return self.own in (None, "")


def differences(survivor: Contact, loser: Contact) -> Iterator[Difference]:
    own, other = survivor.profile(), loser.profile()
    attributes = sorted(name for name in {**own, **other} if name.startswith(ATTRIBUTE))
    for name in (*CHOSEN, *attributes):
        if not same(own.get(name), other.get(name)):
            yield Difference(name, own.get(name), other.get(name))


def proposed(survivor: Contact, loser: Contact) -> frozenset[str]:
    """The fields that are taken from the other where nobody says otherwise: the empty ones."""
    return frozenset(each.field for each in differences(survivor, loser) if each.of_other)


def united(survivor: Contact, loser: Contact, taken: Collection[str]) -> dict[str, Any]:
    """The fields of the survivor that change, with their values, attributes flattened."""
    values = {each.field: each.other for each in differences(survivor, loser)
              if each.field in taken}  # fmt: skip
    for name in EITHER:
        if getattr(loser, name) and not getattr(survivor, name):
            values[name] = True
    known = [each for each in (survivor.created_at, loser.created_at) if each]
    if known and min(known) != survivor.created_at:
        values["created_at"] = min(known)
    return values


def assign(contact: Contact, values: Mapping[str, Any]) -> None:
    """Set fields, flattened attributes included; an attribute that is None is taken away."""
    attributes = dict(contact.attributes)
    for name, value in values.items():
        if name.startswith(ATTRIBUTE):
            attributes[name.removeprefix(ATTRIBUTE)] = value
        else:
            setattr(contact, name, value if value is not None or is_empty_null(name) else "")
    contact.attributes = {key: value for key, value in attributes.items() if value is not None}


def is_empty_null(name: str) -> bool:
    field: Any = Contact._meta.get_field(name.removesuffix("_id"))
    return bool(field.null)

"""What comes in, checked: the one parser of contacts, activities, companies and deals.

Imports, the API and the dry run pass here. A record is immutable and has been checked in
full; whoever gets one checks no more. Data that is refused gives every fault at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias, cast

from django.utils.translation import gettext as _

from contacts import values
from contacts.models import Lifecycle, Stage
from contacts.normalise import normalise
from contacts.values import Number, Reader, Wrong

Attribute: TypeAlias = str | Number | bool | None
Property: TypeAlias = str | Number | bool

PROPERTIES_MOST: Final = 100
TAG_MOST: Final = 100
SHOWN_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: where (``attributes.seats``), with which value, and what to do.

    ``code`` says to a program what ``message`` says to a person.
    """

    path: str
    value: str
    message: str
    code: str = field(default="invalid_value", compare=False)

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        return f"{place}{self.message}" + (f" ({self.value})" if self.value else "")


class RecordInvalid(ValueError):
    """A record that was refused, with every fault found in it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A custom field as declared: ``type`` is one of ``CustomField.Type``."""

    type: str
    choices: tuple[str, ...] = ()

    def read(self, value: object) -> Attribute:
        """A value of this type; None (also for the empty text) takes the field away."""
        if value is None:
            return None
        return cast(Attribute, ATTRIBUTE_READERS[self.type](self, value))


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """What is said of one contact. Only what is given is there; the rest stays as it is."""

    email: str
    fields: Mapping[str, object] = field(default_factory=dict)
    company: Mapping[str, object] | None = None
    clears_company: bool = False
    tags: tuple[str, ...] | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActivityRecord:
    """One thing that the contact of this address did, at an instant in UTC.

    ``given_at``: the instant as it was sent, where that is not ``occurred_at`` itself.
    """

    contact: str
    type: str
    occurred_at: datetime
    target: str = ""
    properties: Mapping[str, Property] = field(default_factory=dict)
    automated: bool = False
    source: str = ""
    external_id: str | None = None
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CompanyRecord:
    """The given fields of one company; a name or a domain is among them."""

    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class DealRecord:
    """A deal, known by (source, external_id); None or empty: not given, nobody, not known.

    ``outcome`` (open, won, lost) says what the stage is where the stage is new.
    """

    external_id: str
    name: str
    stage: str
    pipeline: str = ""
    source: str = ""
    contact: str = ""
    company: Mapping[str, object] | None = None
    product: str = ""
    campaign: str = ""
    owner: str = ""
    outcome: str = ""
    amount: Decimal | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    reason: str = ""


def read_choice(spec: FieldSpec, value: object) -> str | None:
    wanted = normalise(values.text(value))
    if wanted and wanted not in map(normalise, spec.choices):
        allowed = ", ".join(spec.choices)
        raise Wrong(_("This must be one of: %(allowed)s.") % {"allowed": allowed})
    return cast(str, value) if wanted else None


ATTRIBUTE_READERS: Mapping[str, Any] = {
    "text": lambda spec, value: values.long_text(value) or None,
    "number": lambda spec, value: values.number(value),
    "boolean": lambda spec, value: values.boolean(value),
    "date": lambda spec, value: values.day(value),
    "choice": read_choice,
}
TEXTS: Final = (
    *("first_name", "last_name", "phone", "job_title", "language", "city", "region"),
    *("source", "campaign", "owner"),
)
CONTACT_READERS: Mapping[str, Reader] = {
    **dict.fromkeys(TEXTS, values.text),
    "country": values.country,
    "lifecycle": values.one_of(*Lifecycle.values),
    "unsubscribed": values.boolean,
    "bounced": values.boolean,
    "created_at": values.instant,
}
COMPANY_READERS: Mapping[str, Reader] = {
    "name": values.text,
    "domain": values.text,
    "industry": values.text,
    "country": values.country,
    "employees": values.double,
    "annual_revenue": values.double,
}
ACTIVITY_READERS: Mapping[str, Reader] = {
    "contact": values.email,
    "type": values.slug,
    "occurred_at": values.required_instant,
    "target": values.long_text,
    "automated": values.boolean,
    "source": values.short_text,
    "external_id": values.identifier,
}
DEAL_READERS: Mapping[str, Reader] = {
    "external_id": lambda value: values.filled(value, 200),
    "stage": lambda value: values.filled(value, 200),
    "name": values.text,
    **dict.fromkeys(["source", "pipeline", "product", "campaign"], values.short_text),
    **dict.fromkeys(["owner", "reason"], values.text),
    "contact": lambda value: values.email(value) if value else "",
    "outcome": values.one_of(*Stage.Outcome.values),
    "amount": values.money,
    **dict.fromkeys(["opened_at", "closed_at"], values.instant),
}


def parse_contact(data: object, fields: Mapping[str, FieldSpec]) -> ContactRecord:
    """A contact in the shape of the specification, custom fields being those of ``fields``.

    Raises RecordInvalid with every fault.
    """
    border = Border()
    given = border.mapping("", data, [*CONTACT_READERS, "email", "company", "tags", "attributes"])
    company = border.company("company", given["company"]) if "company" in given else None
    record = ContactRecord(
        email=border.read("", "email", given.get("email"), values.email),
        fields=border.readings("", given, CONTACT_READERS),
        company=company or None,
        clears_company="company" in given and not company,
        tags=border.tags("tags", given["tags"]) if "tags" in given else None,
        attributes=border.attributes("attributes", given.get("attributes"), fields),
    )
    border.close()
    return record


def parse_activity(data: object) -> ActivityRecord:
    """An activity in the shape of the specification. Raises RecordInvalid with every fault."""
    border = Border()
    given = border.mapping("", data, [*ACTIVITY_READERS, "properties"])
    required = {name: given.get(name) for name in ("contact", "type", "occurred_at")}
    fields = border.readings("", {**given, **required}, ACTIVITY_READERS)
    properties = border.properties("properties", given.get("properties"))
    border.close()
    return ActivityRecord(**cast(dict[str, Any], fields), properties=properties)


def parse_company(data: object) -> CompanyRecord:
    """A company as it stands in a contact. Raises RecordInvalid with every fault."""
    border = Border()
    fields = border.company("", data)
    if not fields and not border.faults:
        border.fault("", data, _("A company needs a domain or a name."))
    border.close()
    return CompanyRecord(fields)


def parse_deal(data: object) -> DealRecord:
    """A deal, its company given as in a contact. Raises RecordInvalid with every fault."""
    border = Border()
    given = border.mapping("", data, [*DEAL_READERS, "company"])
    required = {name: given.get(name) for name in ("external_id", "stage")}
    fields = cast(dict[str, Any], border.readings("", {**given, **required}, DEAL_READERS))
    company = border.company("company", given["company"]) if given.get("company") else None
    border.close()
    fields["name"] = fields.get("name") or fields["external_id"]
    return DealRecord(**fields, company=company or None)


@dataclass(slots=True)
class Border:
    """Reads the parts of one record and gathers the faults; it decides nothing else."""

    faults: list[Fault] = field(default_factory=list)

    def close(self) -> None:
        if self.faults:
            raise RecordInvalid(self.faults)

    def fault(self, path: str, value: object, message: str, code: str = "invalid_value") -> None:
        self.faults.append(Fault(path, shown(value), message, code))

    def read(self, path: str, name: object, value: object, reader: Reader) -> Any:
        """What the reader says, or None where it refused (and the fault is noted)."""
        try:
            return reader(value)
        except Wrong as wrong:
            self.fault(joined(path, name), value, str(wrong), wrong.code)
        return None

    def mapping(
        self, path: str, data: object, allowed: Sequence[str] | None = None
    ) -> Mapping[str, object]:
        """A JSON object whose keys are among ``allowed`` (None: any)."""
        if not isinstance(data, Mapping):
            self.fault(path, data, _("This must be an object: {...}."))
            if not path:
                self.close()
            return {}
        for key in data:
            if allowed is not None and key not in allowed:
                message = _("There is no such field; there are: %(allowed)s.")
                message %= {"allowed": ", ".join(sorted(allowed))}
                self.fault(joined(path, key), data[key], message, "unknown_field")
        return data

    def readings(
        self, path: str, given: Mapping[str, object], readers: Mapping[str, Reader]
    ) -> dict[str, object]:
        return {
            name: self.read(path, name, given[name], reader)
            for name, reader in readers.items()
            if name in given
        }

    def company(self, path: str, data: object) -> dict[str, object]:
        """The given fields of a company; empty where there is none."""
        given = self.mapping(path, {} if data is None else data, list(COMPANY_READERS))
        before = len(self.faults)
        fields = self.readings(path, given, COMPANY_READERS)
        if len(self.faults) > before:
            return {}
        if any(normalise(str(fields.get(name, ""))) for name in ("domain", "name")):
            return fields
        if any(value not in ("", None) for value in fields.values()):
            self.fault(path, data, _("A company needs a domain or a name."))
        return {}

    def tags(self, path: str, data: object) -> tuple[str, ...]:
        """Tags without repetition, in their order; null is none."""
        if data is not None and not isinstance(data, list | tuple):
            self.fault(path, data, _('This must be a list of texts: ["one", "two"].'))
            return ()
        tags: dict[str, str] = {}
        for index, value in enumerate(cast(Sequence[object], data or ())):
            if tag := self.read("", f"{path}[{index}]", value, tag_name):
                tags.setdefault(normalise(tag), tag)
        return tuple(tags.values())

    def attributes(
        self, path: str, data: object, declared: Mapping[str, FieldSpec]
    ) -> dict[str, Attribute]:
        given = self.mapping(path, {} if data is None else data)
        attributes: dict[str, Attribute] = {}
        for key, value in given.items():
            if spec := declared.get(key):
                attributes[key] = self.read(path, key, value, spec.read)
            else:
                message = _("This custom field is not declared; declare it with its type first.")
                self.fault(joined(path, key), value, message, "unknown_field")
        return attributes

    def properties(self, path: str, data: object) -> dict[str, Property]:
        """The properties of an activity: a flat object; null values are left out."""
        given = self.mapping(path, {} if data is None else data)
        if len(given) > PROPERTIES_MOST:
            message = _("An activity has at most %(most)d properties.") % {"most": PROPERTIES_MOST}
            self.fault(path, len(given), message, "too_many")
            return {}
        properties: dict[str, Property] = {}
        for key, value in given.items():
            self.read(path, key, key, values.slug)
            if (read := self.read(path, key, value, property_value)) is not None:
                properties[key] = read
        return properties


def tag_name(value: object) -> str:
    return values.filled(value, TAG_MOST)


def property_value(value: object) -> Property | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return values.long_text(value)
    if isinstance(value, int | float | Decimal):
        return values.number(value)
    raise Wrong(_("A property is a text, a number, true or false: nothing inside another."))


def joined(path: str, name: object) -> str:
    """The path of a part, readable even where the key itself is malformed."""
    key = shown(name)
    return f"{path}.{key}" if path else key


def shown(value: object) -> str:
    """A value as a message shows it: short, and on one line."""
    if value is None:
        return ""
    if isinstance(value, list | tuple | Mapping):
        return "[...]" if isinstance(value, list | tuple) else "{...}"
    try:
        text = str(value)
    except ValueError:  # an integer of more digits than Python writes out
        return "..."
    line = text[:SHOWN_MOST]
    if not line.isprintable():
        line = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in line)
    return line + "..." if len(text) > SHOWN_MOST else line

"""The catalogue of fields that a rule may test.

A field is found here by its id, never by what a user typed: the text of a document does
not reach a column name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.db.models import Expression, F
from django.utils.translation import gettext_lazy as _

from contacts.models import Lifecycle
from scoring.criteria.expressions import IsTrue, JsonKey, TextOrEmpty

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class FieldKind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DATE = "date"
    TAGS = "tags"


class CustomType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    CHOICE = "choice"


# Which letter leads a key in the typed JSON twin (contacts.normalise.tag_types).
LETTERS = {
    FieldKind.TEXT: "s",
    FieldKind.CHOICE: "s",
    FieldKind.NUMBER: "n",
    FieldKind.BOOLEAN: "b",
    FieldKind.DATE: "d",
}


@dataclass(frozen=True, slots=True)
class CustomFieldSpec:
    """A custom field as a document declares it; ``choices`` for the type choice only."""

    key: str
    label: str
    type: CustomType
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """Something that can be tested: a column, or a key of a typed JSON twin.

    ``label`` is lazy, for people. ``column`` is relative to the queryset that is tested:
    contacts, targets, or activities (for properties). ``joined`` columns are NULL where
    there is no company.
    """

    id: str
    kind: FieldKind
    label: "StrOrPromise"
    column: str
    key: str = ""
    joined: bool = False
    choices: tuple[str, ...] = ()

    @property
    def expression(self) -> Expression | F:
        """What to compare. Texts and booleans are never NULL, all else is where empty."""
        raw = JsonKey(self.column, LETTERS[self.kind], self.key) if self.key else F(self.column)
        if self.kind in {FieldKind.TEXT, FieldKind.CHOICE} and (self.key or self.joined):
            return TextOrEmpty(raw)
        if self.kind is FieldKind.BOOLEAN and self.key:
            return IsTrue(raw)
        return raw


def _text(name: str, label: "StrOrPromise", choices: tuple[str, ...] = ()) -> Field:
    kind = FieldKind.CHOICE if choices else FieldKind.TEXT
    return Field(name, kind, label, f"{name}_norm", choices=choices)


def _company(name: str, label: "StrOrPromise", kind: FieldKind = FieldKind.TEXT) -> Field:
    twin = "_norm" if kind is FieldKind.TEXT else ""
    return Field(f"company.{name}", kind, label, f"company__{name}{twin}", joined=True)


LIFECYCLES = tuple(Lifecycle.values)

FIELDS = (
    _text("email", _("e-mail")),
    _text("first_name", _("first name")),
    _text("last_name", _("last name")),
    _text("phone", _("phone")),
    _text("job_title", _("job title")),
    _text("language", _("language")),
    _text("city", _("city")),
    _text("region", _("region")),
    _text("country", _("country")),
    _text("source", _("source")),
    _text("campaign", _("campaign")),
    _text("owner", _("owner")),
    _text("lifecycle", _("lifecycle"), LIFECYCLES),
    Field("unsubscribed", FieldKind.BOOLEAN, _("unsubscribed"), "unsubscribed"),
    Field("bounced", FieldKind.BOOLEAN, _("bounced"), "bounced"),
    Field("created_at", FieldKind.INSTANT, _("created"), "created_at"),
    Field("tags", FieldKind.TAGS, _("tags"), "tags"),
    _company("name", _("company name")),
    _company("domain", _("company domain")),
    _company("industry", _("company industry")),
    _company("country", _("company country")),
    _company("employees", _("company employees"), FieldKind.NUMBER),
    _company("annual_revenue", _("company annual revenue"), FieldKind.NUMBER),
)
STANDARD: Mapping[str, Field] = {field.id: field for field in FIELDS}

TARGET = Field("target", FieldKind.TEXT, _("target"), "norm")


def custom_field(spec: CustomFieldSpec) -> Field:
    kind = FieldKind(spec.type.value)
    return Field(
        f"attributes.{spec.key}",
        kind,
        spec.label,
        "attributes_norm",
        spec.key,
        choices=spec.choices,
    )


def property_field(key: str, kind: FieldKind) -> Field:
    """A property of an activity, seen as that kind; relative to activities."""
    return Field(key, kind, key, "properties_norm", key)


class Catalogue:
    """The fields of one document: those that every contact has, and its custom ones.

    It is not ``complete`` where the declaration of the custom ones has faults.
    """

    def __init__(self, custom: Iterable[CustomFieldSpec] = (), *, complete: bool = True) -> None:
        self.complete = complete
        self._fields = {**STANDARD, **{f.id: f for f in map(custom_field, custom)}}

    def field(self, field_id: str) -> Field:
        """Raises KeyError where there is no such field."""
        return self._fields[field_id]

    def __contains__(self, field_id: object) -> bool:
        return field_id in self._fields

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(self._fields.values())

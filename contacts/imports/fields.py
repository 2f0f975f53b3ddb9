"""Custom fields that a mapping declares on the way."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from contacts.imports.faults import MappingInvalid
from contacts.imports.mapping import NewField
from contacts.models import CustomField
from contacts.normalise import normalise
from contacts.records import Fault, FieldSpec


def stored_fields() -> dict[str, FieldSpec]:
    """The custom fields that are there, by key."""
    return {
        field.key: FieldSpec(field.type, tuple(field.choices))
        for field in CustomField.objects.all()
    }


def all_fields(declared: Sequence[NewField]) -> dict[str, FieldSpec]:
    """The fields that are there and those declared. Raises MappingInvalid where they differ."""
    stored = stored_fields()
    faults = [
        Fault(f"fields[{place}].{part}", field.key, message)
        for place, field in enumerate(declared)
        for part, message in difference(stored, field)
    ]
    if faults:
        raise MappingInvalid(faults)
    return {field.key: field.spec for field in declared} | stored


def difference(stored: Mapping[str, FieldSpec], field: NewField) -> list[tuple[str, str]]:
    there = stored.get(field.key)
    if there is None:
        return []
    if there.type != field.spec.type:
        message = _("This custom field is there already, of type %(type)s; use another key.")
        return [("type", message % {"type": there.type})]
    missing = {normalise(one) for one in field.spec.choices} - set(map(normalise, there.choices))
    if missing:
        message = _("This custom field is there already without the choices %(missing)s.")
        return [("choices", message % {"missing": ", ".join(sorted(missing))})]
    return []


def declare(fields: Sequence[NewField]) -> None:
    """Store the fields that are not there yet."""
    CustomField.objects.bulk_create(
        [
            CustomField(
                key=field.key,
                label=field.label,
                type=field.spec.type,
                choices=list(field.spec.choices),
            )
            for field in fields
        ],
        ignore_conflicts=True,
    )

"""What this installation knows of its contacts."""

from contacts.models import CustomField
from scoring.criteria.fields import Catalogue, CustomFieldSpec, CustomType


def installed_fields() -> tuple[CustomFieldSpec, ...]:
    """The custom fields of this installation, as a model declares its own."""
    return tuple(
        CustomFieldSpec(row.key, row.label, CustomType(row.type), tuple(row.choices))
        for row in CustomField.objects.order_by("key")
    )


def installed_catalogue() -> Catalogue:
    """Every field that a contact of this installation can have."""
    return Catalogue(installed_fields())

"""The names of the contacts in a report, for whoever looks at it."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from contacts.batches import batches
from contacts.models import Contact
from scoring.reports.blocks import Figures, Section, Table
from scoring.reports.values import Kind, Value

BATCH = 500


class Names:
    """Asked once for all contacts that a report names; who may not be seen has no name."""

    def __init__(self, sections: Sequence[Section], user: Any) -> None:
        ids = {int(str(value.raw)) for value in values_of(sections) if value.kind is Kind.CONTACT}
        seen = Contact.objects.visible_to(user)
        self.names = {
            contact.pk: contact.full_name or contact.email
            for batch in batches(sorted(ids), BATCH)
            for contact in seen.filter(pk__in=batch).only("email", "first_name", "last_name")
        }

    def __call__(self, value: Value) -> str:
        if value.kind is not Kind.CONTACT:
            return str(value)
        return self.names.get(int(str(value.raw))) or gettext("a colleague's lead")

    def url(self, value: Value) -> str:
        if value.kind is Kind.CONTACT and int(str(value.raw)) in self.names:
            return reverse("admin:scoring_lead_change", args=[value.raw])
        return ""


def values_of(sections: Sequence[Section]) -> Iterator[Value]:
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Table):
                for row in [*block.rows, *([block.total] if block.total else [])]:
                    yield from row
            elif isinstance(block, Figures):
                yield from (figure.value for figure in block.items)

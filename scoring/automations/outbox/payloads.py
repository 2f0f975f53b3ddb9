"""What a webhook tells: who, how many points, since when."""

from datetime import UTC, datetime
from typing import Final

from contacts.models import Contact
from scoring.automations.actions.base import Occasion

# Of a contact, where the endpoint asks for all of it.
FIELDS: Final = (
    *("email", "first_name", "last_name", "phone", "job_title", "language", "city", "region"),
    *("country", "source", "campaign", "owner", "lifecycle", "unsubscribed", "bounced"),
)


def payload(event: str, occasion: Occasion, *, full: bool) -> dict[str, object]:
    """``sequence`` rises with each change of the score: of two events the later one counts."""
    crossing, score = occasion.crossing, occasion.score
    contact: dict[str, object] = {"id": occasion.contact.pk}
    data: dict[str, object] = {
        "contact": {**contact, **(whole(occasion.contact) if full else {})},
        "model": occasion.model.name,
        "total": score.total if score else None,
        "band": score.band if score else None,
    }
    if crossing is not None:
        data["crossing"] = str(crossing.pk)
        data["automation"] = crossing.automation.name
    if full:
        data["reasons"] = occasion.reasons
    if occasion.is_test:
        data["test"] = True
    return {
        "type": event,
        "timestamp": instant(occasion.as_of),
        "data": data,
        "sequence": score.revision if score else 0,
    }


def whole(contact: Contact) -> dict[str, object]:
    company = contact.company
    return {
        **{name: getattr(contact, name) for name in FIELDS},
        "company": {"name": company.name, "domain": company.domain} if company else None,
        "tags": list(contact.tags.order_by("name_norm").values_list("name", flat=True)),
        "attributes": contact.attributes,
    }


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")

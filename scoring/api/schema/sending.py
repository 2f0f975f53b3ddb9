"""What is sent: activities and contacts, and what becomes of each."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from contacts.models import Lifecycle
from contacts.storing_activities import Fate
from scoring.api.body import ITEMS_MOST, JSON, LINES
from scoring.api.schema.shapes import (
    COUNTRY,
    EMAIL,
    INSTANT,
    KEYED,
    NUMBER,
    SWITCH,
    VALUE,
    Schema,
    listed,
    or_null,
    problems,
    record,
    ref,
    taken,
    text,
    whole,
)

TEXTS: Final = ("first_name", "last_name", "phone", "job_title", "language", "city", "region")
PROFILE: Final = {
    **{name: text(255) for name in (*TEXTS, "source", "campaign")},
    "country": COUNTRY,
    "lifecycle": {"type": "string", "enum": ["", *Lifecycle.values]},
}
COMPANY: Final = {
    **{name: or_null(text(255)) for name in ("name", "domain", "industry")},
    "country": or_null(COUNTRY),
    "employees": or_null(NUMBER),
    "annual_revenue": or_null(NUMBER),
}
COUNTS: Final = {name: whole() for name in ("accepted", "duplicates", "rejected", "conflicts")}


def results(name: str, fates: list[str]) -> Schema:
    result = record(
        ["index", name, "status"],
        {
            "index": whole(minimum=0),
            name: {"type": "string"},
            "status": {"type": "string", "enum": fates},
            "code": {"type": "string"},
            "field": {"type": "string"},
            "detail": {"type": "string"},
            "retryable": SWITCH,
        },
    )
    return record([*COUNTS, "results"], {**COUNTS, "results": listed(result)})


COMPONENTS: Final[dict[str, Schema]] = {
    "Activity": taken(
        ["contact", "type", "occurred_at"],
        {
            "contact": EMAIL | {"description": "The contact's e-mail address."},
            "type": {"type": "string", "pattern": KEYED},
            "occurred_at": INSTANT | {"description": "With an offset or Z."},
            "sent_at": INSTANT | {"description": "By the sender's clock, which is then put right."},
            "target": text(4096),
            "properties": {
                "type": "object",
                "maxProperties": 100,
                "propertyNames": {"pattern": KEYED},
                "additionalProperties": VALUE,
            },
            "automated": SWITCH,
            "source": text(200, description="Left out, or the name of the key's source."),
            "external_id": text(128, pattern="^[A-Za-z0-9._:-]*$"),
        },
    ),
    "Contact": taken(
        ["email"],
        {
            "email": EMAIL,
            **PROFILE,
            "unsubscribed": {"type": "boolean", "enum": [True]},
            "bounced": {"type": "boolean", "enum": [True]},
            "created_at": or_null(INSTANT),
            "company": {
                "type": ["object", "null"],
                "properties": COMPANY,
                "additionalProperties": False,
            },
            "tags": listed(text(100, minLength=1)),
            "attributes": {
                "type": "object",
                "description": "Values of declared custom fields.",
                "additionalProperties": VALUE,
            },
        },
    ),
    "ActivityResults": results(
        "external_id", [Fate.CREATED, Fate.DUPLICATE, Fate.CONFLICT, "rejected"]
    ),
    "ContactResults": results("email", [Fate.CREATED, Fate.UPDATED, Fate.UNCHANGED, "rejected"]),
}


def one_or_more(of: str) -> Schema:
    return {"oneOf": [ref(of), listed(ref(of), minItems=1, maxItems=ITEMS_MOST)]}


def sending(item: str, answer: str, examples: list[OpenApiExample]) -> dict[str, Any]:
    """What the two addresses to which items are sent have in common."""
    lines = listed(ref(item), minItems=1, maxItems=ITEMS_MOST, description="One object a line.")
    return {
        "request": {JSON: one_or_more(item), **dict.fromkeys(LINES, lines)},
        "parameters": [IDEMPOTENCY],
        "responses": {
            (200, JSON): ref(answer),
            (207, JSON): ref(answer),
            **problems(400, 401, 403, 409, 413, 415, 422, 429, 503),
        },
        "examples": examples,
    }


IDEMPOTENCY: Final = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    description="The same call, sent again within 72 hours, is given the same answer.",
)
VISIT: Final = {
    "contact": "ana@acme.example",
    "type": "page_view",
    "occurred_at": "2026-03-31T10:00:00Z",
    "target": "/pricing",
    "properties": {"seconds": 30},
    "external_id": "visit-1",
}
ANA: Final = {
    "email": "ana@acme.example",
    "job_title": "Director",
    "country": "ES",
    "company": {"name": "Acme", "domain": "acme.example", "employees": 200},
    "tags": ["fair"],
}
STORED: Final = {"accepted": 1, "duplicates": 0, "rejected": 0, "conflicts": 0}


def example(name: str, value: Any, **more: Any) -> OpenApiExample:
    return OpenApiExample(name, value=value, **more)


SEND_ACTIVITIES: Final = sending(
    "Activity",
    "ActivityResults",
    [
        example("one activity", VISIT, request_only=True, media_type=JSON),
        example(
            "a batch",
            [VISIT, VISIT | {"type": "form_submit", "external_id": "form-7"}],
            request_only=True,
            media_type=JSON,
        ),
        example(
            "stored",
            {
                **STORED,
                "results": [{"index": 0, "external_id": "visit-1", "status": "created"}],
            },
            response_only=True,
            status_codes=["200"],
        ),
    ],
) | {"operation_id": "send_activities", "summary": "Send what contacts did"}
SEND_CONTACTS: Final = sending(
    "Contact",
    "ContactResults",
    [
        example("one contact", ANA, request_only=True, media_type=JSON),
        example(
            "stored",
            {**STORED, "results": [{"index": 0, "email": ANA["email"], "status": "created"}]},
            response_only=True,
            status_codes=["200"],
        ),
    ],
) | {"operation_id": "send_contacts", "summary": "Send who contacts are"}

"""What is read of contacts: profiles, scores and what explains them."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

from scoring.api.body import JSON
from scoring.api.schema.sending import COMPANY, PROFILE
from scoring.api.schema.shapes import (
    FILLED,
    INSTANT,
    SWITCH,
    Schema,
    listed,
    or_null,
    page,
    problems,
    record,
    ref,
    text,
    whole,
)

SCORE: Final = {
    "model": {"type": "string"},
    "version": whole(),
    "total": whole(),
    "fit": whole(),
    "interest": whole(),
    "grade": {"type": ["string", "null"]},
    "band": {"type": "string"},
    "excluded": SWITCH,
    "changed_at": INSTANT,
    "is_updating": SWITCH | {"description": "A recompute has still to come to this contact."},
    "groups": listed(
        record(
            ["name", "dimension", "total"],
            {"name": {"type": "string"}, "dimension": {"type": "string"}, "total": whole()},
        )
    ),
    "reasons": listed(ref("Reason")),
}
LEAD: Final = {
    "id": whole(),
    **{name: {"type": "string"} for name in ("email", "first_name", "last_name", "job_title")},
    **{name: {"type": "string"} for name in ("country", "owner", "lifecycle")},
    "company": {"type": ["string", "null"]},
}
COMPONENTS: Final[dict[str, Schema]] = {
    "Reason": record(
        ["rule", "points", "excludes", "sentence"],
        {
            "rule": {"type": "string"},
            "points": or_null(whole()),
            "excludes": SWITCH,
            "sentence": {"type": "string"},
        },
    ),
    "Score": record(list(SCORE), SCORE),
    "Lead": record(["contact", *SCORE], {"contact": record(list(LEAD), LEAD), **SCORE}),
    "StoredContact": record(
        ["id", "email", "company", "tags", "scores"],
        {
            "id": whole(),
            "email": {"type": "string"},
            **{name: {"type": "string"} for name in (*PROFILE, "owner")},
            "unsubscribed": SWITCH,
            "bounced": SWITCH,
            "created_at": or_null(INSTANT),
            "stored_at": INSTANT,
            "attributes": {"type": "object"},
            "company": {"type": ["object", "null"], "properties": COMPANY},
            "tags": listed({"type": "string"}),
            "scores": listed(ref("Score")),
        },
    ),
    "Explanation": record(
        ["contact", "as_of", "model", "version", "result", "rules", "next_change"],
        {
            "contact": {"type": "string"},
            "as_of": INSTANT,
            "model": {"type": "string"},
            "version": whole(),
            "result": {"type": ["object", "null"], "description": "null: no score then."},
            "rules": listed({"type": "object"}),
            "next_change": {"type": ["object", "null"]},
            "profile_known_since": or_null(INSTANT),
        },
    ),
}
LIST_CONTACTS: Final[dict[str, Any]] = {
    "operation_id": "list_contacts",
    "summary": "Contacts with their scores",
    "responses": {(200, JSON): page("StoredContact"), **problems(400, 401, 403, 429, 503)},
}
LIST_SCORES: Final[dict[str, Any]] = {
    "operation_id": "list_scores",
    "summary": "Scores by the live models, the hottest first",
    "responses": {(200, JSON): page("Lead"), **problems(400, 401, 403, 429, 503)},
}
PK: Final = OpenApiParameter("id", whole(minimum=1, maximum=999_999_999), OpenApiParameter.PATH)
ONE_CONTACT: Final[dict[str, Any]] = {
    "operation_id": "read_contact",
    "summary": "One contact with its scores and their reasons",
    "description": "The id of a merged contact gives the one that it was merged into.",
    "parameters": [PK],
    "responses": {(200, JSON): ref("StoredContact"), **problems(400, 401, 403, 404, 429, 503)},
}
EXPLANATION: Final[dict[str, Any]] = {
    "operation_id": "explain_contact",
    "summary": "Why a contact has its score, now or on any day",
    "parameters": [
        PK,
        OpenApiParameter("as_of", OpenApiTypes.DATETIME, description="With an offset; else now."),
        OpenApiParameter(
            "model", text(200, pattern=FILLED), description="The model's name; else the first."
        ),
    ],
    "responses": {(200, JSON): ref("Explanation"), **problems(400, 401, 403, 404, 422, 429, 503)},
}

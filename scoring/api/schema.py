"""What the OpenAPI page says of each call: shapes, limits, answers and examples."""

from typing import Any, Final

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from contacts.models import Lifecycle
from contacts.storing_activities import Fate
from scoring.api.body import ITEMS_MOST, JSON, LINES
from scoring.api.items import NUMBER_MOST
from scoring.api.problems import TYPE

Schema = dict[str, Any]


def text(most: int, **more: Any) -> Schema:
    return {"type": "string", "maxLength": most, **more}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def record(required: list[str], properties: Schema, **more: Any) -> Schema:
    return {"type": "object", "required": required, "properties": properties, **more}


def listed(of: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": of, **more}


def whole(**more: Any) -> Schema:
    return {"type": "integer", **more}


def or_null(of: Schema) -> Schema:
    if isinstance(of["type"], list):
        return of
    choices = {"enum": [*of["enum"], None]} if "enum" in of else {}
    return {**of, "type": [of["type"], "null"], **choices}


def taken(required: list[str], properties: Schema) -> Schema:
    """What is sent: whatever is not required may be null, and nothing else may be there."""
    fields = {
        name: each if name in required else or_null(each) for name, each in properties.items()
    }
    return record(required, fields, additionalProperties=False)


INSTANT: Final = {"type": "string", "format": "date-time"}
SWITCH: Final = {"type": "boolean"}
EMAIL: Final = text(254, pattern=r"^[^@\s\u0000-\u001f]+@[^@\s\u0000-\u001f]+$")
NUMBER: Final = {"type": "number", "minimum": -NUMBER_MOST, "maximum": NUMBER_MOST}
COUNTRY: Final = {"type": "string", "pattern": "^([A-Za-z]{2})?$"}
# Null is as good as left out.
VALUE: Final = {"anyOf": [text(4096), NUMBER, SWITCH, {"type": "null"}]}
# Something that is no white space: what counts as such in Python, not only in JavaScript.
FILLED: Final = r"[^\s\u001c-\u001f\u0085]"
KEYED: Final = r"^[a-z][a-z0-9_]{0,63}$"
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
    "Problem": record(
        ["type", "title", "status", "code", "detail"],
        {
            **{name: {"type": "string"} for name in ("type", "title", "code", "detail", "field")},
            "status": whole(),
        },
    ),
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

COMPONENTS["ReportInfo"] = record(
    ["report", "title", "purpose", "narrowed_by", "measures"],
    {
        "report": {"type": "string"},
        "title": {"type": "string"},
        "purpose": {"type": "string"},
        "narrowed_by": listed({"type": "string"}),
        "measures": listed({"type": "object"}),
    },
)
COMPONENTS["Report"] = record(
    ["report", "first", "last", "time_zone", "facts", "made_at", "is_updating", "sections"],
    {
        "report": {"type": "string"},
        "first": {"type": "string", "format": "date"},
        "last": {"type": "string", "format": "date"},
        "time_zone": {"type": "string"},
        "facts": listed({"type": "string"}),
        "made_at": or_null(INSTANT),
        "is_updating": SWITCH,
        "sections": listed({"type": "object"}),
    },
)

REASONS: Final = {
    400: "not JSON, a key twice, nested too deeply, not UTF-8, no object or list; a bad parameter",
    401: "no key, or an unknown, expired or revoked one; a key in the query",
    403: "the key has not the scope, or sends as another source; the person may not see contacts",
    404: "there is nothing here, or nothing that you may see",
    409: "the same Idempotency-Key is being worked on",
    413: "more than 1 MiB, or more than 500 items",
    415: "another media type, charset or encoding",
    422: "every item was rejected; the Idempotency-Key came with another body",
    429: "too many calls",
    503: "the database does not answer; send the same again",
}
Answers = dict[Any, Any]


def problems(*statuses: int) -> Answers:
    return {
        (status, TYPE): {**ref("Problem"), "description": REASONS[status]} for status in statuses
    }


def page(of: str) -> Schema:
    link = or_null({"type": "string", "format": "uri"})
    return record(["next", "results"], {"next": link, "results": listed(ref(of))})


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


# The parts of a question that a report may be narrowed by.
ASKED: Final = frozenset({"grain", "model", "campaign", "segment", "source", "owner", "country"})
LIST_REPORTS: Final[dict[str, Any]] = {
    "operation_id": "list_reports",
    "summary": "The reports, with what their measures count",
    "responses": {(200, JSON): page("ReportInfo"), **problems(400, 401, 403, 429, 503)},
}
DAY: Final = {"type": "string", "format": "date"}
ONE_REPORT: Final[dict[str, Any]] = {
    "operation_id": "read_report",
    "summary": "One report for a period, as sections of figures, tables and charts",
    "description": "202 with no sections while a worker works it out: ask again.",
    "parameters": [
        OpenApiParameter("slug", {"type": "string", "pattern": "^[a-z0-9_-]{1,64}$"}, "path"),
        OpenApiParameter("span", {"type": "string"}, description="As in the page's address: 90."),
        OpenApiParameter("first", DAY, description="With span=own, or without a span."),
        OpenApiParameter("last", DAY),
        *(OpenApiParameter(name, {"type": "string"}) for name in sorted(ASKED)),
    ],
    "responses": {
        (200, JSON): ref("Report"),
        (202, JSON): ref("Report"),
        **problems(400, 401, 403, 404, 422, 429, 503),
    },
}


class KeyScheme(OpenApiAuthenticationExtension):
    """How a key is given."""

    target_class = "scoring.api.keys.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> Schema:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "ls_…"}


class PersonScheme(OpenApiAuthenticationExtension):
    """Somebody who is logged in to the admin pages."""

    target_class = "scoring.api.keys.PersonAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> Schema:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


def add_components(result: Any, generator: Any, request: Any, public: bool) -> Any:
    """A hook of drf-spectacular: the shapes that the calls refer to, and what is not empty."""
    result.setdefault("components", {}).setdefault("schemas", {}).update(COMPONENTS)
    for operations in result["paths"].values():
        if "requestBody" in operations.get("post", {}):
            operations["post"]["requestBody"]["required"] = True
        for one in operations.get("get", {}).get("parameters", ()):
            if one["in"] == "query" and one["schema"] == {"type": "string"}:
                one["schema"] = {"type": "string", "pattern": FILLED}
    return result

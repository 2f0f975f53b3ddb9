"""What shapes are written with, and those that every call knows: problems, pages, instants."""

from typing import Any, Final

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

COMPONENTS: Final[dict[str, Schema]] = {
    "Problem": record(
        ["type", "title", "status", "code", "detail"],
        {
            **{name: {"type": "string"} for name in ("type", "title", "code", "detail", "field")},
            "status": whole(),
        },
    ),
}
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

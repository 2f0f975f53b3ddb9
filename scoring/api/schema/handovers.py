"""What is read of handovers."""

from typing import Any, Final

from scoring.api.body import JSON
from scoring.api.schema.reading import LEAD
from scoring.api.schema.shapes import (
    INSTANT,
    Schema,
    listed,
    or_null,
    page,
    problems,
    record,
    whole,
)

TEXT: Final = {"type": "string"}
WORKED: Final = {"description": "In working time, by the calendar of the service level."}
DOUBT: Final = {
    **dict.fromkeys(("rule", "direction", "reason", "state"), TEXT),
    "at": INSTANT,
}
HANDOVER: Final[dict[str, Schema]] = {
    "id": whole(),
    "contact": record(list(LEAD), LEAD),
    **dict.fromkeys(("model", "band"), TEXT),
    "total": or_null(whole()),
    "handed_to": TEXT | {"description": "The owner then; contact.owner is the one of now."},
    "handed_at": INSTANT,
    **{name: or_null(INSTANT) for name in ("respond_by", "responded_at")},
    "response_seconds": or_null(whole()) | WORKED,
    **{name: or_null(INSTANT) for name in ("feedback_by", "answered_at")},
    "verdict": {"type": ["string", "null"], "enum": ["accepted", "rejected", None]},
    "reason": or_null(TEXT) | {"description": "The key of the reason of a rejection."},
    **dict.fromkeys(("comment", "answered_by"), TEXT),
    "doubts": listed(record(list(DOUBT), DOUBT)),
}
COMPONENTS: Final[dict[str, Schema]] = {"Handover": record(list(HANDOVER), HANDOVER)}
LIST_HANDOVERS: Final[dict[str, Any]] = {
    "operation_id": "list_handovers",
    "summary": "Leads that were handed over to sales, and what sales said of them",
    "responses": {(200, JSON): page("Handover"), **problems(400, 401, 403, 429, 503)},
}

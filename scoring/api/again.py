"""Rejected items that are sent once more: checked anew, and stored where they are good now."""

from django.utils import timezone

from contacts.jsonlines import JsonInvalid, decode
from scoring.api.body import Item
from scoring.api.ingestion import Call, ingest
from scoring.api.models import RejectedItem
from scoring.api.problems import Problem


def send_again(row: RejectedItem) -> str:
    """Store a rejected item as its source would now; what is still wrong, or nothing.

    The instant at which it first came stays the one by which its sender's clock is judged.
    """
    try:
        item = Item(0, decode(row.text), row.text)
        call = Call(row.kind, row.source, [item], row.received_at)
        [result] = ingest(call).data["results"]
    except (Problem, JsonInvalid) as problem:
        return str(problem)
    if result["status"] == "rejected":
        row.code, row.field, row.detail = result["code"], result["field"][:200], result["detail"]
        row.save(update_fields=["code", "field", "detail", "digest"])
        return row.detail
    row.stored_at = timezone.now()
    row.save(update_fields=["stored_at", "digest"])
    return ""

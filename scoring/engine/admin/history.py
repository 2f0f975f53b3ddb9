"""How a lead's score came to be what it is: the stored changes as a table."""

from typing import Any, Final

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest

from contacts.admin.base import page_of
from contacts.numerals import whole
from scoring.engine.admin.badges import badge
from scoring.engine.admin.lead_page import difference
from scoring.engine.models import ScoreChange, Track

PARAMETER: Final = "history"


def changes_of(contact_id: int, track: Track) -> QuerySet[ScoreChange]:
    return ScoreChange.objects.filter(track=track, contact=contact_id).order_by("-revision")


def history(contact_id: int, track: Track, request: HttpRequest) -> dict[str, Any]:
    """One page of the table."""
    changes = changes_of(contact_id, track)
    page = page_of(changes.select_related("version__model"), request, PARAMETER)
    return {
        "page": page,
        "rows": rows(page, former_of(page, changes)),
    }


def former_of(page: Page[ScoreChange], changes: QuerySet[ScoreChange]) -> ScoreChange | None:
    """The change before the oldest on the page."""
    if not (shown := list(page)):
        return None
    return changes.filter(revision__lt=shown[-1].revision).select_related("version").first()


def rows(page: Page[ScoreChange], former: ScoreChange | None) -> list[dict[str, Any]]:
    """Each change beside the one before it, newest first."""
    older: list[ScoreChange | None] = [*list(page)[1:], former]
    return [row(change, before) for change, before in zip(page, older, strict=False)]


def row(change: ScoreChange, former: ScoreChange | None) -> dict[str, Any]:
    document = change.version.document_value
    return {
        "when": change.as_of,
        "before": "" if change.total_before is None else whole(change.total_before),
        "after": badge(change.total, change.band, document) if change.band else "",
        "grade": change.grade or "",
        "cause": change.get_cause_display(),
        "differences": differences(change, former),
        "version": change.version,
    }


def differences(change: ScoreChange, former: ScoreChange | None) -> list[str]:
    excluding = {
        rule.name
        for each in (change, former)
        if each
        for rule in each.version.document_value.rules
        if rule.exclude
    }
    found = change.difference_from(former)
    return [difference(name, points, name in excluding) for name, points in found.items()]

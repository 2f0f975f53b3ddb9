"""The score of a lead by another version, or by the draft, beside the live one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext

from contacts.numerals import signed
from scoring.criteria.document import DocumentInvalid, ModelDocument
from scoring.criteria.drafts import Draft
from scoring.criteria.models import Version
from scoring.engine.admin.badges import badge
from scoring.engine.explain import results_at
from scoring.engine.leads import Lead
from scoring.engine.models import Track
from scoring.engine.results import Result

PARAMETER: Final = "under"
DRAFT: Final = "draft"
# Older ones are asked for by their number in the address.
VERSIONS_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Compared:
    """One rule in both: what it gives, or why it gives nothing there."""

    name: str
    sentence: str
    live: str
    other: str
    difference: str
    differs: bool


def choices(request: HttpRequest, track: Track) -> list[tuple[str, str]]:
    """What there is to choose: the draft, and every version but the one that is shown."""
    if not request.user.has_perm("scoring.view_version"):
        return []
    found: list[tuple[str, str]] = []
    if draft_of(request, track) is not None:
        found.append((DRAFT, gettext("The draft")))
    versions = Version.objects.filter(model=track.model_id).exclude(pk=track.version_id)
    for pk, number, state in versions.order_by("-number").values_list("pk", "number", "state")[
        :VERSIONS_MOST
    ]:
        said = {"number": number, "state": Version.State(state).label}
        found.append((str(pk), gettext("Version %(number)d (%(state)s)") % said))
    return found


def draft_of(request: HttpRequest, track: Track) -> Draft | None:
    if not request.user.has_perm("scoring.view_draft"):
        return None
    return Draft.objects.filter(model=track.model_id).select_related("model").first()


def compared(
    request: HttpRequest, lead: Lead, track: Track, as_of: datetime | None, copied: int
) -> dict[str, Any] | None:
    """What the address asks to see beside the live version; None where it asks for nothing."""
    asked = request.GET.get(PARAMETER, "")
    offered = dict(choices(request, track))
    if asked not in offered:
        return None
    try:
        other = document_of(request, track, asked)
    except DocumentInvalid as invalid:
        text = gettext("The draft has mistakes and cannot be computed yet: %(fault)s")
        return {"title": offered[asked], "fault": text % {"fault": str(invalid.faults[0])}}
    live = track.version.document_value
    now, then = results_at(lead, [live, other], as_of, copied)
    rows = list(rule_rows(live, other, now, then))
    return {
        "title": offered[asked],
        "live": standing(now),
        "other": standing(then),
        "difference": signed(then.total - now.total) if now and then else "",
        "differing": [row for row in rows if row.differs],
        "same": len([row for row in rows if not row.differs]),
    }


def document_of(request: HttpRequest, track: Track, asked: str) -> ModelDocument:
    """Raises DocumentInvalid where the draft has faults."""
    if asked == DRAFT and (draft := draft_of(request, track)) is not None:
        return draft.document()
    return Version.objects.get(pk=asked, model=track.model_id).document_value


def standing(result: Result | None) -> dict[str, Any]:
    if result is None:
        return {"badge": "", "grade": ""}
    return {"badge": badge(result.total, result.band, result.document), "grade": result.grade}


def rule_rows(
    live: ModelDocument, other: ModelDocument, now: Result | None, then: Result | None
) -> Iterator[Compared]:
    """Every rule of either, in the order of the live version, the new ones after it."""
    before, after = worths(live, now), worths(other, then)
    documents = {rule.name: (rule, live) for rule in live.rules}
    documents |= {rule.name: (rule, other) for rule in other.rules}
    for name in dict.fromkeys([*before, *after]):
        rule, document = documents[name]
        old, new = before.get(name), after.get(name)
        changed = (new or 0) - (old or 0)
        yield Compared(
            name=name,
            sentence=rule.sentence(document.catalogue),
            live=said(old, rule.exclude),
            other=said(new, rule.exclude),
            difference=signed(changed) if changed and not rule.exclude else "",
            differs=(old or 0) != (new or 0),
        )


def worths(document: ModelDocument, result: Result | None) -> dict[str, int]:
    numbers = result.worths if result else (0,) * len(document.rules)
    return {rule.name: worth for rule, worth in zip(document.rules, numbers, strict=True)}


def said(worth: int | None, exclude: bool) -> str:
    if worth is None:
        return gettext("not in it")
    if exclude:
        return gettext("excludes") if worth else "0"
    return signed(worth)

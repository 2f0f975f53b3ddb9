"""Above the lists of contacts and leads: their filters as a segment, and what to do for one."""

from typing import Any, Final

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.http import urlencode

from contacts.admin.people import list_part
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.list_conditions import CARRIED, asked, chosen_segment, filters_of
from scoring.criteria.segments import Segment

NAME_MOST: Final = 100
ACTING: Final = ("scoring.change_segment", "contacts.change_contact")


@list_part
def segment_bar(request: HttpRequest) -> str:
    """Empty while nothing is filtered that a segment has to do with."""
    user, filters = request.user, filters_of(request)
    chosen = chosen_segment(request)
    facts: dict[str, Any] = {
        "chosen": chosen if chosen and user.has_perms(ACTING) else None,
        "carried": carried(request),
        "left_out": filters.left_out,
        "may_save": bool(filters.conditions) and user.has_perm("scoring.add_segment"),
    }
    if not facts["chosen"] and not facts["may_save"]:
        return ""
    return render_to_string("scoring/segments/list_bar.html", facts)


def carried(request: HttpRequest) -> str:
    """The filters for the address of the form, without what is the list's own, as its page."""
    pairs = [(name, request.GET.getlist(name)) for name in asked(request)]
    return urlencode([(CARRIED, "1"), *pairs], doseq=True)


def proposed(request: HttpRequest) -> tuple[Segment, list[Any]]:
    """A new segment, filled in from the filters in the address; what they say besides."""
    if CARRIED not in request.GET:
        return Segment(), []
    filters = filters_of(request)
    segment = Segment(condition=filters.condition)
    if filters.condition:
        segment.name = name_of(segment)
    return segment, filters.left_out


def name_of(segment: Segment) -> str:
    """What it says, where that is short enough for a name."""
    try:
        said = segment.sentence()
    except DocumentInvalid:
        return ""
    return said[:1].upper() + said[1:] if len(said) <= NAME_MOST else ""

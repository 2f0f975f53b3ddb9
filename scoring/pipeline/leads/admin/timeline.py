"""The timeline on the page of a lead: filtered by kind, continued as one scrolls."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse

from contacts.admin.base import visible
from contacts.models import Note
from leadscoring.site import admin_page
from scoring.engine.admin.more import Place, lead_part
from scoring.engine.leads import Lead
from scoring.engine.pilots.acting import acting_track
from scoring.pipeline.leads.admin.deeds import Asked, lead_for
from scoring.pipeline.leads.admin.notes import may_change, may_delete
from scoring.pipeline.leads.timeline.base import KINDS, Entry, View
from scoring.pipeline.leads.timeline.base import Place as Where
from scoring.pipeline.leads.timeline.reading import kinds_for, read

PINNED_MOST = 20
LONG = 280


@lead_part(Place.MAIN, 10)
def timeline(lead: Lead, request: HttpRequest) -> str:
    asked = Asked(request, lead)
    context = {"kinds": kinds_for(view_of(asked)), **page(asked)}
    return render_to_string("scoring/leads/timeline.html", context, request)


@admin_page("scoring/lead/<int:contact_id>/timeline/", "pipeline_lead_timeline")
def timeline_view(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The entries alone: anew from the top, or after those that are there."""
    if request.method != "GET":
        return HttpResponseNotAllowed(["GET"])
    context = page(Asked(request, lead_for(request, contact_id)))
    return HttpResponse(render_to_string("scoring/leads/entries.html", context, request))


def view_of(asked: Asked) -> View:
    track = acting_track(asked.track, asked.lead.pk) if asked.track else None
    return View(asked.lead, asked.user, track)


def page(asked: Asked) -> dict[str, Any]:
    request = asked.request
    kinds = [name for name in request.GET.getlist("kind") if name in KINDS]
    after = Where.read(request.GET.get("after", ""))
    found = read(view_of(asked), kinds, after)
    return {
        "lead": asked.lead,
        "pinned": pinned(asked) if after is None and (not kinds or "notes" in kinds) else [],
        "entries": [shown(entry, request) for entry in found.entries],
        "query": asked.query,
        "is_first": after is None,
        "is_filtered": bool(kinds),
        "next": next_address(asked, kinds, found.next) if found.next else "",
    }


def next_address(asked: Asked, kinds: list[str], after: str) -> str:
    query = QueryDict(mutable=True)
    query["after"] = after
    query.setlist("kind", kinds)
    if asked.track:
        query["model"] = str(asked.track.pk)
    address = reverse("admin:pipeline_lead_timeline", args=[asked.lead.pk])
    return f"{address}?{query.urlencode()}"


def pinned(asked: Asked) -> list[dict[str, Any]]:
    if not asked.user.has_perm("contacts.view_note"):
        return []
    rows = visible(Note.objects.filter(contact=asked.lead.pk, pinned=True), asked.request)
    notes = rows.select_related("author").order_by("-created_at", "-pk")[:PINNED_MOST]
    return [note_shown(note, asked.request) for note in notes]


def shown(entry: Entry, request: HttpRequest) -> dict[str, Any]:
    return {
        "entry": entry,
        "icon": entry.icon or entry.kind.icon,
        "is_long": len(entry.text) > LONG or entry.text.count("\n") > 4,
        "short": entry.text[:LONG],
        **(note_shown(entry.note, request) if entry.note else {}),
    }


def note_shown(note: Note, request: HttpRequest) -> dict[str, Any]:
    user: Any = request.user
    return {
        "note": note,
        "may_pin": user.has_perm("contacts.change_note"),
        "may_edit": may_change(request, note),
        "may_delete": may_delete(request, note),
    }

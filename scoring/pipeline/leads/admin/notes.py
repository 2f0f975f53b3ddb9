"""What is done with a note that is there: pin it, change it, delete it, and take that back."""

from typing import Any, Final

from django.contrib.auth.models import User
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from contacts.admin.base import visible
from contacts.models import Note
from contacts.models.notes import DELETE_OTHERS
from leadscoring.site import admin_page
from scoring.pipeline.leads.admin.deeds import Asked, done, lead_for
from scoring.pipeline.leads.admin.forms import NoteForm

SALT: Final = "note deleted"
KEPT_SECONDS: Final = 3600


def note_for(request: HttpRequest, contact_id: int, pk: int) -> Note:
    """Raises Http404 where this person sees no such note of this lead."""
    lead_for(request, contact_id)
    rows = visible(Note.objects.filter(contact=contact_id).select_related("author"), request)
    note: Note | None = rows.filter(pk=pk).first()
    if note is None:
        raise Http404
    return note


def may_change(request: HttpRequest, note: Note) -> bool:
    """What a person has written only that person changes."""
    return note.author_id == request.user.pk and request.user.has_perm("contacts.change_note")


def may_delete(request: HttpRequest, note: Note) -> bool:
    own = note.author_id == request.user.pk and request.user.has_perm("contacts.delete_note")
    return own or request.user.has_perm(DELETE_OTHERS)


@admin_page("scoring/lead/<int:contact_id>/note/<int:pk>/pin/", "pipeline_lead_note_pin")
def pin(request: HttpRequest, contact_id: int, pk: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    note = note_for(request, contact_id, pk)
    if not request.user.has_perm("contacts.change_note"):
        raise PermissionDenied
    wanted = request.POST.get("pinned") == "1"
    Note.objects.filter(pk=note.pk).update(pinned=wanted)
    said = gettext("The note stands on top now.") if wanted else gettext("The note is unpinned.")
    return done(request, said)


@admin_page("scoring/lead/<int:contact_id>/note/<int:pk>/edit/", "pipeline_lead_note_edit")
def edit(request: HttpRequest, contact_id: int, pk: int) -> HttpResponse:
    if request.method not in ("GET", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    note = note_for(request, contact_id, pk)
    if not may_change(request, note):
        raise PermissionDenied
    initial = {"text": note.text, "pinned": note.pinned}
    form = NoteForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        own = Note.objects.filter(pk=note.pk).written_by(request.user)
        own.update(pinned=form.cleaned_data["pinned"])
        if form.cleaned_data["text"] != note.text:
            own.rewrite(form.cleaned_data["text"], timezone.now())
        return done(request, gettext("The note was changed."))
    context = {"lead": note.contact, "form": form.dressed(), "address": request.get_full_path()}
    context["title"] = gettext("Change the note")
    return TemplateResponse(request, "scoring/leads/form.html", context)


@admin_page("scoring/lead/<int:contact_id>/note/<int:pk>/delete/", "pipeline_lead_note_delete")
def delete(request: HttpRequest, contact_id: int, pk: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    note = note_for(request, contact_id, pk)
    if not may_delete(request, note):
        raise PermissionDenied
    kept = signing.dumps({**packed(note), "by": request.user.pk}, salt=SALT, compress=True)
    Note.objects.filter(pk=note.pk).delete()
    return done(request, gettext("The note was deleted."), kept=kept, lead=note.contact)


@admin_page("scoring/lead/<int:contact_id>/note/restore/", "pipeline_lead_note_restore")
def restore(request: HttpRequest, contact_id: int) -> HttpResponse:
    """The page alone keeps what was deleted, signed; nothing of it waits in the database."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = Asked(request, lead_for(request, contact_id))
    if not request.user.has_perm("contacts.add_note"):
        raise PermissionDenied
    try:
        kept = signing.loads(request.POST.get("kept", ""), salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return done(request, gettext("It is too late to bring the note back."))
    if kept["contact"] != contact_id or kept["by"] != asked.user.pk:
        raise Http404
    with transaction.atomic():
        lead_for(request, contact_id, lock=True)
        # A second click finds it there.
        Note.objects.get_or_create(pk=kept["pk"], defaults=unpacked(kept))
    return done(request, gettext("The note is there again."))


def packed(note: Note) -> dict[str, Any]:
    return {
        "pk": note.pk,
        "contact": note.contact_id,
        "text": note.text,
        "author": note.author_id,
        "at": note.created_at.isoformat(),
        "edited": note.edited_at.isoformat() if note.edited_at else "",
        "pinned": note.pinned,
    }


def unpacked(kept: dict[str, Any]) -> dict[str, Any]:
    return {
        "contact_id": kept["contact"],
        "text": kept["text"],
        "author": User.objects.filter(pk=kept["author"]).first(),
        "created_at": parse_datetime(kept["at"]),
        "edited_at": parse_datetime(kept["edited"]) if kept["edited"] else None,
        "pinned": kept["pinned"],
    }

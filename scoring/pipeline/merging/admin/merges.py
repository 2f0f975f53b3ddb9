"""The merges so far: what was of the merged contact, and the way back."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import ReadOnlyAdmin, column
from contacts.admin.sections import field_label, moment, short, shown_value
from contacts.models import Merge
from contacts.models.on_merge import Data
from contacts.models.teams import name_of
from scoring.criteria.models import Version
from scoring.engine.admin.badges import badge
from scoring.engine.models import Cause, Track
from scoring.pipeline.merging.together import Refused, may_merge
from scoring.pipeline.merging.undo import UndoMerge

# Of what is kept the newest are shown.
SHOWN_MOST = 50


@admin.register(Merge)
class MergeAdmin(ReadOnlyAdmin):
    empty_text = _(
        "No merges yet. Where two contacts are one person, compare and merge them; "
        "it can be undone."
    )
    list_display = ("who", "address", "into", "at", "said_by", "undone_at")
    list_select_related = ("contact", "by")
    search_fields = ("name", "address", "contact__email_norm", "contact__last_name_norm")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("rows", "merged", "before")

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.undo_view)
        return [path("<int:pk>/undo/", view, name="contacts_merge_undo"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        merge: Any = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, merge) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        user: Any = request.user
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "object": merge,
            "merge": merge,
            "title": merge.name or merge.address,
            "who": name_of(merge.by) if merge.by else merge.username,
            "obstacles": UndoMerge(user, merge.pk).check(),
            "may_undo": may_merge(user),
            "moved": merge.moved(),
            "scores": scores_before(merge),
            "history": list(history_before(merge)),
            "changes": changes_before(merge),
        }
        return TemplateResponse(request, "scoring/merging/merge.html", context)

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            raise PermissionDenied
        merge: Any = self.get_object(request, str(pk))
        user: Any = request.user
        try:
            undone = UndoMerge(user, merge.pk).execute()
        except Refused as refused:
            for reason in refused.reasons:
                messages.error(request, reason)
            return HttpResponseRedirect(reverse("admin:contacts_merge_change", args=[pk]))
        said = gettext("“%(name)s” is a contact of its own again.")
        messages.success(request, said % {"name": undone.contact})
        for remark in undone.remarks:
            messages.warning(request, remark)
        return HttpResponseRedirect(reverse("admin:scoring_lead_change", args=[undone.contact.pk]))

    @column(_("merged contact"), ordering="name")
    def who(self, merge: Merge) -> str:
        return merge.name or merge.address

    @column(_("into"))
    def into(self, merge: Merge) -> str:
        return str(merge.contact)

    @column(_("by"), ordering="username")
    def said_by(self, merge: Merge) -> str:
        return name_of(merge.by) if merge.by else merge.username


# --- What was before -----------------------------------------------------------------------


def scores_before(merge: Merge) -> list[tuple[str, str]]:
    """Model and badge of each score that it had."""
    scores = {each["track_id"]: each for each in merge.archived("scoring.score")}
    tracks = Track.objects.filter(pk__in=scores).select_related("model", "version__model")
    return [
        (
            track.model.name,
            badge(
                scores[track.pk]["total"], scores[track.pk]["band"], track.version.document_value
            ),
        )
        for track in tracks.order_by("pk")
    ]


def history_before(merge: Merge) -> Iterator[Data]:
    """The changes of its scores, the newest first."""
    kept = merge.archived("scoring.scorechange")
    newest = sorted(kept, key=lambda each: each["written_at"], reverse=True)[:SHOWN_MOST]
    ids = {each["version_id"] for each in newest}
    versions = Version.objects.select_related("model").in_bulk(ids)
    causes = dict(Cause.choices)
    for each in newest:
        version = versions.get(each["version_id"])
        shown = each["band"] and version
        yield {
            "when": parse_datetime(each["as_of"]),
            "before": each["total_before"],
            "after": badge(each["total"], each["band"], version.document_value)
            if shown and version
            else each["total"],
            "cause": causes.get(each["cause"], each["cause"]),
            "version": version,
        }


def changes_before(merge: Merge) -> list[Data]:
    """What changed in its fields, the newest first."""
    kept = merge.archived("contacts.fieldchange")
    newest = sorted(kept, key=lambda each: each["changed_at"], reverse=True)[:SHOWN_MOST]
    return [
        {
            "when": moment(at) if (at := parse_datetime(each["changed_at"])) else "",
            "field": field_label(each["field"]),
            "before": short(shown_value(each["before"])),
            "after": short(shown_value(each["after"])),
        }
        for each in newest
    ]

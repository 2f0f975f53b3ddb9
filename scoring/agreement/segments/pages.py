"""The list of segments, and the page on which one is built."""

from collections.abc import Iterable
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.views import ChangeList

from contacts.admin.base import column, visible
from contacts.models import Contact
from contacts.numerals import numeral
from scoring.agreement.segments.bulk_pages import BulkPages
from scoring.agreement.segments.desk import Desk, SegmentForm, outlook, sentence_of
from scoring.agreement.segments.lists import proposed
from scoring.automations.segments import uses_of
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.installed import installed_catalogue
from scoring.criteria.segments import Segment
from scoring.engine.measures import count_condition

STEM: Final = "scoring_segment"


class Changed(Exception):
    """Somebody else has saved the segment meanwhile."""


class SegmentList(ChangeList):
    """Adds to the segments of the page what they say; who is in them is asked by the page."""

    empty_text: Any = _(
        "No segments yet. A segment is a condition with a name: use it in filters, in automations "
        "and for actions on many contacts."
    )

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        catalogue = installed_catalogue()
        for segment in self.result_list:
            segment.said, segment.problems = sentence_of(segment, catalogue)


@admin.register(Segment)
class SegmentAdmin(BulkPages):
    list_display = ("name", "in_words", "count_shown", "changed_by", "changed_at")
    list_select_related = ("changed_by",)
    search_fields = ("name", "description")

    def get_changelist(self, request: HttpRequest, **options: Any) -> Any:
        return SegmentList

    @column(_("condition"))
    def in_words(self, segment: Any) -> str:
        return render_to_string("scoring/segments/said.html", {"segment": segment})

    @column(_("contacts now"))
    def count_shown(self, segment: Any) -> str:
        url = reverse(f"admin:{STEM}_count", args=[segment.pk])
        facts = {"url": url, "problems": segment.problems}
        return render_to_string("scoring/segments/count_place.html", facts)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.count_view)
        return [
            path("<int:segment_id>/count/", view, name=f"{STEM}_count"),
            *self.bulk_urls(),
            *super().get_urls(),
        ]

    def count_view(self, request: HttpRequest, segment_id: int) -> HttpResponse:
        """How many are in it now, of those whom this person may see: for the list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        segment = self.segment(request, segment_id)
        seen: Any = visible(Contact.objects.all(), request)
        catalogue = installed_catalogue()
        facts: dict[str, Any] = {"segment": segment}
        try:
            condition = segment.read(catalogue)
            now = timezone.now()
            counted = count_condition(condition, catalogue, now, contacts=seen)
            facts |= {
                "counted": counted,
                "count": numeral(counted.count),
                "of": numeral(counted.of),
            }
        except DocumentInvalid as invalid:
            facts["problems"] = [str(fault) for fault in invalid.faults]
        return TemplateResponse(request, "scoring/segments/count.html", facts)

    def segment(self, request: HttpRequest, pk: int) -> Segment:
        found: Any = self.get_queryset(request).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found  # type: ignore[no-any-return]

    # --- Building ------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        segment, left_out = proposed(request)
        return self.edit(request, segment, left_out=left_out)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        segment: Any = self.get_object(request, unquote(object_id))
        if self.has_change_permission(request, segment):
            return self.edit(request, segment)
        if not self.has_view_permission(request, segment) or request.method == "POST":
            raise PermissionDenied
        return self.read_page(request, segment)

    def edit(self, request: HttpRequest, segment: Segment, **facts: Any) -> HttpResponse:
        if request.method != "POST":
            return self.built(request, Desk.begin(request, segment), **facts)
        desk = Desk.sent(request, segment)
        if "_say" in request.POST:
            return TemplateResponse(request, "scoring/segments/outlook.html", desk.facts())
        if "_save" not in request.POST:
            return self.built(request, desk, **facts)
        if not desk.is_sound():
            return self.built(request, desk, is_wrong=True, **facts)
        try:
            stored = self.store(request, desk)
        except Changed:
            theirs = get_object_or_404(Segment, pk=segment.pk)
            desk.revision = theirs.revision
            return self.built(request, desk, theirs=theirs)
        except IntegrityError:
            taken = Segment._meta.get_field("name").error_messages["unique"]
            desk.form.add_error("name", str(taken))
            return self.built(request, desk, is_wrong=True, **facts)
        said = gettext("“%(name)s” is saved.") % {"name": stored.name}
        messages.success(request, said)
        return HttpResponseRedirect(reverse(f"admin:{STEM}_change", args=[stored.pk]))

    def store(self, request: HttpRequest, desk: Desk) -> Segment:
        """Raises Changed, IntegrityError where somebody has just taken the name, and Http404."""
        segment, user = desk.form.save(commit=False), request.user
        segment.condition = desk.tree.data()
        with transaction.atomic():
            if segment.pk is None:
                segment.store(user)
                self.log_addition(request, segment, [{"added": {}}])
                return segment
            locked = get_object_or_404(Segment.objects.select_for_update(), pk=segment.pk)
            if locked.revision != desk.revision:
                raise Changed
            segment.revision = locked.revision
            segment.store(user)  # type: ignore[arg-type]
            self.log_change(request, segment, [{"changed": {"fields": [gettext("Condition")]}}])
        return segment

    def built(self, request: HttpRequest, desk: Desk, **facts: Any) -> HttpResponse:
        segment = desk.segment
        theirs: Segment | None = facts.get("theirs")
        context = {
            **self.frame(request, segment),
            "desk": desk,
            "form": desk.form,
            "tree": desk.tree,
            "their_sentence": sentence_of(theirs, desk.catalogue)[0] if theirs else "",
            **facts,
        }
        return TemplateResponse(request, "scoring/segments/build.html", context)

    def read_page(self, request: HttpRequest, segment: Segment) -> HttpResponse:
        catalogue = installed_catalogue()
        said, problems = sentence_of(segment, catalogue)
        facts: dict[str, Any] = {"sentence": said, "problems": problems}
        if not problems:
            facts["outlook"] = outlook(request, segment.read(catalogue), catalogue)
        context = {**self.frame(request, segment), **facts}
        return TemplateResponse(request, "scoring/segments/read.html", context)

    def frame(self, request: HttpRequest, segment: Segment) -> dict[str, Any]:
        """What every page of one segment has."""
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "segment": segment,
            "object": segment if segment.pk else None,
            "title": segment.name if segment.pk else gettext("Add segment"),
            "media": self.media + SegmentForm().media,
            "uses": uses_of(segment) if segment.pk else [],
            "may_change": self.has_change_permission(request),
            "may_delete": self.has_delete_permission(request),
            "runs": self.runs_of(request, segment),
        }

    # --- Deleting ------------------------------------------------------------------------------

    def get_deleted_objects(
        self, objs: Iterable[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What asks for a segment forbids that it is deleted."""
        segments = list(objs)
        named, counts, lacking, protected = super().get_deleted_objects(segments, request)
        used = [use.what for segment in segments for use in uses_of(segment)]
        return named, counts, lacking, [*protected, *used]

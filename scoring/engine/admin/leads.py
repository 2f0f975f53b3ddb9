"""The leads: who is hot and why."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.views import ChangeList
from unfold.widgets import INPUT_CLASSES

from contacts.admin.base import ReadOnlyAdmin, column, visible
from contacts.admin.filters import CountryFilter, OwnerFilter, OwnerNameFilter
from contacts.admin.people import ContactAdmin, list_parts, moved_to
from contacts.admin.sections import moment
from contacts.models import Contact
from scoring.criteria.conditions import sentence
from scoring.criteria.segment_filter import SegmentFilter
from scoring.engine.admin.badges import badge, band_name, reasons
from scoring.engine.admin.compare import PARAMETER as UNDER
from scoring.engine.admin.compare import choices, compared
from scoring.engine.admin.filters import BandFilter, GradeFilter, TotalFilter, TrackFilter
from scoring.engine.admin.history import history
from scoring.engine.admin.lead_page import (
    ACTIVITIES_MOST,
    STEPS_MOST,
    bars,
    end_of,
    groups_shown,
    headline,
    what_happens_next,
)
from scoring.engine.admin.lead_parts import AHEAD, BACK, picture, ways
from scoring.engine.admin.more import FILTERS, SCRIPTS, marks_of, parts_of, sections_of
from scoring.engine.admin.tracks import (
    chosen_track,
    not_reached,
    progress,
    title_of,
    tracks_of,
)
from scoring.engine.explain import Explanation, did_more_than, explain
from scoring.engine.leads import Lead
from scoring.engine.models import Track
from scoring.engine.pilots.acting import acting_track

NO_MODEL = _(
    "No scoring model is live yet. Load one: “manage.py load_model --template b2b_starter "
    "--activate”, or see the product with invented data by “manage.py demo”."
)
BEING_COMPUTED = _("The scores are being computed; come back in a moment.")
# Of a contact that did more the explanation comes after the page.
AT_ONCE = 5000
PARTS = {"picture": picture, "ways": ways}
NOBODY = _("Nobody has a score yet. Contacts get one as soon as they are stored.")


class LeadList(ChangeList):
    """Adds to the leads of the page what stands in the breakdown of each."""

    progress: dict[str, int] | None = None
    empty_text: Any = NO_MODEL

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if (track := chosen_track(request)) is None:
            return
        self.progress = progress(track)
        self.empty_text = BEING_COMPUTED if self.progress else NOBODY
        add_words(self.result_list, track)
        marks = marks_of([lead.pk for lead in self.result_list], track, request)
        for lead in self.result_list:
            lead.marks = marks.get(lead.pk, [])


def add_words(leads: Iterable[Any], track: Track) -> None:
    shown = list(leads)
    waiting = not_reached(track, [lead.pk for lead in shown])
    for lead in shown:
        document = track.document_for(lead.scored_by)
        lead.badge = badge(lead.total, lead.band, document)
        lead.reasons = (
            None
            if lead.pk in waiting
            else reasons(document, lead.breakdown, lead.excluded)
        )  # fmt: skip


@admin.register(Lead)
class LeadAdmin(ReadOnlyAdmin):
    """Contacts by their score on one track; the page of one explains it for any day."""

    list_display = ("person", "company", "score", "grade_shown", "why", "owner", "changed_shown")
    list_select_related = ("company",)
    list_filter = (
        TrackFilter,
        BandFilter,
        GradeFilter,
        SegmentFilter,
        TotalFilter,
        OwnerFilter,
        OwnerNameFilter,
        ("lifecycle", ChoicesDropdownFilter),
        CountryFilter,
    )
    search_fields = ContactAdmin.search_fields
    list_before_template: Any = "scoring/leads_before.html"

    def get_list_filter(self, request: HttpRequest) -> Any:
        return [*self.list_filter, *FILTERS]

    def get_queryset(self, request: HttpRequest) -> Any:
        return visible(Lead.objects.on_track(chosen_track(request)), request)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Also who has no score: the page says why. Raises Http404."""
        try:
            pk = Lead._meta.pk.to_python(object_id)
        except ValidationError:
            pk = None
        found = visible(Lead.objects.select_related("company"), request).filter(pk=pk).first()
        if found is None or from_field:
            raise Http404
        return found

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["excluded", "-total", "pk"]

    def get_changelist(self, request: HttpRequest, **options: Any) -> Any:
        return LeadList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        track = chosen_track(request)
        context = {
            "subtitle": title_of(track) if track else None,
            **list_parts(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, extra_context=context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        try:
            lead: Any = self.get_object(request, unquote(object_id))
        except Http404:
            if pk := moved_to(request, unquote(object_id)):
                return HttpResponseRedirect(reverse("admin:scoring_lead_change", args=[pk]))
            raise
        chosen, day = chosen_track(request), asked_day(request)
        track = acting_track(chosen, lead.pk) if chosen else None
        context: dict[str, Any] = {"lead": lead, "track": track, "chosen": chosen, "day": day}
        if request.headers.get("HX-Target") == "lead-now":
            context |= self.explained(request, lead, track, day)
            return TemplateResponse(request, "scoring/lead_explained.html", context)
        is_large = track is not None and did_more_than(AT_ONCE, lead)
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "object": lead,
            "title": lead.full_name or lead.email,
            "may_see_contact": request.user.has_perm("contacts.view_contact"),
            "media": self.media,
            "input_classes": " ".join(INPUT_CLASSES),
            "is_large": is_large,
            **(self.framed(request, lead, track) if track else {}),
            **({} if is_large else self.explained(request, lead, track, day)),
            "sections": sections_of(lead, request),
            "parts": parts_of(lead, request),
            "part_scripts": SCRIPTS,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "scoring/lead.html", context)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.part_view)
        return [
            path("<int:contact_id>/<str:part>/part/", view, name="scoring_lead_part"),
            *super().get_urls(),
        ]

    def part_view(self, request: HttpRequest, contact_id: int, part: str) -> HttpResponse:
        """What the page of a lead asks for when it is there: each of bounded cost."""
        if not self.has_view_permission(request) or request.method != "GET":
            raise PermissionDenied
        lead: Any = self.get_object(request, str(contact_id))
        chosen = chosen_track(request)
        if part not in PARTS or chosen is None:
            raise Http404
        track = acting_track(chosen, lead.pk)
        context = {"lead": lead, "track": track, **PARTS[part](lead, track)}
        return TemplateResponse(request, f"scoring/lead_{part}.html", context)

    def framed(self, request: HttpRequest, lead: Lead, track: Track) -> dict[str, Any]:
        """What stays on the page while another day is looked at."""
        today = timezone.now().date()
        return {
            "tracks": [(each, title_of(each)) for each in tracks_of(request)],
            "today": today,
            "first_day": today - BACK,
            "last_day": today + AHEAD,
            "versions": choices(request, track),
            "under": request.GET.get(UNDER, ""),
            "history": history(lead.pk, track, request),
        }

    def explained(
        self, request: HttpRequest, lead: Lead, track: Track | None, day: date | None
    ) -> dict[str, Any]:
        """What is said of a day; None is now."""
        if track is None:
            return {"nothing": NO_MODEL}
        as_of = end_of(day) if day else None
        document = track.version.document_value
        explanation = explain(lead, document, as_of, ACTIVITIES_MOST, STEPS_MOST, AT_ONCE)
        return {
            "as_of": explanation.as_of,
            "is_past": explanation.as_of < timezone.now(),
            "known_since": explanation.known_since,
            "by_present_fields": explanation.by_present_fields,
            "next": what_happens_next(explanation),
            "compared": compared(request, lead, track, as_of, AT_ONCE),
            **of_result(explanation, track),
        }

    @column(_("lead"), ordering="last_name_norm", header=True)
    def person(self, lead: Contact) -> list[str]:
        return [lead.full_name, lead.email] if lead.full_name else [lead.email, ""]

    @column(_("score"), ordering="total")
    def score(self, lead: Any) -> str:
        return format_html_join(" ", "{}", ((part,) for part in [lead.badge, *lead.marks]))

    @column(_("grade"), ordering="grade")
    def grade_shown(self, lead: Any) -> str:
        return lead.grade or ""

    @column(_("why"))
    def why(self, lead: Any) -> str:
        return render_to_string("scoring/reasons.html", {"reasons": lead.reasons})

    @column(_("last change"), ordering="changed")
    def changed_shown(self, lead: Any) -> str:
        return moment(lead.changed)


def of_result(explanation: Explanation, track: Track) -> dict[str, Any]:
    result = explanation.result
    if result is None:
        document = track.version.document_value
        audience = sentence(document.audience, document.catalogue) if document.audience else ""
        text = gettext("Outside the audience of the model, so without a score: %(audience)s.")
        return {"nothing": text % {"audience": audience}}
    return {
        "headline": headline(result),
        "bars": bars(result),
        "groups": groups_shown(explanation, result),
        "band_name": band_name(result.band),
    }


def asked_day(request: HttpRequest) -> date | None:
    """The day that the address asks for; None is now. Says so where it is no day."""
    given = request.GET.get("as_of", "").strip()
    if not given:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError:
        text = gettext("“%(given)s” is no day; it must look like 2026-03-31. Shown is today.")
        messages.warning(request, text % {"given": given[:40]})
        return None

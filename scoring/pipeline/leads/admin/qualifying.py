"""A band by hand, on the page of a lead: given, ended, seen beside the computed one."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from contacts.admin.base import visible
from leadscoring.site import admin_page
from scoring.engine.admin.badges import band_name, shade
from scoring.engine.admin.more import lead_filter, lead_marks
from scoring.engine.admin.tracks import chosen_track
from scoring.engine.models import Track
from scoring.pipeline.leads.admin.deeds import Asked, Deed, deed, done, lead_for
from scoring.pipeline.leads.admin.forms import BandForm, LeadForm
from scoring.pipeline.leads.manual import ENDS, SETS, EndBand, ManualBand, Refused, SetBand

ANY = "any"
NONE = "none"


@deed
class Qualify(Deed):
    name: ClassVar[str] = "band"
    order: ClassVar[int] = 80
    title: ClassVar[str | Promise] = _("Qualify by hand")
    icon: ClassVar[str] = "approval"
    permission: ClassVar[str] = SETS
    button: ClassVar[str | Promise] = _("Give this band")

    def obstacle(self, asked: Asked) -> str:
        return "" if asked.track else gettext("No scoring model is live, so there are no bands.")

    def form(self, asked: Asked, data: Any = None) -> LeadForm:
        standing = standing_for(asked)
        form = BandForm(data, initial={"known": standing.pk if standing else None})
        band: Any = form.fields["band"]
        if asked.track:
            bands = asked.track.version.document_value.bands
            band.choices = [(each.name, each.name) for each in reversed(bands)]
        return form

    def context(self, asked: Asked, form: Any) -> dict[str, Any]:
        standing = standing_for(asked)
        return {"standing": standing, "may_end": asked.user.has_perm(ENDS)}

    def do(self, asked: Asked, form: Any) -> str:
        if asked.track is None:
            raise Refused(self.obstacle(asked))
        given = form.cleaned_data
        manual = SetBand(
            asked.lead,
            asked.track,
            given["band"],
            given["reason"],
            given["until"],
            asked.user,
            known=given["known"],
        ).execute()
        return gettext("“%(band)s” stands beside the computed band now.") % {"band": manual.band}


def standing_for(asked: Asked) -> ManualBand | None:
    if asked.track is None:
        return None
    found = ManualBand.objects.filter(contact=asked.lead.pk, model=asked.track.model_id)
    return found.in_force(timezone.now()).select_related("set_by").first()


@admin_page("scoring/lead/<int:contact_id>/band/<int:pk>/end/", "pipeline_lead_band_end")
def end_band(request: HttpRequest, contact_id: int, pk: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    asked = Asked(request, lead_for(request, contact_id))
    if not request.user.has_perm(ENDS):
        raise PermissionDenied
    manual = visible(ManualBand.objects.filter(contact=contact_id), request).filter(pk=pk).first()
    if manual is None:
        raise Http404
    try:
        EndBand(manual, asked.user).execute()
    except Refused as refused:
        return done(request, str(refused))
    return done(request, gettext("The band that was given by hand has ended."))


@lead_marks
def marks(leads: Collection[int], track: Track, request: HttpRequest) -> Mapping[int, str]:
    """The band by hand beside the score of each lead of the list."""
    if not request.user.has_perm("scoring.view_manualband"):
        return {}
    standing = ManualBand.objects.of_contacts(track.model, leads).in_force(timezone.now())
    return {manual.contact_id: mark(manual, track) for manual in standing.select_related("set_by")}


def mark(manual: ManualBand, track: Track) -> str:
    context = {"manual": manual, "shade": shade(manual.band, track.version.document_value)}
    return render_to_string("scoring/leads/mark.html", context)


@lead_filter
class ByHandFilter(DropdownFilter):
    title = _("band by hand")
    parameter_name = "by_hand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        track = chosen_track(request)
        if track is None or not request.user.has_perm("scoring.view_manualband"):
            return []
        bands = [band.name for band in reversed(track.version.document_value.bands)]
        named = [(f"band:{band}", band_name(band)) for band in bands]
        return [
            (ANY, pgettext_lazy("band by hand", "any")),
            (NONE, pgettext_lazy("band by hand", "none")),
            *named,
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        track, value = chosen_track(request), (self.value() or "").replace("\0", "")
        if track is None or not value:
            return queryset
        standing = ManualBand.objects.filter(model=track.model_id).in_force(timezone.now())
        if value.startswith("band:"):
            standing = standing.filter(band=value.removeprefix("band:"))
        rows = standing.values("contact")
        return queryset.exclude(pk__in=rows) if value == NONE else queryset.filter(pk__in=rows)

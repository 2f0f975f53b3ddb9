"""The lead pool: whom nobody looks after yet, the hottest first, taken by one click or key."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Max, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from contacts.admin.base import DIGITS_MOST, visible
from contacts.models import Assignment, Contact
from contacts.models.assignments import How
from contacts.models.teams import room_of
from contacts.normalise import normalise
from leadscoring.site import admin_page, sidebar_badge
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.segments import Segment
from scoring.engine.admin.leads import NO_MODEL, add_words
from scoring.engine.admin.tracks import chosen_track, title_of, tracks_of
from scoring.engine.leads import Lead, LeadQuerySet
from scoring.engine.models import Track
from scoring.pipeline.assigning.claiming import CLAIM, may_claim, who_was_faster, within_reach
from scoring.pipeline.feedback.models import Handover

AT_ONCE: Final = 40
SEARCHED: Final = (
    *("email_norm", "first_name_norm", "last_name_norm", "job_title_norm"),
    "company__name_norm",
)
# Beside the entry of the sidebar: more would say no more.
COUNTED_MOST: Final = 99


class PoolFilter(forms.Form):
    """What is typed and chosen above the pool; what makes no sense is told and asks nothing."""

    q = forms.CharField(
        label=_("Text"), required=False, max_length=200, widget=UnfoldAdminTextInputWidget()
    )
    band = forms.ChoiceField(label=_("Band"), required=False, widget=UnfoldAdminSelectWidget())
    country = forms.CharField(
        label=_("Country"),
        required=False,
        max_length=2,
        widget=UnfoldAdminTextInputWidget({"maxlength": 2, "placeholder": "ES"}),
    )
    segment = forms.ChoiceField(
        label=_("Segment"), required=False, widget=UnfoldAdminSelectWidget()
    )

    def __init__(self, request: HttpRequest, track: Track | None) -> None:
        super().__init__(request.GET)
        bands = [band.name for band in track.version.document_value.bands] if track else []
        fields: Any = self.fields
        every = [("", gettext("All"))]
        fields["band"].choices = [*every, *((name, name) for name in reversed(bands))]
        if request.user.has_perm("scoring.view_segment"):
            fields["segment"].choices = [*every, *Segment.objects.values_list("key", "name")]
        else:
            del self.fields["segment"]

    def narrow(self, leads: LeadQuerySet) -> LeadQuerySet:
        self.is_valid()
        asked = self.cleaned_data
        for word in normalise(asked.get("q", "")).split():
            leads = leads.filter(self.having(word))
        if asked.get("band"):
            leads = leads.filter(band=asked["band"])
        if asked.get("country"):
            leads = leads.filter(country_norm=normalise(asked["country"]))
        return self.in_segment(leads, asked.get("segment", ""))

    @staticmethod
    def having(word: str) -> Q:
        """Somewhere, in any case and with or without accents."""
        found = Q()
        for column in SEARCHED:
            found |= Q((f"{column}__contains", word))
        return found

    @staticmethod
    def in_segment(leads: LeadQuerySet, key: str) -> LeadQuerySet:
        segment = Segment.objects.filter(key=key).first() if key else None
        try:
            return segment.narrow(leads) if segment else leads
        except DocumentInvalid:
            return leads.none()


def pool_of(request: HttpRequest, track: Track | None) -> LeadQuerySet:
    """The leads that nobody owns, those apart that the model takes out of the scoring."""
    leads = Lead.objects.on_track(track).filter(owner_norm="", excluded=False)
    found: Any = visible(leads, request)
    return found.select_related("company")  # type: ignore[no-any-return]


@admin_page("pipeline/pool/", "pipeline_pool")
def pool(request: HttpRequest) -> HttpResponse:
    if not may_claim(request.user):
        raise PermissionDenied
    track = chosen_track(request)
    filters = PoolFilter(request, track)
    found = filters.narrow(pool_of(request, track)).hottest()
    page = Paginator(found, AT_ONCE).get_page(request.GET.get("page"))
    leads = list(page.object_list)
    if track is not None:
        add_words(leads, track)
        add_times(leads, track, timezone.now())
    context = {
        **site.each_context(request),
        "title": gettext("Lead pool"),
        "subtitle": title_of(track) if track else None,
        "tracks": [(each, title_of(each)) for each in tracks_of(request)],
        "track": track,
        "filters": filters,
        "is_narrowed": any(filters.cleaned_data.values()) if track else False,
        "page": page,
        "leads": leads,
        "nothing": "" if track else NO_MODEL,
        "room": room_of(request.user, timezone.now()),  # type: ignore[arg-type]
    }
    return TemplateResponse(request, "scoring/assigning/pool.html", context)


def add_times(leads: Sequence[Any], track: Track, now: datetime) -> None:
    """Since when each is in the pool, why it was given back, and until when sales answer."""
    ids = [lead.pk for lead in leads]
    lines = Assignment.objects.filter(contact__in=ids, owner="").order_by()
    newest = lines.values("contact").annotate(newest=Max("pk")).values("newest")
    returned = {
        line.contact_id: line
        for line in Assignment.objects.filter(pk__in=newest).select_related("by")
    }
    waiting = Handover.objects.waiting().filter(contact__in=ids, model=track.model_id)
    handed = {each.contact_id: each for each in waiting}
    for lead in leads:
        line = returned.get(lead.pk)
        lead.since = line.at if line else lead.stored_at
        lead.returned = line if line and line.how == How.RETURN else None
        handover = handed.get(lead.pk)
        lead.respond_by = handover.respond_by if handover else None
        lead.is_late = bool(lead.respond_by and lead.respond_by < now)


@admin_page("pipeline/pool/gone/", "pipeline_pool_gone")
def gone(request: HttpRequest) -> HttpResponse:
    """Of the leads that a page shows those that somebody has taken meanwhile, as their rows."""
    if not may_claim(request.user):
        raise PermissionDenied
    asked = request.GET.getlist("ids")
    ids = [int(each) for each in asked if each.isdecimal() and len(each) <= DIGITS_MOST]
    taken = within_reach(request.user).filter(pk__in=ids[:AT_ONCE]).exclude(owner_norm="")
    own = normalise(request.user.get_username())
    rows = [
        {"lead": lead, "told": told(lead, own), "is_won": lead.owner_norm == own}
        for lead in in_order(taken)
    ]
    return TemplateResponse(request, "scoring/assigning/gone.html", {"rows": rows})


def in_order(leads: Iterable[Contact]) -> list[Contact]:
    return sorted(leads, key=lambda lead: lead.pk)


def told(lead: Contact, own: str) -> str:
    if lead.owner_norm == own:
        return gettext("“%(lead)s” is yours now.") % {"lead": lead.full_name or lead.email}
    return who_was_faster(lead)


@sidebar_badge("admin:pipeline_pool")
def in_the_pool(request: HttpRequest) -> str | None:
    """How many wait there; counted no further than what says enough."""
    if not request.user.has_perm(CLAIM):
        return None
    track = chosen_track(request)
    counted = pool_of(request, track).order_by()[: COUNTED_MOST + 1].count() if track else 0
    return f"{COUNTED_MOST}+" if counted > COUNTED_MOST else str(counted) if counted else None

"""The first page, with who is hot: on top of what the records have to say."""

from typing import Any, Final

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from contacts.admin import home
from contacts.admin.base import visible
from contacts.admin.home import Figure, counted
from scoring.criteria.document import Band, ModelDocument
from scoring.engine.admin.home_blocks import blocks_of
from scoring.engine.admin.leads import add_words
from scoring.engine.admin.tracks import chosen_track, progress, title_of
from scoring.engine.leads import Lead
from scoring.engine.models import Track

HOTTEST: Final = 5
ICONS: Final = ("local_fire_department", "wb_sunny")


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What templates/admin/index.html shows; Unfold calls it by the name in the settings."""
    context = {**home.dashboard(request, context), "blocks": blocks_of(request)}
    if not request.user.has_perm("scoring.view_lead"):
        return context
    track = chosen_track(request)
    if track is None:
        return {**context, "needs_model": not context["is_empty"]}
    leads: Any = visible(Lead.objects.on_track(track), request)
    hottest = list(leads.hottest().select_related("company")[:HOTTEST])
    add_words(hottest, track)
    return {
        **context,
        "figures": [*band_figures(leads, track), *context["figures"]],
        "hottest": hottest,
        "track_title": title_of(track),
        "progress": progress(track),
    }


def band_figures(leads: Any, track: Track) -> list[Figure]:
    """How many are in the hottest band, and in the one below it."""
    document = track.version.document_value
    address = reverse("admin:scoring_lead_changelist")
    return [
        Figure(
            gettext("Leads that are %(band)s") % {"band": band.name},
            counted(leads.filter(within(band, document))),
            url=f"{address}?{urlencode({'band': band.name})}",
            icon=icon,
        )
        for band, icon in zip(reversed(document.bands), ICONS, strict=False)
    ]


def within(band: Band, document: ModelDocument) -> Q:
    """By the total and not by the band's name: so an index counts them."""
    found = Q(excluded=False)
    if band.start is not None:
        found &= Q(total__gte=band.start)
    above = document.bands[document.bands.index(band) + 1 :]
    return found & Q(total__lt=above[0].start) if above else found

"""The page of a lead says that it takes part in a pilot, and by which version it is scored."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from scoring.engine.admin.more import Place, lead_part
from scoring.engine.admin.tracks import chosen_track
from scoring.engine.leads import Lead
from scoring.engine.pilots.models import PilotMember


@lead_part(Place.HEAD, 60)
def in_pilot(lead: Lead, request: HttpRequest) -> str | SafeString:
    """Nothing, and no query, while no pilot runs beside the live version."""
    track = chosen_track(request)
    if track is None or track.pilot is None:
        return ""
    places = PilotMember.objects.filter(contact=lead.pk, pilot__track=track.pilot)
    place = places.select_related("pilot").first()
    if place is None:
        return ""
    acting = track.pilot if place.acts else track
    context = {"place": place, "version": acting.version}
    return render_to_string("scoring/pilots/lead.html", context, request)

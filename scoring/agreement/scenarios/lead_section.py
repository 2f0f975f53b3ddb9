"""What scenarios add to the page of a lead: make one of it."""

from django.http import HttpRequest
from django.utils.translation import gettext

from contacts.admin.base import Section, page_of
from scoring.agreement.admin.hub import address_of
from scoring.agreement.scenarios.page import may_change
from scoring.criteria.drafts import DraftScenario
from scoring.engine.admin.more import lead_section
from scoring.engine.admin.tracks import chosen_track
from scoring.engine.leads import Lead


@lead_section
def make_scenario(lead: Lead, request: HttpRequest) -> Section | None:
    track = chosen_track(request)
    if track is None or not may_change(request, track.model):
        return None
    return Section(
        parameter="scenario",
        title=gettext("Scenario"),
        headers=[],
        page=page_of(DraftScenario.objects.none(), request, "scenario"),
        rows=[],
        empty=gettext(
            "Is this a typical lead? Make a scenario of it: every later version must then give "
            "somebody like this the band that you expect."
        ),
        add_url=address_of("scenarios", track.model, "from", lead.pk),
        add_label=gettext("Make a scenario of this contact"),
    )

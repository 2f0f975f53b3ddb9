"""What automations add to the page of a lead: its crossings, and what was done for each."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from contacts.admin.base import Section, page_of, visible
from contacts.admin.sections import moment
from scoring.automations.admin.crossings import movement_of, with_runs
from scoring.automations.models import Crossing
from scoring.engine.admin.more import lead_section
from scoring.engine.leads import Lead


@lead_section
def crossings(lead: Lead, request: HttpRequest) -> Section | None:
    if not request.user.has_perm("scoring.view_crossing"):
        return None
    found = with_runs(visible(Crossing.objects.filter(contact=lead), request)).order_by("-at", "pk")
    page = page_of(found, request, "crossings")
    return Section(
        parameter="crossings",
        title=gettext("Automations"),
        headers=[
            gettext("when"),
            gettext("automation"),
            gettext("total"),
            gettext("what was done"),
        ],
        page=page,
        rows=[
            [
                format_html(
                    '<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>',
                    reverse("admin:scoring_crossing_change", args=[crossing.pk]),
                    moment(crossing.at),
                ),
                crossing.automation.name,
                movement_of(crossing),
                render_to_string("scoring/automations/outcome.html", {"crossing": crossing}),
            ]
            for crossing in page
        ],
        empty=gettext("No automation has gone off for this lead yet."),
    )

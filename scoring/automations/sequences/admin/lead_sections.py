"""What sequences add to the page of a lead: which it is in, at which step, and which it left."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from contacts.admin.base import Section, page_of, visible
from contacts.admin.sections import moment
from scoring.automations.sequences.admin.people import state_shown
from scoring.automations.sequences.enrolments import Enrolment
from scoring.engine.admin.more import lead_section
from scoring.engine.leads import Lead


@lead_section
def sequences(lead: Lead, request: HttpRequest) -> Section | None:
    if not request.user.has_perm("scoring.view_sequence"):
        return None
    found = visible(Enrolment.objects.filter(contact=lead), request)
    page = page_of(found.select_related("sequence", "step").order_by("-pk"), request, "sequences")
    return Section(
        parameter="sequences",
        title=gettext("Sequences"),
        headers=[
            gettext("since"),
            gettext("sequence"),
            gettext("state"),
            gettext("next step"),
            gettext("when"),
        ],
        page=page,
        rows=[
            [
                moment(enrolment.started_at),
                format_html(
                    '<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>',
                    reverse("admin:scoring_sequence_people", args=[enrolment.sequence_id]),
                    enrolment.sequence,
                ),
                state_shown(enrolment),
                str(enrolment.step) if enrolment.step else "",
                moment(enrolment.next_at or enrolment.ended_at or enrolment.started_at),
            ]
            for enrolment in page
        ],
        empty=gettext("This lead has been in no sequence yet."),
    )

"""The chore of reports by e-mail."""

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import Backlog, chore
from scoring.reports.mailing.models import CHORE, ReportRun
from scoring.reports.mailing.sending import begin_due, carry_on


def sendings_open() -> Backlog:
    found = ReportRun.objects.free(timezone.now()).order_by()
    return Backlog(**found.aggregate(count=Count("pk"), oldest=Min("begun_at")))


@chore(CHORE, every=30, title=_("Reports by e-mail"), backlog=sendings_open)
def send_reports() -> int:
    """How many reports were sent: those that came round, and those that waited to be worked out."""
    begin_due(timezone.now())
    return carry_on(timezone.now)

"""The chore of handovers: first attempts are noted, and reminders go off."""

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import Backlog, chore
from scoring.pipeline.feedback.attempts import note_attempts
from scoring.pipeline.feedback.escalating import go_off
from scoring.pipeline.feedback.models import Alarm


def reminders_due() -> Backlog:
    due = Alarm.objects.due(timezone.now()).order_by()
    return Backlog(**due.aggregate(count=Count("pk"), oldest=Min("due_at")))


@chore("handovers", every=30, title=_("Reminders of handovers"), backlog=reminders_due)
def remind_of_handovers() -> int:
    """Note who was reached, then tell people what waits for them or is overdue."""
    return note_attempts() + go_off()

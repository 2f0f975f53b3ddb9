"""The chore of sequences, and the follower that has people leave."""

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import Backlog, chore
from scoring.automations.sequences import follow
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.models import SEQUENCES
from scoring.automations.sequences.stepping import do_due

__all__ = ["follow"]


def steps_due() -> Backlog:
    due = Enrolment.objects.due(timezone.now()).order_by()
    return Backlog(**due.aggregate(count=Count("pk"), oldest=Min("next_at")))


@chore(SEQUENCES, every=15, title=_("Steps of sequences"), backlog=steps_due)
def do_the_steps_that_are_due() -> int:
    """Send the e-mails and make the tasks of sequences whose time has come."""
    return do_due()

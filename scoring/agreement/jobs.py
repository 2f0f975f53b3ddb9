"""The chores of the agreement: what happens at a set time, or once all is computed."""

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import Backlog, chore
from scoring.agreement.aftermath import settle_what_is_computed
from scoring.agreement.going_live import bring_live_what_is_due
from scoring.agreement.planned import GoingLive
from scoring.agreement.reviews import due_reviews, remind
from scoring.agreement.workshop.work import go_on_with_tables

__all__ = ["go_on_with_tables"]


def versions_due() -> Backlog:
    due = GoingLive.objects.waiting().filter(due_at__lte=timezone.now()).order_by()
    return Backlog(**due.aggregate(count=Count("pk"), oldest=Min("due_at")))


@chore("going live", every=60, title=_("Versions to be brought live"), backlog=versions_due)
def due_go_lives() -> int:
    """Bring the agreed versions live whose time has come."""
    return bring_live_what_is_due()


@chore("after going live", every=15)
def settle_goings_live() -> int:
    """Count what going live has set off, and hand it over where that was confirmed."""
    return settle_what_is_computed()


@chore("reviews", every=600)
def remind_of_reviews() -> int:
    """Remind both sides of a review that is due."""
    return remind() if due_reviews().exists() else 0

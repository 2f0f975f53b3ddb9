"""The chore of the outbox: sends what is due."""

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import Backlog, chore
from scoring.automations.outbox.delivery import dispatch
from scoring.automations.outbox.messages import OUTBOX, Message


def messages_due() -> Backlog:
    due = Message.objects.filter(state=Message.State.PENDING, next_at__lte=timezone.now())
    return Backlog(**due.order_by().aggregate(count=Count("pk"), oldest=Min("next_at")))


@chore(OUTBOX, every=5, title=_("Messages to be sent"), backlog=messages_due)
def send_what_is_due() -> int:
    """Send messages for some seconds, those first that are due for longest."""
    return dispatch()

"""The chores of the outbox: send what is due."""

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.chores import Backlog, chore
from scoring.automations.outbox.claims import due
from scoring.automations.outbox.delivery import dispatch, dispatch_files
from scoring.automations.outbox.messages import OUTBOX, OUTBOX_FILES


def backlog(*, long: bool) -> Backlog:
    rows = due(timezone.now(), long=long).order_by()
    return Backlog(**rows.aggregate(count=Count("pk"), oldest=Min("next_at")))


def messages_due() -> Backlog:
    return backlog(long=False)


def letters_with_files_due() -> Backlog:
    return backlog(long=True)


@chore(OUTBOX, every=5, title=_("Messages to be sent"), backlog=messages_due)
def send_what_is_due() -> int:
    """Send messages for some seconds, those first that are due for longest."""
    return dispatch()


@chore(OUTBOX_FILES, every=5, title=_("Letters with files"), backlog=letters_with_files_due)
def send_letters_with_files() -> int:
    """Make the files of letters and send them, one after the other."""
    return dispatch_files()

"""A salesperson has reached for a lead: noted as an activity, and as the first attempt in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Contact, Note
from contacts.provenance import recorded_as
from contacts.records import ActivityRecord, Property
from contacts.storing import store_activities
from scoring.pipeline.calls.models import CallEntry
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.manual import Refused

SOURCE: Final = "lead page"
# The clocks of two machines differ a little.
AHEAD_MOST: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class NoteContact:
    """``kind``: the type of activity. ``token`` is the same for a click that comes twice.

    The score is made anew by whoever shows it: see ``refresh_at_once``.
    """

    contact: Contact
    user: User
    kind: str
    at: datetime
    token: str
    result: str = ""
    minutes: int | None = None
    text: str = ""

    def check(self) -> None:
        """Raises Refused."""
        if self.at > timezone.now() + AHEAD_MOST:
            raise Refused(_("This is still to come. For what is planned, add a task."))

    def execute(self) -> None:
        self.check()
        with transaction.atomic(), recorded_as(f"admin: {self.user.get_username()}"):
            # Of two clicks at once the second waits here, and finds the activity.
            rows = Contact.objects.select_for_update(no_key=True)
            contact = rows.get(pk=self.contact.pk)
            if store_activities([self.record(contact)]).created:
                Handover.objects.respond([contact.pk], self.at)
                if text := self.text.strip():
                    Note.objects.create(contact=contact, text=text, author=self.user)

    def record(self, contact: Contact) -> ActivityRecord:
        return ActivityRecord(
            contact=contact.email,
            type=self.kind,
            occurred_at=self.at,
            properties=self.properties(),
            source=SOURCE,
            external_id=self.token,
        )

    def properties(self) -> dict[str, Property]:
        found: dict[str, Property] = {"by": self.user.get_username()}
        if self.result:
            found |= {"result": self.result, "answered": self.result in CallEntry.ANSWERED}
        return found | ({"minutes": self.minutes} if self.minutes is not None else {})

"""One person writes to one lead: variables are filled in, and the outbox sends it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Contact
from contacts.models.teams import name_of, person_for_owner
from scoring.automations.outbox.letters import letter
from scoring.automations.outbox.messages import Message, one_line, why_not
from scoring.automations.outbox.personal import OwnerCard
from scoring.automations.texts import HOLE, Template, faults_of, parted
from scoring.automations.unsubscribe import unsubscribe_link
from scoring.automations.values import values_of
from scoring.engine.models import Score
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.manual import Refused

LEAVING: Final = "unsubscribe.link"
MEETING: Final = "owner.meeting_link"


def key_for(contact_id: int, token: str) -> str:
    """Of the message that brings a letter."""
    return f"o:{contact_id}:{token}"


@dataclass(frozen=True)
class Letter:
    """What a person has written, for one contact; nothing is stored by it."""

    contact: Contact
    user: User
    subject: str
    text: str
    token: str

    @property
    def key(self) -> str:
        return key_for(self.contact.pk, self.token)

    @cached_property
    def owner(self) -> User:
        """Whose name and links the variables give: whoever writes where the owner cannot."""
        return person_for_owner(self.contact.owner) or self.user

    @cached_property
    def meeting_link(self) -> str:
        return OwnerCard.objects.of(self.owner).meeting_link

    @cached_property
    def values(self) -> dict[str, str]:
        scores = Score.objects.acting().filter(contact=self.contact)
        score = scores.select_related("track__model").order_by("track").first()
        found = values_of(self.contact, score, score.track.model.name if score else "", "")
        return found | {
            "owner.name": name_of(self.owner),
            "owner.email": self.owner.email,
            MEETING: self.meeting_link,
            LEAVING: unsubscribe_link(self.contact, self.key),
        }

    def faults(self) -> list[str]:
        """What must be put right before it can go, in words."""
        found = [*faults_of(self.subject), *faults_of(self.text)]
        if not one_line(self.filled(self.subject)) and not found:
            found.append(_("The subject is empty."))
        if not self.text.strip():
            found.append(_("The text is empty."))
        holes = [parted(hole) for hole in HOLE.findall(self.subject + self.text)]
        if (MEETING, "") in holes and not self.meeting_link:
            said = _("%(owner)s has no meeting link; it belongs on the owner's card.")
            found.append(said % {"owner": name_of(self.owner)})
        return found

    def empty(self) -> list[str]:
        """Variables that have no value for this contact, and nothing that stands for it."""
        holes = [parted(hole) for hole in HOLE.findall(self.subject + self.text)]
        return sorted(
            {name for name, other in holes if name in self.values and not self.values[name]}
            - {name for name, other in holes if other}
        )

    def filled(self, text: str) -> str:
        return Template(text).render(self.values)

    def body(self) -> dict[str, object]:
        leaves = LEAVING in Template(self.text).variables
        return letter(
            self.contact,
            self.filled(self.text),
            unsubscribe_url=self.values[LEAVING] if leaves else "",
            sender=self.user,
        )


@dataclass(frozen=True)
class SendLetter:
    """Into the outbox, once for each token; it counts as the first attempt to reach the lead."""

    letter: Letter
    # How later activities name it: the template that it began with.
    target: str = ""

    def check(self) -> None:
        """Raises Refused."""
        if reason := why_not(self.letter.contact):
            raise Refused(reason)
        if not self.letter.user.email:
            raise Refused(
                _("You have no e-mail address, so no answer would reach you. Ask for one first.")
            )
        if faults := self.letter.faults():
            raise Refused(" ".join(faults))

    def execute(self) -> Message:
        with transaction.atomic():
            # Read again under a lock: they may just be saying no to e-mails.
            rows = Contact.objects.select_for_update(no_key=True)
            contact = rows.get(pk=self.letter.contact.pk)
            letter = Letter(
                contact, self.letter.user, self.letter.subject, self.letter.text, self.letter.token
            )
            SendLetter(letter).check()
            message = Message.objects.post(
                key=letter.key,
                channel="email",
                recipient=contact.email,
                subject=letter.filled(letter.subject),
                body=letter.body(),
                contact=contact,
                target=self.target[:255],
            )
            Handover.objects.respond([contact.pk], timezone.now())
        return message

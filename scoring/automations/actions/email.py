"""A one-to-one e-mail to the contact, from its owner, who gets the answer."""

from dataclasses import dataclass
from typing import Final, Self

from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from contacts.models.teams import person_for_owner
from scoring.automations.actions.base import Action, ActionForm, Impossible, Occasion, register
from scoring.automations.outbox.letters import letter
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import OwnerCard
from scoring.automations.texts import HOLE, Template, TemplateField, parted, read_template
from scoring.automations.unsubscribe import unsubscribe_link
from scoring.criteria.faults import Node

LINK: Final = "owner.meeting_link"
LEAVING: Final = "unsubscribe.link"


class EmailForm(ActionForm):
    subject = TemplateField(
        label=gettext_lazy("Subject"), max_length=200, widget=UnfoldAdminTextInputWidget
    )
    text = TemplateField(
        label=gettext_lazy("Text"),
        help_text=gettext_lazy(
            "The signature of the owner's card is added. {{ owner.meeting_link }} is where a "
            "meeting can be booked."
        ),
        widget=UnfoldAdminTextareaWidget,
    )


@register
@dataclass(frozen=True, slots=True)
class Email(Action):
    kind = "email"
    title = gettext_lazy("Send the contact an e-mail from its owner")
    icon = "mail"
    form = EmailForm

    subject: Template
    text: Template

    @classmethod
    def read(cls, node: Node) -> Self:
        fields = node.fields(required=["subject", "text"])
        found = {name: read_template(child) for name, child in fields.items()}
        empty = Template("")
        return cls(found.get("subject", empty), found.get("text", empty))

    def data(self) -> dict[str, object]:
        return {"subject": self.subject.text, "text": self.text.text}

    def sentence(self) -> str:
        said = _("send the contact the e-mail “%(subject)s” from its owner")
        return said % {"subject": self.subject.text}

    def run(self, occasion: Occasion) -> str:
        contact = occasion.contact
        owner = person_for_owner(contact.owner)
        if owner is None:
            raise Impossible(_("The contact has no owner from whom it could come."))
        leaving = unsubscribe_link(contact, occasion.key) if self.offers_leaving else ""
        values = {**occasion.values, LINK: self.link_of(owner), LEAVING: leaving}
        mark = _("[Test] ") if occasion.is_test else ""
        message = Message.objects.post(
            key=occasion.key,
            channel="email",
            # A test is undone; were it ever not, it must not reach the contact.
            recipient=owner.email if occasion.is_test else contact.email,
            subject=mark + self.subject.render(values),
            body=letter(contact, mark + self.text.render(values), unsubscribe_url=leaving),
            contact=contact,
            crossing=occasion.crossing,
        )
        if message.state == Message.State.CANCELLED:
            return _("Not sent: %(reason)s") % {"reason": message.last_error}
        return _("The e-mail to %(recipient)s is in the outbox.") % {"recipient": contact.email}

    @property
    def offers_leaving(self) -> bool:
        """Then mail programs show a button for unsubscribing too."""
        return LEAVING in self.text.variables

    def link_of(self, owner: User) -> str:
        """Raises Impossible where the texts need a link and there is none."""
        link = OwnerCard.objects.of(owner).meeting_link
        holes = HOLE.findall(self.subject.text + self.text.text)
        if not link and (LINK, "") in map(parted, holes):
            problem = _("%(owner)s has no meeting link; it belongs on the owner's card.")
            raise Impossible(problem % {"owner": owner})
        return link

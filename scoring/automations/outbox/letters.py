"""What an e-mail to a contact is made of; the channel `email` sends what stands here."""

from django.contrib.auth.models import User

from contacts.models import Contact
from contacts.models.teams import person_for_owner
from scoring.automations.outbox.personal import OwnerCard


def letter(
    contact: Contact, text: str, *, unsubscribe_url: str = "", sender: User | None = None
) -> dict[str, object]:
    """The body of a message from ``sender``, or else the contact's owner: with their name,
    address and signature.

    With ``unsubscribe_url`` the mail gets the headers for unsubscribing at one click; the text
    must name the address itself.
    """
    owner = sender or person_for_owner(contact.owner)
    signature = OwnerCard.objects.of(owner).signature.strip()
    return {
        "text": f"{text.rstrip()}\n\n-- \n{signature}\n" if signature else text,
        "from_name": (owner.get_full_name() or owner.get_username()) if owner else "",
        "reply_to": owner.email if owner else "",
        **({"unsubscribe_url": unsubscribe_url} if unsubscribe_url else {}),
    }
